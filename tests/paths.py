"""Where the project is, for tests that read its files or start its commands."""

from pathlib import Path

PROJECT = Path(__file__).parents[1]
