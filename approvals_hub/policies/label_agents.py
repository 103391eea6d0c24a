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
from approvals_hub.policies.document import AGENT
from approvals_hub.policies.draft import LABEL, PolicyDraft
from approvals_hub.policies.keep_drafts import AskNow, KeepDrafts, Proposer, asked_now
from approvals_hub.policies.kept import TEAM, Binding
from approvals_hub.policies.put_in_force import By
from approvals_hub_client.canonical import sha256_text

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
    drafts: KeepDrafts
    ask_now: AskNow
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
    ) -> Labels | PolicyDraft:
        """Replace it whole; the same again is no change. Where publishing takes a second person, so does this: the
        answer is the draft that people are asked about.

        Raises Invalid with the field's path, NotFound, Unauthenticated, Forbidden without the right to govern agents or
        a fresh factor; Conflict where nobody could be the second person; TooMany of drafts.
        """
        wanted = _checked(teams, project, environment)
        now = self.clock.now()

        async def work(tx: Tx) -> Labels | PolicyDraft | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_AGENTS)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            refusal: HubError | None = await _unknown_in(tx, who.org_id, agent_id)
            if refusal is not None:
                return refusal
            await tx.lock("agents", agent_id)
            before = await labels_in(tx, agent_id)
            if before == wanted:
                return wanted
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            if await store.second_person(tx, who.org_id):
                proposer = Proposer(who.org_id, who.actor_type, who.actor_id)
                text, bound = msgspec.json.encode(wanted).decode(), Binding(AGENT, agent_id)
                return await self.drafts.keep_in(
                    tx, proposer, LABEL, now, name=agent_id, text=text, binding=bound, replaces_hash=hash_of(before)
                )
            acting = By(who.org_id, who.actor_type, who.actor_id, who.actor_id)
            await label_in(tx, self.recorder, acting, agent_id, wanted, now)
            return wanted

        made = await self.db.run(work, org=by.org_id)
        if isinstance(made, HubError):
            raise made
        return await asked_now(self.ask_now, made) if isinstance(made, PolicyDraft) else made


async def label_in(tx: Tx, recorder: Recorder, by: By, agent_id: str, labels: Labels, now: int) -> None:
    """Say it, for whoever may."""
    await store.label(
        tx,
        agent_id=agent_id,
        org_id=by.org_id,
        teams=msgspec.json.encode(labels.teams).decode(),
        project=labels.project,
        environment=labels.environment,
        at=now,
        by=by.writer,
    )
    await recorder.record(
        tx,
        Event(
            kind="agent.labelled",
            org_id=by.org_id,
            at=now,
            actor_type=by.actor_type,
            actor_id=by.actor_id,
            agent_id=agent_id,
            escalation_id=by.escalation_id,
            detail={"teams": list(labels.teams), "project": labels.project, "environment": labels.environment},
        ),
    )


def hash_of(labels: Labels) -> str:
    """Of what is said: a draft names what it was drafted against."""
    return sha256_text(msgspec.json.encode(labels))


async def labels_in(tx: Tx, agent_id: str) -> Labels:
    """What is said of an agent; nothing where nobody said anything."""
    row = await store.labels(tx, agent_id)
    return NO_LABELS if row is None else _labels(row)


async def every_label_in(tx: Tx, org_id: str) -> list[Labels]:
    """What is said of the organisation's agents that may still ask."""
    return [_labels(row) for row in await store.all_labels(tx, org_id)]


def _labels(row: Row) -> Labels:
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
