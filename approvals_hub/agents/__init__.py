"""Agents: whoever asks. Their invitations, keys and how a request proves which one it is."""
