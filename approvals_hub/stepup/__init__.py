"""Proving who one is: invitations, keys and passkeys, sessions, and fresh factors."""
