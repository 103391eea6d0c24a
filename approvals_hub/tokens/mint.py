"""Signs tokens with the hub's active key and checks its own ones when they come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.keys.key import TOKEN
from approvals_hub.keys.ring import KeyRing
from approvals_hub.tokens.token import Allowed, Subject, allowed_claims, approval_claims, outcome_claims, proof_claims
from approvals_hub_client import paseto
from approvals_hub_client.canonical import dumps

SKEW = SECOND
"""How far the clocks of two processes of one hub may differ, in milliseconds: a token minted by one is not "not valid
yet" at the other. The row's `valid_until` and one redemption limit the token itself."""


@dataclass(frozen=True, slots=True)
class Mint:
    """The one place where the hub signs what others will rely on."""

    ring: KeyRing
    clock: Clock
    issuer: str

    def approval(
        self,
        subject: Subject,
        *,
        jti: str,
        valid_until: int,
        approval: dict[str, Any],
        thumbprint: str | None,
    ) -> str:
        """A fresh approval token. All tokens of one `jti` are spent by the first redemption."""
        now = self.clock.now()
        key = self.ring.signer(TOKEN, now)
        claims = approval_claims(
            subject,
            kid=key.kid,
            jti=jti,
            now=now,
            valid_until=valid_until,
            approval=approval,
            thumbprint=thumbprint,
        )
        return self._sign(key.seed, key.kid, claims, paseto.APPROVAL)

    def outcome(
        self,
        subject: Subject,
        *,
        outcome: str,
        by: str | None,
        cause: str | None,
        ended_at: int,
        statement_hashes: list[str],
    ) -> str:
        """How a question ended."""
        now = self.clock.now()
        key = self.ring.signer(TOKEN, now)
        claims = outcome_claims(
            subject,
            kid=key.kid,
            now=now,
            outcome=outcome,
            by=by,
            cause=cause,
            ended_at=ended_at,
            statement_hashes=statement_hashes,
        )
        return self._sign(key.seed, key.kid, claims, paseto.OUTCOME)

    def proof(
        self,
        approval: dict[str, Any],
        *,
        jti: str,
        now: int,
        owner_id: str,
        trust_profile: str | None,
        prev: Sequence[str] = (),
        rule_id: str | None = None,
    ) -> str:
        """The proof of a redemption, which relied on the proofs with the hashes `prev`."""
        key = self.ring.signer(TOKEN, now)
        claims = proof_claims(
            approval,
            kid=key.kid,
            jti=jti,
            now=now,
            owner_id=owner_id,
            trust_profile=trust_profile,
            prev=prev,
            rule_id=rule_id,
        )
        return self._sign(key.seed, key.kid, claims, paseto.PROOF)

    def allowed(self, allowed: Allowed, *, jti: str, expires_at: int) -> str:
        """The proof of an action that policies allow without people."""
        now = self.clock.now()
        key = self.ring.signer(TOKEN, now)
        claims = allowed_claims(allowed, issuer=self.issuer, kid=key.kid, jti=jti, now=now, expires_at=expires_at)
        return self._sign(key.seed, key.kid, claims, paseto.PROOF)

    def open_approval(self, token: str, now: int, *, late: int = 0) -> dict[str, Any]:
        """The claims of an approval token of this hub. Raises BadToken for anything else, an expired one included.

        `late` takes one that has expired up to so many milliseconds ago.
        """
        return paseto.decode(
            self.ring.trusted(now),
            token,
            implicit=paseto.APPROVAL,
            audience=None,
            now=now,
            purpose="approval",
            issuer=self.issuer,
            leeway=max(SKEW, late),
        )

    def open_proof(self, token: str, now: int, audience: str | None) -> dict[str, Any]:
        """The claims of a proof token of this hub. Raises BadToken for anything else, an expired one included."""
        keys = self.ring.trusted(now)
        return paseto.decode(
            keys, token, implicit=paseto.PROOF, audience=audience, now=now, issuer=self.issuer, leeway=SKEW
        )

    @staticmethod
    def warm_up() -> None:
        """Load what the first token needs, off the event loop and before anybody waits for it."""
        paseto.warm_up()

    @staticmethod
    def _sign(seed: bytes | None, kid: str, claims: dict[str, Any], implicit: bytes) -> str:
        assert seed is not None
        return paseto.sign(seed, kid, dumps(claims), implicit=implicit)
