"""The executor tells what came of a redeemed action."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound, Unauthenticated, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.tokens import store
from approvals_hub.tokens.mint import Mint
from approvals_hub_client.paseto import BadToken

STATUSES = ("done", "failed", "unknown")
DETAIL_LIMIT = 1000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Reported:
    """The report as it stands."""

    jti: str
    status: str
    reported_at: int


@dataclass(frozen=True, slots=True)
class Report:
    """Takes one report for each redemption, from whoever holds its proof token."""

    db: Database
    vault: Vault
    mint: Mint
    recorder: Recorder
    clock: Clock

    async def __call__(self, jti: str, *, status: str, detail: str | None, proof_token: str) -> Reported:
        """Report. The same status again is the same answer; another one is a Conflict.

        The proof may have expired: it only shows that the sender redeemed. Raises Invalid, NotFound, Unauthenticated.
        """
        if status not in STATUSES:
            raise Invalid(
                "status_unknown", f"status is one of {', '.join(STATUSES)}", next_step="Choose one.", field="$.status"
            )
        if detail is not None and not 1 <= len(detail) <= DETAIL_LIMIT:
            raise Invalid(
                "detail_length", f"detail has 1 to {DETAIL_LIMIT} characters", next_step="Shorten it.", field="$.detail"
            )
        now = self.clock.now()

        async def work(tx: Tx) -> Reported | HubError:
            row = await store.redemption(tx, jti)
            if row is None:
                return await self._of_authorization_in(tx, jti, status, detail, proof_token, now)
            await tx.lock("escalations", row["escalation_id"])
            row = await store.redemption(tx, jti)
            assert row is not None
            refusal = self._not_the_redeemer(proof_token, row["proof_jti"], row["redeemed_at"])
            if refusal is not None:
                return refusal
            if row["report"] is None:
                await self._store_in(tx, jti, row["org_id"], status, detail, now)
                await self.recorder.record(
                    tx,
                    Event(
                        kind="token.reported",
                        org_id=row["org_id"],
                        at=now,
                        actor_type="executor",
                        actor_id=row["audience"],
                        escalation_id=row["escalation_id"],
                        decision=status,
                        detail={"jti": jti},
                    ),
                )
                return Reported(jti, status, now)
            if row["report"] == status:
                return Reported(jti, status, row["reported_at"])
            return _reported_otherwise(row["report"])

        return settled(await self.db.run(work))

    async def _of_authorization_in(
        self, tx: Tx, proof_jti: str, status: str, detail: str | None, proof_token: str, now: int
    ) -> Reported | HubError:
        """The report about an action that was allowed at once, by the `jti` of its proof."""
        found = await store.authorization(tx, proof_jti)
        if found is None:
            return NotFound("redemption_unknown", "nothing was redeemed with this id", next_step="Check the jti.")
        refusal = self._not_the_redeemer(proof_token, proof_jti, found["at"])
        if refusal is not None:
            return refusal
        sealed = None
        if detail is not None:
            sealed = await self.vault.seal_in(tx, found["org_id"], detail.encode(), f"report:{proof_jti}")
        written = await store.report_authorization(tx, proof_jti, status=status, detail=sealed, at=now)
        if written is not None:
            await self.recorder.record(
                tx,
                Event(
                    kind="token.reported",
                    org_id=found["org_id"],
                    at=now,
                    actor_type="executor",
                    actor_id=found["agent_id"],
                    decision=status,
                    detail={"jti": proof_jti, "decision_id": found["id"]},
                ),
            )
            return Reported(proof_jti, status, now)
        found = await store.authorization(tx, proof_jti)
        assert found is not None
        if found["report"] == status:
            return Reported(proof_jti, status, found["reported_at"])
        return _reported_otherwise(found["report"])

    async def _store_in(self, tx: Tx, jti: str, org_id: str, status: str, detail: str | None, now: int) -> None:
        sealed = None
        if detail is not None:
            sealed = await self.vault.seal_in(tx, org_id, detail.encode(), f"report:{jti}")
        await store.report(tx, jti, status=status, detail=sealed, at=now)

    def _not_the_redeemer(self, proof_token: str, proof_jti: str, redeemed_at: int) -> HubError | None:
        try:
            claims = self.mint.open_proof(proof_token, redeemed_at, None)
        except BadToken:
            claims = {}
        if claims.get("jti") == proof_jti:
            return None
        return Unauthenticated(
            "invalid_proof",
            "proof_token is not the proof of this redemption",
            next_step="Send the proof token that the redemption returned.",
        )


def _reported_otherwise(status: str) -> Conflict:
    return Conflict(
        "reported_otherwise",
        f"this was reported as {status}",
        next_step="The first report stands.",
        extra={"status": status},
    )
