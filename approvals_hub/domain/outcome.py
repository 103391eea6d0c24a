"""How an escalation ends, and the states of the token that an approval makes ready."""

from __future__ import annotations

from typing import Final

OPEN: Final = "open"
APPROVED: Final = "approved"
DENIED: Final = "denied"
NOT_ME: Final = "not_me"
EXPIRED_SEEN: Final = "expired_seen"
EXPIRED_UNSEEN: Final = "expired_unseen"
UNDELIVERABLE: Final = "undeliverable"
WITHDRAWN: Final = "withdrawn"
SUPERSEDED: Final = "superseded"

OUTCOMES: Final = frozenset(
    {APPROVED, DENIED, NOT_ME, EXPIRED_SEEN, EXPIRED_UNSEEN, UNDELIVERABLE, WITHDRAWN, SUPERSEDED}
)
"""Final: an escalation that has one never changes it again. Only `approved` lets the agent act."""

READY: Final = "ready"
REDEEMED: Final = "redeemed"
REVOKED: Final = "revoked"
EXPIRED: Final = "expired"

TOKEN_STATES: Final = frozenset({READY, REDEEMED, REVOKED, EXPIRED})
"""What comes after approval acts on the token alone."""


def expired(seen_at: int | None) -> str:
    """The outcome of a question that nobody answered in time."""
    return EXPIRED_UNSEEN if seen_at is None else EXPIRED_SEEN
