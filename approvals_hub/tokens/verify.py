"""Says whether a proof token is valid and what it states; writes nothing and spends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import Clock
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.redeem import hash_of
from approvals_hub_client.assurance import NOTHING, Proven
from approvals_hub_client.paseto import BadToken


@dataclass(frozen=True, slots=True)
class Verification:
    """`reason` says what is wrong with an invalid token, `code` says it in one word; its claims are not shown."""

    valid: bool
    code: str | None
    reason: str | None
    claims: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class VerifyProof:
    """Verifies proof tokens of this hub, and no other kind: an approval token is never a proof."""

    mint: Mint
    clock: Clock

    def __call__(
        self, token: str, *, audience: str | None, action: dict[str, Any] | None, proven: Proven = NOTHING
    ) -> Verification:
        """Verify; `action` is compared by its hash, and everybody who approved must have `proven` so much.

        Raises Invalid where the action has no canonical form.
        """
        expected = None if action is None else hash_of(action)
        try:
            claims = self.mint.open_proof(token, self.clock.now(), audience)
        except BadToken as error:
            return Verification(False, error.reason, str(error), None)
        if expected is not None and claims["action_hash"] != expected:
            return Verification(False, "action", "the token was made for another action", None)
        lacking = proven.lacking(claims)
        if lacking is not None:
            return Verification(False, lacking.reason, lacking.message, None)
        return Verification(True, None, None, claims)
