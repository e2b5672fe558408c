"""Who is calling (credentials, signatures) and what they may do (policies)."""
