"""Policies: YAML decides whether an action is allowed, denied, or needs people. Pure: nothing here reads or writes."""
