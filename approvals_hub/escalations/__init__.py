"""Escalations: one question to people about one exact action."""
