"""Owners and admins publish the organisation's policies, bind them to agents, and take them out of force.

Where the organisation wants a second person for it, each of these becomes a draft that people are asked about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.policies import store
from approvals_hub.policies.draft import ONE_PERSON, PUBLISH, REMOVE, PolicyDraft
from approvals_hub.policies.keep_drafts import AskNow, KeepDrafts, Proposer, asked_now
from approvals_hub.policies.kept import (
    Binding,
    KeptPolicy,
    checked_binding,
    checked_name,
    kept_of,
    policy_unknown,
    refuse_version,
)
from approvals_hub.policies.load import load
from approvals_hub.policies.put_in_force import By, PutInForce
from approvals_hub.policies.read_policies import named_in

Writer = PersonCredential | OperatorCredential
SOURCE_LIMIT = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class KeepPolicies:
    """Publishes and removes policies, each change against the version that its writer saw.

    Every change takes a fresh factor: one rule too many lets an agent do without people what it asked about before.
    """

    db: Database
    force: PutInForce
    drafts: KeepDrafts
    ask_now: AskNow
    fresh: FreshFactors
    clock: Clock

    async def publish(
        self,
        writer: Writer,
        name: str,
        text: str,
        *,
        version: int = 0,
        binding: Binding | None = None,
        source: str | None = None,
        fresh: Any = None,
    ) -> KeptPolicy | PolicyDraft:
        """Put a text in force; `version` is the one that it replaces, 0 for a new policy. `binding` None: as it was,
        every agent for a new one. The same text and binding again is no change. Where a second person is wanted, the
        answer is the draft that people are asked about.

        Raises Invalid with line, column and the nearest known word, or the field's path; Conflict where another version
        stands (`extra` holds it), there are too many, or nobody could be the second person; TooMany, TooLarge of
        drafts; Unauthenticated, Forbidden without the right or a fresh factor.
        """
        checked_name(name)
        read = load(text)
        bound = None if binding is None else checked_binding(binding)
        if source is not None and not (1 <= len(source) <= SOURCE_LIMIT and source.isprintable()):
            raise Invalid(
                "policy_invalid",
                f"source has 1 to {SOURCE_LIMIT} printable characters",
                next_step="Name a commit, or leave it out.",
                field="$.source",
            )
        now, policy_id = self.clock.now(), new_id("pol")

        async def work(tx: Tx) -> KeptPolicy | PolicyDraft | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.find(tx, who.org_id, name)
            before = None if row is None else kept_of(row)
            wanted = bound or (before.binding if before is not None else Binding())
            if before is not None and (before.text, before.binding) == (text, wanted):
                return await _told_in(tx, before, who)
            refusal = (
                refuse_version(before, version)
                or await self.force.refuse_in(tx, who.org_id, read, before, wanted)
                or await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            )
            if refusal is not None:
                return refusal
            if await store.second_person(tx, who.org_id):
                return await self.drafts.keep_in(
                    tx, _proposer(who), PUBLISH, now, name=name, before=before, text=text, binding=wanted, source=source
                )
            made = await self.force.publish_in(
                tx, _by(who), policy_id, name, text, read.hash, before, wanted, source, now
            )
            return await _told_in(tx, made, who)

        return await self._made(work, writer.org_id)

    async def remove(self, writer: Writer, name: str, *, version: int, fresh: Any = None) -> KeptPolicy | PolicyDraft:
        """Take one out of force; the answer is what was there, or the draft that people are asked about. Its versions
        stay, for what was decided by them.

        Raises NotFound; Conflict where another version stands, or nobody could be the second person; TooMany;
        Unauthenticated, Forbidden without the right or a fresh factor.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> KeptPolicy | PolicyDraft | HubError:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            row = await store.find(tx, who.org_id, name)
            if row is None:
                return policy_unknown()
            before = kept_of(row)
            refusal = refuse_version(before, version) or await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            if await store.second_person(tx, who.org_id):
                return await self.drafts.keep_in(tx, _proposer(who), REMOVE, now, name=name, before=before)
            await self.force.remove_in(tx, _by(who), before, now)
            return await _told_in(tx, before, who)

        return await self._made(work, writer.org_id)

    async def want_second_person(self, writer: Writer, *, wanted: bool, fresh: Any = None) -> PolicyDraft | None:
        """Say whether publishing takes a second person. Wanting it counts at once; not wanting it any more takes that
        second person too, and the answer is the draft that people are asked about.

        Raises Conflict where nobody could be the second person; TooMany; Unauthenticated, Forbidden without the right
        or a fresh factor.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> PolicyDraft | HubError | None:
            who = await admit_acting_in(tx, writer, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            if await store.second_person(tx, who.org_id) == wanted:
                return None
            refusal = await refuse_stale_in(tx, self.fresh, writer, fresh, now)
            if refusal is not None:
                return refusal
            if not wanted:
                return await self.drafts.keep_in(tx, _proposer(who), ONE_PERSON, now)
            return await self.force.want_second_person_in(tx, _by(who), now)

        made = settled(await self.db.run(work, org=writer.org_id))
        return None if made is None else await asked_now(self.ask_now, made)

    async def takes_second_person(self, reader: Writer) -> bool:
        """Whether it does. Raises Unauthenticated, Forbidden without the right to read policies."""
        now = self.clock.now()

        async def work(tx: Tx) -> bool | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            return who if isinstance(who, HubError) else await store.second_person(tx, who.org_id)

        return settled(await self.db.read(work, org=reader.org_id))

    async def _made(
        self, work: Callable[[Tx], Awaitable[KeptPolicy | PolicyDraft | HubError]], org_id: str | None
    ) -> KeptPolicy | PolicyDraft:
        made = await self.db.run(work, org=org_id)
        if isinstance(made, HubError):
            raise made
        return await asked_now(self.ask_now, made) if isinstance(made, PolicyDraft) else made


async def _told_in(tx: Tx, kept: KeptPolicy, who: Acting) -> KeptPolicy:
    return (await named_in(tx, who.org_id, [kept]))[0]


def _proposer(who: Acting) -> Proposer:
    return Proposer(who.org_id, who.actor_type, who.actor_id)


def _by(who: Acting) -> By:
    return By(who.org_id, who.actor_type, who.actor_id, who.actor_id)
