"""Decisions: an approver's signed answer, and what several of them amount to."""
