"""Tokens: a permission once (approval), evidence (proof), and how a question ended (outcome)."""
