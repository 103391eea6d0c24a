"""Signing keys as nouns: when one may sign, and when what it signed still counts."""

from __future__ import annotations

import msgspec

from approvals_hub.core.discreet import Discreet
from approvals_hub_client.keys import Ed25519Key

TOKEN = "token"  # noqa: S105 - the name of a purpose
LOG = "log"

OVERLAP = 2 * 3_600_000
"""How long a retired token key still verifies, in milliseconds: longer than the longest life of what it signed."""


class SigningKey(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 key of the hub. `seed` is None in a copy that carries no signing keys."""

    not_printed = ("seed",)

    kid: str
    purpose: str
    public: Ed25519Key
    seed: bytes | None = None
    created_at: int
    active_from: int
    retired_at: int | None = None
    valid_until: int | None = None
    compromised_at: int | None = None

    def __repr__(self) -> str:
        """Name the key; its private half is never printed."""
        return f"<{self.purpose} key {self.kid}>"

    def may_sign(self, now: int) -> bool:
        """Whether new tokens may carry this key."""
        return (
            self.seed is not None
            and self.active_from <= now
            and (self.retired_at is None or now < self.retired_at)
            and self.compromised_at is None
        )

    def verifies(self, now: int) -> bool:
        """Whether what this key signed counts now, without further evidence.

        A compromised key verifies nothing by itself: its proofs need an inclusion proof from before.
        """
        return self.compromised_at is None and (self.valid_until is None or now < self.valid_until)
