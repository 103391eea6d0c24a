"""Whoever governs agents says to which teams an agent belongs, and in which project and environment it works.

Policies select by it, so it is the organisation's word, never the agent's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.agents.read import agent_unknown
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import store
from approvals_hub.policies.kept import TEAM

Writer = PersonCredential | OperatorCredential
TEAMS_LIMIT: Final = 20
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


class Labels(msgspec.Struct, frozen=True):
    """What the organisation says of an agent."""

    teams: tuple[str, ...] = ()
    project: str | None = None
    environment: str | None = None


NO_LABELS: Final = Labels()


@dataclass(frozen=True, slots=True)
class LabelAgents:
    """Reads and replaces it. A change takes a fresh factor: another policy may hold afterwards."""

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def read(self, by: Writer, agent_id: str) -> Labels:
        """What is said. Raises NotFound, Unauthenticated, Forbidden without the right to read agents."""
        now = self.clock.now()

        async def work(tx: Tx) -> Labels | HubError:
            who = await admit_acting_in(tx, by, now, Permission.READ_AGENTS)
            if isinstance(who, HubError):
                return who
            return await _unknown_in(tx, who.org_id, agent_id) or await labels_in(tx, agent_id)

        return settled(await self.db.read(work, org=by.org_id))

    async def __call__(
        self,
        by: Writer,
        agent_id: str,
        *,
        teams: Sequence[str],
        project: str | None,
        environment: str | None,
        fresh: Any = None,
    ) -> Labels:
        """Replace it whole; the same again is no change.

        Raises Invalid with the field's path, NotFound, Unauthenticated, Forbidden without the right to govern agents or
        a fresh factor.
        """
        wanted = _checked(teams, project, environment)
        now = self.clock.now()

        async def work(tx: Tx) -> Labels | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_AGENTS)
            if isinstance(who, HubError):
                return who
            refusal: HubError | None = await _unknown_in(tx, who.org_id, agent_id)
            if refusal is not None:
                return refusal
            await tx.lock("agents", agent_id)
            if await labels_in(tx, agent_id) == wanted:
                return wanted
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await store.label(
                tx,
                agent_id=agent_id,
                org_id=who.org_id,
                teams=msgspec.json.encode(wanted.teams).decode(),
                project=project,
                environment=environment,
                at=now,
                by=who.actor_id,
            )
            await self.recorder.record(
                tx,
                Event(
                    kind="agent.labelled",
                    org_id=who.org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    agent_id=agent_id,
                    detail={"teams": list(wanted.teams), "project": project, "environment": environment},
                ),
            )
            return wanted

        return settled(await self.db.run(work, org=by.org_id))


async def labels_in(tx: Tx, agent_id: str) -> Labels:
    """What is said of an agent; nothing where nobody said anything."""
    row: Row | None = await store.labels(tx, agent_id)
    if row is None:
        return NO_LABELS
    return Labels(msgspec.json.decode(row["teams"], type=tuple[str, ...]), row["project"], row["environment"])


async def _unknown_in(tx: Tx, org_id: str, agent_id: str) -> HubError | None:
    row = await agents.agent(tx, agent_id)
    return agent_unknown() if row is None or row["org_id"] != org_id else None


def _checked(teams: Sequence[str], project: str | None, environment: str | None) -> Labels:
    if len(teams) > TEAMS_LIMIT:
        raise _wrong("$.teams", f"an agent is in at most {TEAMS_LIMIT} teams")
    for place, team in enumerate(teams):
        if TEAM.fullmatch(team) is None:
            raise _wrong(f"$.teams[{place}]", "a team's name has 1 to 63 small letters, digits, '_' and '-'")
    for name, word in (("project", project), ("environment", environment)):
        if word is not None and _WORD.fullmatch(word) is None:
            raise _wrong(f"$.{name}", "must be 1 to 63 small letters, digits, '.', '_' and '-'")
    return Labels(tuple(sorted(set(teams))), project, environment)


def _wrong(field: str, detail: str) -> Invalid:
    return Invalid("labels_invalid", detail, next_step="Correct the named member.", field=field)
