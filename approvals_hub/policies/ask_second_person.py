"""Keeps a change of who must answer as a draft that a second person signs for, as a change of a policy is."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.people.who_answers import Waiting, Wanted
from approvals_hub.policies import store
from approvals_hub.policies.keep_drafts import AskNow, KeepDrafts, Proposer, asked_now_about


@dataclass(frozen=True, slots=True)
class AskSecondPerson:
    """What `SecondPerson` promises."""

    drafts: KeepDrafts
    ask_now: AskNow

    async def keep_in(self, tx: Tx, who: Acting, wanted: Wanted, now: int) -> Waiting | HubError | None:
        """The draft, why none is kept (TooMany, TooLarge), or None where one person is enough."""
        if not await store.second_person(tx, who.org_id):
            return None
        made = await self.drafts.keep_in(
            tx,
            Proposer(who.org_id, who.actor_type, who.actor_id),
            wanted.change,
            now,
            name=wanted.name,
            text=wanted.text,
            replaces=wanted.replaces,
            replaces_hash=wanted.replaces_hash,
        )
        return made if isinstance(made, HubError) else Waiting(made.id)

    async def asked(self, waiting: Waiting) -> Waiting:
        """The same once people are asked. Raises Conflict where nobody could be."""
        await asked_now_about(self.ask_now, waiting.draft_id)
        return waiting
