"""Ratios and soaks of what is in src, which is no installed package: so it is on the path here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
