"""What owners, admins and the operator do to agents, to people and to the whole organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.agents import store as agents
from approvals_hub.agents.agent import REVOKED
from approvals_hub.agents.invite import Inviter, admit_inviter_in
from approvals_hub.agents.read import AgentRecord, agent_unknown, record_in
from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations.members import Members
from approvals_hub.escalations.quarantine import Quarantine
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting
from approvals_hub.people.stale import FreshFactors, refuse_stale_in


@dataclass(frozen=True, slots=True)
class Govern:
    """Stops at once without ceremony; starting again asks for a fresh factor."""

    db: Database
    quarantine: Quarantine
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    members: Members

    async def set_agent_state(
        self, by: Inviter, org_id: str, agent_id: str, state: str, fresh: Any = None
    ) -> AgentRecord:
        """Pause, resume (`active`) or revoke an agent. The state it has already is no error.

        Raises NotFound, Forbidden, Invalid, Conflict for a revoked agent, Unauthenticated without a fresh factor.
        """
        if state not in ("active", "paused", "revoked"):
            raise Invalid(
                "state_unknown", "state is active, paused or revoked", next_step="Choose one.", field="$.state"
            )
        now = self.clock.now()

        async def work(tx: Tx) -> AgentRecord | HubError:
            who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_AGENTS)
            if isinstance(who, HubError):
                return who
            await tx.lock("agents", agent_id)
            row = await agents.agent(tx, agent_id)
            if row is None or row["org_id"] != org_id:
                return agent_unknown()
            if row["state"] == "revoked" and state != "revoked":
                return Conflict("agent_revoked", "a revoked agent stays revoked", next_step="Invite a new one.")
            if state == "paused":
                await self.quarantine.pause_in(
                    tx, agent_id, cause="paused", by=who.actor_id, actor_type=who.actor_type, now=now
                )
            elif state == "revoked":
                await self.quarantine.revoke_in(tx, agent_id, by=who.actor_id, actor_type=who.actor_type, now=now)
            elif row["state"] == "paused":
                refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
                if refusal is not None:
                    return refusal
                await self.quarantine.resume_in(tx, agent_id, by=who.actor_id, actor_type=who.actor_type, now=now)
            return await record_in(tx, agent_id)

        return settled(await self.db.run(work, org=by.org_id))

    async def stop(self, by: Inviter, org_id: str) -> int:
        """Deny everything that waits and let no agent go on; returns how many questions ended. Twice is no error."""
        now = self.clock.now()

        async def first(tx: Tx) -> Acting | HubError:
            who = await admit_inviter_in(tx, by, org_id, now, Permission.STOP)
            if isinstance(who, HubError):
                return who
            if await orgs.stop(tx, org_id, at=now, by=who.actor_id) is not None:
                await self._record(tx, "org.stopped", org_id, who, None, now)
            return who

        who = settled(await self.db.run(first, org=by.org_id))
        # From here on nobody asks; whoever is asking or answering right now is waited for, agent by agent.
        stopped = await self.db.read(lambda tx: agents.agents(tx, org_id), org=org_id)
        return sum([await self._silence(row["id"], who, now) for row in stopped if row["state"] != REVOKED])

    async def _silence(self, agent_id: str, who: Acting, now: int) -> int:
        async def work(tx: Tx) -> int:
            await tx.lock("agents", agent_id)
            return await self.quarantine.silence_in(
                tx,
                agent_id,
                cause="org_stopped",
                now=now,
                state=outcome.DENIED,
                by=who.actor_id,
                actor_type=who.actor_type,
            )

        return await self.db.run(work, org=who.org_id)

    async def resume(self, by: Inviter, org_id: str, fresh: Any = None) -> None:
        """Let agents ask again; what ended stays ended. Raises Unauthenticated without a fresh factor."""
        now = self.clock.now()

        async def work(tx: Tx) -> HubError | None:
            who = await admit_inviter_in(tx, by, org_id, now, Permission.STOP)
            if isinstance(who, HubError):
                return who
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            if await orgs.resume(tx, org_id) is not None:
                await self._record(tx, "org.resumed", org_id, who, None, now)
            return None

        settled(await self.db.run(work, org=by.org_id))

    async def set_person_state(self, by: Inviter, org_id: str, person_id: str, state: str, fresh: Any = None) -> None:
        """Disable a member: sessions, votes and waiting questions end at once, their agents pause.

        A person who governs does so in their organisation alone: keys are the member's, and other organisations go on.
        The operator disables the account, keys and all, in every organisation; then a recovery brings a new key.
        Enabling again brings back what still waits for this person; what they voted before does not count. It takes a
        fresh factor: a stolen session lets nobody in again.
        Raises NotFound, Forbidden, Invalid, Conflict for the last owner, and for a person who enables an account that
        the operator disabled.
        """
        if state not in ("active", "disabled"):
            raise Invalid("state_unknown", "state is active or disabled", next_step="Choose one.", field="$.state")
        await self.members.set_state(by, org_id, person_id, state, fresh)

    async def _record(self, tx: Tx, kind: Kind, org_id: str, who: Acting, subject_id: str | None, now: int) -> None:
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                detail={"subject_id": subject_id},
            ),
        )
