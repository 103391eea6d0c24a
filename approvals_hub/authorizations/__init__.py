"""One call before any risky action."""
