"""Policies: YAML decides whether an action is allowed, denied, or needs people."""
