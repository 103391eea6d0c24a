"""What follows from a vote: the outcome, the token, the quarantine. Runs inside the vote's unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.core.clock import SECOND
from approvals_hub.db.database import Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.answer import Signed
from approvals_hub.decisions.quorum import APPROVE, Verdict, Vote, verdict
from approvals_hub.domain import outcome
from approvals_hub.domain.assurance import lowest, named
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalation import Approval, Escalation, Reason
from approvals_hub.escalations.quarantine import Quarantine
from approvals_hub.escalations.recall import Recall
from approvals_hub.keys.vault import Vault
from approvals_hub.stepup import step_up_store as step_ups
from approvals_hub.stepup.step_up import Step
from approvals_hub_client.canonical import dumps


@dataclass(frozen=True, slots=True)
class Settle:
    """Turns votes into an outcome, at most once."""

    vault: Vault
    advance: Advance
    recall: Recall
    quarantine: Quarantine

    async def after_vote_in(
        self,
        tx: Tx,
        escalation: Escalation,
        signed: Signed,
        *,
        reason: str | None,
        decision_id: str,
        jti: str,
        now: int,
    ) -> None:
        """Look at all votes and act on what they amount to."""
        rows = await store.votes(tx, escalation.id)
        found = verdict(escalation.asked(), [vote_of(row) for row in rows])
        by = str(signed.statement["approver_id"])
        if found is Verdict.APPROVED and escalation.open:
            await self._approve_in(tx, escalation, rows, by=by, decision_id=decision_id, jti=jti, now=now)
        elif found in (Verdict.DENIED, Verdict.NOT_ME):
            await self._refuse_in(tx, escalation, found, signed, reason=reason, by=by, now=now)
        elif found is Verdict.WAITING and escalation.open:
            for person_id in await inbox.readers(tx, escalation.id):
                tx.changed(f"inbox:{person_id}")

    async def _approve_in(
        self, tx: Tx, escalation: Escalation, rows: list[Row], *, by: str, decision_id: str, jti: str, now: int
    ) -> None:
        counted = [row for row in rows if vote_of(row).counts and row["decision"] == APPROVE]
        steps = await step_ups.of_decisions(tx, [row["id"] for row in counted])
        approval = Approval(
            acr=lowest([row["acr"] for row in counted]),
            amr=sorted({word for row in counted for word in row["amr"].split()}),
            methods=sorted({word for row in counted for word in row["methods"].split()}),
            approvers=[_approver(row, [step for step in steps if step.decision_id == row["id"]]) for row in counted],
            statement_hashes=[row["statement_hash"] for row in counted],
            decision_id=decision_id,
            auth_ref=sorted({step.auth_ref for step in steps if step.auth_ref is not None}),
        )
        valid_until = now + escalation.asked().approval_valid_for * SECOND
        approved = await escalations.approve(
            tx,
            escalation.id,
            by=by,
            jti=jti,
            approval=dumps(msgspec.to_builtins(approval)).decode(),
            at=now,
            valid_until=valid_until,
        )
        if approved is not None:
            await self.advance.ended_in(tx, approved, by=by, at=now, actor_type="person", detail={"jti": jti})

    async def _refuse_in(
        self,
        tx: Tx,
        escalation: Escalation,
        found: Verdict,
        signed: Signed,
        *,
        reason: str | None,
        by: str,
        now: int,
    ) -> None:
        """Open: it ends. Approved and unredeemed: the outcome stands, its token is void. not_me stops the agent."""
        not_me = found is Verdict.NOT_ME
        if escalation.open:
            state = outcome.NOT_ME if not_me else outcome.DENIED
            told = Reason(signed.statement["reason_code"], reason, signed.statement_hash)
            plain = msgspec.json.encode(told)
            sealed = await self.vault.seal_in(tx, escalation.org_id, plain, f"reason:{escalation.id}")
            await self.advance.end_in(tx, escalation, state=state, by=by, at=now, reason=sealed, actor_type="person")
        else:
            cause = "not_me" if not_me else "denied"
            await self.recall.revoke_in(tx, escalation, cause=cause, by=by, actor_type="person", now=now)
        if not_me:
            await self.quarantine.pause_in(
                tx, escalation.agent_id, cause="not_me", by=by, actor_type="person", now=now, but=escalation.id
            )


def _approver(row: Row, steps: list[Step]) -> dict[str, Any]:
    """One counted approval as tokens name it."""
    identified = [step.identified for step in steps if step.identified is not None]
    return {
        "person_id": row["approver_id"],
        "device_id": row["device_id"],
        "acr": row["acr"],
        "amr": row["amr"].split(),
        "methods": row["methods"].split(),
        "binding": row["binding"],
        "identified": "eid" if "eid" in identified else identified[0] if identified else "invited",
        "step_up": [
            {"id": step.id, "method": named(step.method), "binding": step.binding, "auth_ref": step.auth_ref}
            for step in steps
        ],
    }


def vote_of(row: Row) -> Vote:
    """A stored vote, and whether it still counts."""
    member = row["member"] is not None and row["removed_at"] is None and row["person_state"] == "active"
    return Vote(
        row["approver_id"],
        row["decision"],
        row["acr"],
        member and row["device_state"] == "active",
        tuple(row["methods"].split()),
    )
