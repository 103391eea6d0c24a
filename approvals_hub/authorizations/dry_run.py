"""Says what a new text of a policy would have decided about the real decisions of the last days. Nothing follows."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.authorizations import replay_store as store
from approvals_hub.authorizations.replay import ASKS, ERASED, NOT_RECORDED, Again, Bound, Recorded, Replay
from approvals_hub.authorizations.told import Told
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.errors import HubError, Invalid, TooMany, settled
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.policies import store as policies
from approvals_hub.policies.consult import policy_of
from approvals_hub.policies.decision import ALLOW
from approvals_hub.policies.kept import Binding, KeptPolicy, checked_binding, checked_name, kept_of
from approvals_hub.policies.label_agents import NO_LABELS, Labels, labels_in
from approvals_hub.policies.load import load
from approvals_hub.policies.standing import Standing
from approvals_hub_client.canonical import loads, sha256_text

DAYS: Final = 30
"""How far back real decisions are looked at, at most."""
MOST: Final = 20_000
"""Real decisions that are decided once more: the newest of those days, and of a limit's window before."""
MOST_SECONDS: Final = 20.0
"""Within which it ends, with what it has by then."""
PAGE: Final = 100
"""Decisions that are unsealed in one unit of work."""


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; times in milliseconds."""

    name: str
    since: int
    until: int
    complete: bool
    """Whether every decision of this time was looked at: not where there were too many, or it took too long."""
    replayed: int
    changes: dict[str, int]
    """Kind of change → how many decisions."""
    not_replayed: dict[str, int]
    """Why → how many decisions could not be decided once more."""
    items: list[Again]
    """Those that change, the oldest first: a page of them."""


class _Asked(msgspec.Struct, frozen=True):
    org_id: str
    present: tuple[Bound, ...]
    proposed: tuple[Bound, ...]
    heads: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class DryRuns:
    """Runs them, one at a time for each organisation in a process."""

    db: Database
    vault: Vault
    recorder: Recorder
    clock: Clock
    most: int = MOST
    _running: set[str] = field(default_factory=set)

    async def __call__(
        self,
        by: PersonCredential | OperatorCredential,
        name: str,
        text: str,
        *,
        binding: Binding | None = None,
        days: int = DAYS,
        after: str | None = None,
        limit: int = PAGE,
    ) -> DryRun:
        """Decide the recorded decisions of the last `days` once more, as if `text` had been in force under `name`, in
        the place of the policy of that name; `binding` None: as that one's, every agent for a new one. `after` is the
        id of the last decision of the page before; the page has one more than `limit` where there is another one.

        Raises Invalid for a text that is none; TooMany while another one runs; Unauthenticated, Forbidden for whoever
        may not read questions: by what a text decides, one learns what is in them.
        """
        checked_name(name)
        load(text)
        bound = None if binding is None else checked_binding(binding)
        if not 1 <= days <= DAYS:
            raise Invalid("days_invalid", f"days is from 1 to {DAYS}", next_step="Choose fewer.", field="$.days")
        until = self.clock.now()
        asked = await self._begin(by, name, text, bound, until - days * DAY, until)
        if asked.org_id in self._running:
            raise TooMany(
                "dry_run_running",
                "a dry run of this organisation is under way",
                next_step="Wait until it has ended.",
                retry_after=int(MOST_SECONDS),
            )
        self._running.add(asked.org_id)
        try:
            return await self._run(asked, name, until - days * DAY, until, after, limit)
        finally:
            self._running.discard(asked.org_id)

    async def _begin(
        self,
        by: PersonCredential | OperatorCredential,
        name: str,
        text: str,
        binding: Binding | None,
        since: int,
        until: int,
    ) -> _Asked:
        async def work(tx: Tx) -> _Asked | HubError:
            who = await admit_acting_in(tx, by, until, Permission.READ_ESCALATIONS)
            if isinstance(who, HubError):
                return who
            kept = [kept_of(row) for row in await policies.in_force(tx, who.org_id)]
            present, proposed = _both(kept, name, text, binding)
            back = Replay(present, proposed).reaches_back
            heads = await store.heads(tx, who.org_id, since=since - back, until=until, most=self.most + 1)
            await self.recorder.record(tx, _tried(who, name, text, until))
            return _Asked(who.org_id, present, proposed, heads)

        return settled(await self.db.run(work, org=by.org_id))

    async def _run(self, asked: _Asked, name: str, since: int, until: int, after: str | None, limit: int) -> DryRun:
        heads, complete = asked.heads[-self.most :], len(asked.heads) <= self.most
        replay = Replay(asked.present, asked.proposed)
        changes, missing, items, replayed = Counter[str](), Counter[str](), list[Again](), 0
        ends, passed = time.monotonic() + MOST_SECONDS, after is None or all(each != after for _, each in heads)
        for place in range(0, len(heads), PAGE):
            if time.monotonic() > ends:
                complete = False
                break
            page = [name for _, name in heads[place : place + PAGE]]
            recorded, labels = await self._recorded(asked.org_id, page)
            # Deciding is all computing: not on the loop.
            found = await asyncio.to_thread(_again, replay, recorded, labels)
            for each in found:
                if each.recorded.at < since:
                    continue
                if each.why_not is not None:
                    missing[each.why_not] += 1
                    continue
                replayed += 1
                if each.change is not None:
                    changes[each.change] += 1
                    if passed and len(items) <= limit:
                        items.append(each)
                passed = passed or each.recorded.id == after
        return DryRun(
            name=name,
            since=since if complete or not heads else max(since, heads[0][0]),
            until=until,
            complete=complete,
            replayed=replayed,
            changes=dict(sorted(changes.items())),
            not_replayed=dict(sorted(missing.items())),
            items=items,
        )

    async def _recorded(self, org_id: str, ids: list[str]) -> tuple[list[Recorded], dict[str, Labels]]:
        """These decisions in their order, and what is said of their agents now."""

        async def work(tx: Tx) -> tuple[dict[str, Recorded], dict[str, Labels]]:
            found = {row["id"]: await self._answer_in(tx, org_id, row) for row in await store.answers(tx, ids)}
            for row in await store.questions(tx, ids):
                found[row["id"]] = await self._question_in(tx, org_id, row)
            agents = {each.agent_id for each in found.values()}
            return found, {agent: await labels_in(tx, agent) for agent in sorted(agents)}

        found, labels = await self.db.read(work, org=org_id)
        return [found[each] for each in ids if each in found], labels

    async def _answer_in(self, tx: Tx, org_id: str, row: Row) -> Recorded:
        plain = await self._unsealed_in(tx, org_id, row["answer"], f"authorization:{row['id']}")
        if plain is None:
            return _recorded(row, row["decision"], why_not=ERASED)
        told = msgspec.json.decode(plain, type=Told)
        action = told.action
        if action is None and row["escalation_id"] is not None:
            action, _ = await self._action_in(tx, org_id, row["sealed"], row["escalation_id"])
        done = row["decision"] == ALLOW or row["token_state"] == outcome.REDEEMED
        return _recorded(
            row,
            row["decision"],
            action=action,
            labels=told.labels,
            standing=told.standing,
            done=done,
            # Where people are asked, a proof may come with the token as well.
            proven=True if told.prev else None if row["decision"] in ASKS else False,
            why_not=NOT_RECORDED if action is None else None,
        )

    async def _question_in(self, tx: Tx, org_id: str, row: Row) -> Recorded:
        action, standing = await self._action_in(tx, org_id, row["sealed"], row["id"])
        return _recorded(
            row,
            ASKS[0],
            action=action,
            standing=standing,
            done=row["token_state"] == outcome.REDEEMED,
            why_not=ERASED if action is None else None,
        )

    async def _action_in(
        self, tx: Tx, org_id: str, sealed: Any, escalation_id: str
    ) -> tuple[dict[str, Any] | None, Standing | None]:
        """What was asked, and what stood then."""
        plain = await self._unsealed_in(tx, org_id, sealed, f"escalation:{escalation_id}")
        if plain is None:
            return None, None
        found = loads(plain, max_depth=40)
        stood = found.get("standing")
        return found["action"], None if stood is None else msgspec.convert(stood, Standing)

    async def _unsealed_in(self, tx: Tx, org_id: str, sealed: Any, context: str) -> bytes | None:
        try:
            return await self.vault.unseal_in(tx, org_id, bytes(sealed), context)
        except SealBroken:
            return None


def _recorded(row: Row, was: str, **more: Any) -> Recorded:
    given = {"action": None, "labels": None, "done": False, "proven": None, **more}
    return Recorded(id=row["id"], agent_id=row["agent_id"], at=row["at"], was=was, **given)


def _again(replay: Replay, recorded: list[Recorded], labels: dict[str, Labels]) -> list[Again]:
    return [
        replay.again(each, labels.get(each.agent_id, NO_LABELS)) if each.why_not is None else _not_again(each)
        for each in recorded
    ]


def _not_again(recorded: Recorded) -> Again:
    return Again(
        recorded=recorded,
        now=recorded.was,
        would_be=recorded.was,
        asked_otherwise=False,
        reason="",
        rule_id=None,
        why_not=recorded.why_not,
    )


def _both(
    kept: list[KeptPolicy], name: str, text: str, binding: Binding | None
) -> tuple[tuple[Bound, ...], tuple[Bound, ...]]:
    """What is in force, and the same with the new text under its name, with the id that its limits are counted by."""
    there = next((each for each in kept if each.name == name), None)
    present = {each.name: Bound(policy_of(each), each.binding) for each in kept}
    policy_id = "proposed" if there is None else there.policy_id
    bound = binding or (Binding() if there is None else there.binding)
    version = 1 if there is None else there.version + 1
    proposed = {**present, name: Bound(load(text, policy_id=policy_id, version=version), bound)}
    return tuple(present.values()), tuple(proposed[each] for each in sorted(proposed))


def _tried(who: Acting, name: str, text: str, now: int) -> Event:
    return Event(
        kind="policy.dry_run",
        org_id=who.org_id,
        at=now,
        actor_type=who.actor_type,
        actor_id=who.actor_id,
        detail={"name": name, "hash": sha256_text(text.encode())},
    )
