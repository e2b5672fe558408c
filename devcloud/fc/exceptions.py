"""The errors of Function Compute, and of what describes a function to it."""


class InvalidSpec(ValueError):
    """s.yaml is missing something, or says something that devcloud does not emulate."""
