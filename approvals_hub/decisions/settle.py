"""What follows from a vote: the outcome, the token, the quarantine. Runs inside the vote's unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import ActorType
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import SECOND
from approvals_hub.db.database import Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.answer import Signed
from approvals_hub.decisions.counted import counted_in
from approvals_hub.decisions.quorum import Approvals, Verdict, approvals, verdict
from approvals_hub.domain import outcome
from approvals_hub.domain.allowance import FORGOTTEN_AFTER
from approvals_hub.domain.assurance import lowest, named
from approvals_hub.escalations import allowance_store as allowance
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalation import HUB, Approval, Escalation, Reason
from approvals_hub.escalations.open_stage import open_stage_in
from approvals_hub.escalations.quarantine import Quarantine
from approvals_hub.escalations.recall import Recall
from approvals_hub.keys.vault import Vault
from approvals_hub.routing.stand_in import read_stand_ins, stood_in_claim
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
    recorder: Recorder

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
        asked, votes = await counted_in(tx, escalation, rows)
        found = verdict(asked, votes, frozen=escalation.asked())
        yes = approvals(asked, votes)
        by = str(signed.statement["approver_id"])
        if found in (Verdict.DENIED, Verdict.NOT_ME) or not escalation.open:
            # Whoever takes an approval back after the end voids the token, whether or not others would be enough.
            await self._refuse_in(tx, escalation, found, signed, reason=reason, by=by, now=now)
        elif found is Verdict.APPROVED and now >= effective_at(escalation):
            await self._approve_in(tx, escalation, rows, yes, by=by, decision_id=decision_id, jti=jti, now=now)
        else:
            await self._wait_in(tx, escalation, approved=found is Verdict.APPROVED)
            stage = asked.stage_after(yes.given, yes.signed_by)
            if stage > escalation.stage:
                await open_stage_in(tx, self.recorder, escalation, stage, now)

    async def after_waiting_in(self, tx: Tx, escalation: Escalation, *, jti: str, now: int) -> bool:
        """The time of an open question's lock is over: whether it is approved now.

        The votes are looked at again, as somebody may have left meanwhile.
        """
        rows = await store.votes(tx, escalation.id)
        asked, votes = await counted_in(tx, escalation, rows)
        if verdict(asked, votes, frozen=escalation.asked()) is not Verdict.APPROVED:
            await self._wait_in(tx, escalation, approved=False)
            return False
        yes = approvals(asked, votes)
        last = [row for row in rows if row["approver_id"] in yes.signers()][-1]
        by, decision_id = last["approver_id"], last["id"]
        await self._approve_in(
            tx, escalation, rows, yes, by=by, decision_id=decision_id, jti=jti, now=now, actor_type="hub"
        )
        return True

    async def _wait_in(self, tx: Tx, escalation: Escalation, *, approved: bool) -> None:
        """It stays open: for votes, or for the time at which those that are there take effect."""
        at = effective_at(escalation) if approved else None
        if at != escalation.effective_at:
            await escalations.hold_until(tx, escalation.id, effective_at=at)
            tx.changed(escalation.id)
        for person_id in await inbox.readers(tx, escalation.id):
            tx.changed(f"inbox:{person_id}")

    async def _approve_in(
        self,
        tx: Tx,
        escalation: Escalation,
        rows: list[Row],
        yes: Approvals,
        *,
        by: str,
        decision_id: str,
        jti: str,
        now: int,
        actor_type: ActorType = "person",
    ) -> None:
        counted = [row for row in rows if row["approver_id"] in yes.signers()]
        steps = await step_ups.of_decisions(tx, [row["id"] for row in counted])
        approval = Approval(
            acr=lowest([row["acr"] for row in counted]),
            amr=sorted({word for row in counted for word in row["amr"].split()}),
            methods=sorted({word for row in counted for word in row["methods"].split()}),
            approvers=[
                _approver(
                    row,
                    yes,
                    [step for step in steps if step.decision_id == row["id"]],
                    escalation.asked().number_match,
                )
                for row in counted
            ],
            statement_hashes=[row["statement_hash"] for row in counted],
            decision_id=decision_id,
            answered_at={row["approver_id"]: row["stage"] for row in counted if row["stage"]},
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
            await allowance.approved(tx, agent_id=approved.agent_id, similarity_hash=approved.similarity_hash)
            actor = HUB if actor_type == "hub" else by
            await self.advance.ended_in(tx, approved, by=actor, at=now, actor_type=actor_type, detail={"jti": jti})

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
        await allowance.denied(
            tx,
            org_id=escalation.org_id,
            agent_id=escalation.agent_id,
            similarity_hash=escalation.similarity_hash,
            at=now,
            forgotten_before=now - FORGOTTEN_AFTER,
        )
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


def effective_at(escalation: Escalation) -> int:
    """When an approval of this question takes effect at the earliest."""
    return escalation.created_at + escalation.asked().wait * SECOND


def _approver(row: Row, yes: Approvals, steps: list[Step], digits: int | None) -> dict[str, Any]:
    """One counted approval as tokens name it, with those in whose place it counts; `digits` of the asker's number were
    typed with it."""
    mine = [
        each for each in read_stand_ins(row["stands_in"]) if yes.signed_by.get(each.person_id) == row["approver_id"]
    ]
    stands_in = {"stands_in": [stood_in_claim(each) for each in mine]} if mine else {}
    identified = [step.identified for step in steps if step.identified is not None]
    return {
        "person_id": row["approver_id"],
        "device_id": row["device_id"],
        "acr": row["acr"],
        "amr": row["amr"].split(),
        "methods": row["methods"].split(),
        "binding": row["binding"],
        **({} if digits is None else {"number_match": digits}),
        "identified": "eid" if "eid" in identified else identified[0] if identified else "invited",
        "step_up": [
            {"id": step.id, "method": named(step.method), "binding": step.binding, "auth_ref": step.auth_ref}
            for step in steps
        ],
        **stands_in,
    }
