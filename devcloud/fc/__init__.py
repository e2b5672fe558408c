"""Function Compute 3.0: the function of s.yaml, its triggers, and the Python runtimes."""
