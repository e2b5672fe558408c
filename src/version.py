"""The version that every log line has; deploy/build.py writes it into the package."""

VERSION = "unbuilt"
