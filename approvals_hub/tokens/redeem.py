"""An executor spends an approval token, once, and reports what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, Clock, to_text
from approvals_hub.core.errors import HubError, Invalid, Unauthenticated, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.keys.epoch import Epoch
from approvals_hub.policies.consult import Asker, denied_by_now_in, trust_in
from approvals_hub.tokens import store
from approvals_hub.tokens.counterparty import Handed, read_proofs
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.possession import Redemption, refuse_unproven_in
from approvals_hub.tokens.rely import Rely
from approvals_hub.tokens.spendable import of_row, spent_conflict, why_not
from approvals_hub.tokens.token import PROOF_LIFE
from approvals_hub.tokens.trusted_hub_store import give_proofs_back
from approvals_hub_client.canonical import CanonicalError, dumps, sha256_text
from approvals_hub_client.paseto import BadToken
from approvals_hub_client.proof import proof_hash

REPEAT_LIFE = DAY
"""How long the winner of a token gets its answer again, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What the winner gets, also when it asks again with the same idempotency key."""

    jti: str
    escalation_id: str
    redeemed_at: int
    proof_token: str = field(repr=False)
    proof_expires_at: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class Redeem:
    """Spends a token if the agent, the people, the devices and this copy of the database still stand."""

    db: Database
    mint: Mint
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]
    rely: Rely

    async def __call__(self, redemption: Redemption) -> Redeemed:
        """Redeem. Raises Unauthenticated (token or pop), Invalid (other audience or action, a counterparty's proof
        that does not hold), Conflict with the cause.

        The winner gets the same answer again for a day, also when the token has expired meanwhile: an executor that
        was killed in between learns that it may act.
        """
        claims, expired = self.open(redemption.token)
        if redemption.audience != claims["aud"]:
            raise mismatch("audience", "the token was made for another audience")
        action_hash = hash_of(redemption.action)
        if action_hash != claims["action_hash"]:
            raise mismatch("action", "the token was made for another action")
        handed = read_proofs(redemption.counterparty_proofs)
        proof_jti = new_id("prf")

        async def work(tx: Tx) -> Redeemed | HubError:
            return await self.redeem_in(tx, redemption, claims, handed, proof_jti, expired=expired)

        return settled(await self.db.run(work, org=claims["org"]))

    async def redeem_in(
        self,
        tx: Tx,
        redemption: Redemption,
        claims: dict[str, Any],
        handed: list[Handed],
        proof_jti: str,
        *,
        expired: bool,
    ) -> Redeemed | HubError:
        """The same in a unit of work, for claims that were compared with audience and action. A refusal is recorded."""
        row = await store.token(tx, claims["jti"])
        if row is None:
            return _invalid("no such token here")
        await tx.lock("escalations", row["id"])
        now = self.clock.now()
        row = await store.token(tx, claims["jti"])
        assert row is not None
        if row["token_state"] == outcome.REDEEMED:
            result = await self._again_in(tx, row, claims, redemption, now)
        elif expired:
            return _invalid("the token has expired")
        else:
            result = await self._redeem_in(tx, row, claims, redemption, handed, proof_jti, now)
        if not isinstance(result, Redeemed) or not result.repeated:
            await self.recorder.record(tx, _event(row, claims, result, now))
        return result

    def open(self, token: str) -> tuple[dict[str, Any], bool]:
        """The token's claims, and whether it is good for a repeated answer alone. Raises Unauthenticated."""
        now = self.clock.now()
        try:
            return self.mint.open_approval(token, now), False
        except BadToken as error:
            if error.reason == "expired":
                return self._open_expired(token, now), True
            raise _invalid(str(error)) from error

    def _open_expired(self, token: str, now: int) -> dict[str, Any]:
        try:
            return self.mint.open_approval(token, now, late=REPEAT_LIFE)
        except BadToken as error:
            raise _invalid(str(error)) from error

    async def _redeem_in(
        self,
        tx: Tx,
        row: Row,
        claims: dict[str, Any],
        redemption: Redemption,
        handed: list[Handed],
        proof_jti: str,
        now: int,
    ) -> Redeemed | HubError:
        refusal: HubError | None = await refuse_unproven_in(tx, row, claims, redemption, now)
        if refusal is None:
            refusal = await why_not(tx, of_row(row), epoch=self.epoch().epoch_id, now=now)
        if refusal is None:
            asker = Asker(row["org_id"], row["agent_id"], row["policies_version"])
            # Who handed in proofs; whether they hold is asked right below.
            names = tuple(one.kid for one in handed)
            refusal = await denied_by_now_in(tx, asker, redemption.action, row["id"], now, names)
        if refusal is not None:
            return refusal
        prev = await self.rely.on_in(tx, row, handed, jti=claims["jti"], now=now)
        if isinstance(prev, HubError):
            return prev
        if await store.spend(tx, jti=claims["jti"], epoch=self.epoch().epoch_id) is None:
            await give_proofs_back(tx, claims["jti"])
            return spent_conflict(now)
        trust = await trust_in(tx, asker, redemption.action)
        rule_id = None if row["policy"] is None else msgspec.json.decode(row["policy"])["rule_id"]
        proof = self.mint.proof(
            claims,
            jti=proof_jti,
            now=now,
            owner_id=row["owner_id"],
            trust_profile=None if trust is None else trust.profile,
            prev=prev,
            rule_id=rule_id,
        )
        await store.add_redemption(
            tx,
            jti=claims["jti"],
            org_id=row["org_id"],
            escalation_id=row["id"],
            idempotency_key=redemption.idempotency_key,
            audience=redemption.audience,
            proof_jti=proof_jti,
            proof_token=proof,
            at=now,
        )
        tx.changed(row["id"])
        return Redeemed(claims["jti"], row["id"], now, proof, now + PROOF_LIFE, repeated=False)

    @staticmethod
    async def _again_in(
        tx: Tx, row: Row, claims: dict[str, Any], redemption: Redemption, now: int
    ) -> Redeemed | HubError:
        """The first answer for the winner, and for nobody else. Its proof of possession is as old as that answer."""
        before = await store.redemption(tx, claims["jti"])
        assert before is not None
        refusal = await refuse_unproven_in(tx, row, claims, redemption, now)
        same = before["idempotency_key"] == redemption.idempotency_key
        if refusal is not None and same:
            refusal = await refuse_unproven_in(tx, row, claims, redemption, before["redeemed_at"])
        if refusal is not None:
            return refusal
        return _told(before) if same else spent_conflict(before["redeemed_at"])


def hash_of(action: dict[str, Any]) -> str:
    """The action hash of what an executor is about to do. Raises Invalid where it has no canonical form."""
    try:
        return sha256_text(dumps(action))
    except CanonicalError as error:
        raise mismatch("action", f"the action has no canonical form: {error}") from error


def mismatch(field: str, detail: str) -> Invalid:
    """The token is good, but not for this."""
    return Invalid(
        f"{field}_mismatch",
        detail,
        next_step="Send exactly what was approved, with the salt, or ask again for the changed action.",
        field=f"$.{field}",
    )


def _invalid(detail: str) -> Unauthenticated:
    return Unauthenticated(
        "invalid_token",
        f"not a valid approval token: {detail}",
        next_step="Collect a fresh token and try again.",
    )


def _told(row: Row) -> Redeemed:
    return Redeemed(
        row["jti"],
        row["escalation_id"],
        row["redeemed_at"],
        row["proof_token"],
        row["redeemed_at"] + PROOF_LIFE,
        repeated=True,
    )


def _event(row: Row, claims: dict[str, Any], result: Redeemed | HubError, now: int) -> Event:
    refused = isinstance(result, HubError)
    return Event(
        kind="token.refused" if refused else "token.redeemed",
        org_id=row["org_id"],
        at=now,
        actor_type="executor",
        actor_id=claims["aud"],
        agent_id=row["agent_id"],
        escalation_id=row["id"],
        action_id=claims["action_id"],
        action_type=claims["action_type"],
        decision=result.code if isinstance(result, HubError) else "ALLOW",
        proof_kid=claims["kid"],
        signature_valid=True if claims["cnf"] is not None and not refused else None,
        detail={
            "jti": claims["jti"],
            "action_hash": claims["action_hash"],
            "at": to_text(now),
            **({} if isinstance(result, HubError) else {"proof_hash": proof_hash(result.proof_token)}),
        },
    )
