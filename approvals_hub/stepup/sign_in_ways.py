"""The ways to sign in with an identity provider that this hub offers, and what an attempt keeps sealed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import HUB
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.sign_in_attempt import Attempt, Proven
from approvals_hub.stepup.sign_in_way import SignInWay
from approvals_hub.stepup.step_up import Kept
from identity.proof import Factor

ANYBODY = Factor({}, lambda subject: True)
"""Nobody is known yet: whoever proves themselves is looked up afterwards."""


@dataclass(frozen=True, slots=True)
class SignInWays:
    """Knows the ways; seals what their providers remember with the hub's own key."""

    ways: Mapping[str, SignInWay]
    methods: Methods

    def list(self) -> list[SignInWay]:
        """All of them, in the order of the settings."""
        return list(self.ways.values())

    async def seal_kept_in(self, tx: Tx, attempt_id: str, kept: Kept | Proven) -> bytes:
        """Seal it for this one attempt."""
        return await self.methods.vault.seal_in(tx, HUB, msgspec.json.encode(kept), _context(attempt_id, kept))

    async def kept_in(self, tx: Tx, attempt: Attempt) -> Kept:
        """What a running attempt keeps."""
        assert attempt.sealed is not None
        place = _context(attempt.id, None)
        return msgspec.json.decode(await self.methods.vault.unseal_in(tx, HUB, attempt.sealed, place), type=Kept)

    async def proven_in(self, tx: Tx, attempt: Attempt) -> Proven:
        """What a proven attempt keeps."""
        assert attempt.sealed is not None
        place = f"sign-in-proof:{attempt.id}"
        return msgspec.json.decode(await self.methods.vault.unseal_in(tx, HUB, attempt.sealed, place), type=Proven)


def _context(attempt_id: str, kept: Kept | Proven | None) -> str:
    return f"sign-in-proof:{attempt_id}" if isinstance(kept, Proven) else f"sign-in:{attempt_id}"
