"""Drafts of whom agents may trust: how far a counterparty is, and whose proofs are taken.

They are kept, asked about and carried out as drafts of policies are; this is what they change, inside those units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import msgspec

from approvals_hub.audit.event import ActorType
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import HubError
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.people.who_answers import PARTY_TRUSTED, SoFar
from approvals_hub.policies.draft import PolicyDraft
from approvals_hub.policies.keep_relying_parties import KeepRelyingParties, registered_in
from approvals_hub.policies.relying_party import WIDE, Entry
from approvals_hub.tokens import trusted_hub_store as hubs
from approvals_hub.tokens.trust_hub import TrustHub
from approvals_hub.tokens.trusted_hub import NewTrust, OfferedKey, known_so_far


@dataclass(frozen=True, slots=True)
class ChangeTrust:
    """Carries such a draft out."""

    parties: KeepRelyingParties
    hubs: TrustHub

    async def unfit_in(self, tx: Tx, draft: PolicyDraft) -> str | None:
        """Why it cannot be carried out: the list is full, or a key was revoked since it was drafted."""
        refusal: HubError | None
        if draft.change == PARTY_TRUSTED:
            refusal = await self.parties.refuse_in(tx, draft.org_id, draft.name)
        else:
            refusal = await self.hubs.refuse_in(tx, draft.org_id, _hub(draft))
        return None if refusal is None else refusal.code

    async def change_in(self, tx: Tx, draft: PolicyDraft, question: str, now: int) -> None:
        """Do it, for who proposed it. `question` is the one that people have signed."""
        who = Acting(draft.org_id, cast(ActorType, draft.proposer_type), draft.proposed_by, frozenset())
        if draft.change == PARTY_TRUSTED:
            after = _entry(draft).trust_profile
            await self.parties.change_in(tx, who, draft.name, after, now, question=question)
        else:
            await self.hubs.trust_in(tx, who, new_id("thb"), _hub(draft), now, question=question)


async def trusted_so_far_in(tx: Tx, draft: PolicyDraft) -> SoFar:
    """What the draft would replace."""
    if draft.change == PARTY_TRUSTED:
        return Entry.of(draft.name, await registered_in(tx, draft.org_id)).so_far()
    return known_so_far(await hubs.hub_of(tx, draft.org_id, draft.name))


def trusted_lines(draft: PolicyDraft, so_far: SoFar) -> list[str]:
    """What the draft changes, in words. What people wrote of others stands in quotes."""
    if draft.change == PARTY_TRUSTED:
        before, after = msgspec.json.decode(so_far.text, type=Entry), _entry(draft)
        name = draft.name.removeprefix(WIDE)
        wide = f"Every host below {name} that has no nearer entry"
        who = wide if draft.name.startswith(WIDE) else f"The counterparty {name}"
        return [f"{who} is trusted {after.trusted}. So far it is trusted {before.trusted}."]
    hub = _hub(draft)
    named = f"the hub {msgspec.json.encode(hub.name).decode()} ({hub.issuer})"
    lines = [f"The key {each.paserk} of {named} counts{_while(each)}." for each in hub.keys]
    if hub.trusted_hub_id is not None:
        return lines
    known = f", also for {', '.join(hub.audiences)}" if hub.audiences else ""
    return [f"Agents may rely on proofs of {named}{known}.", *lines]


def _while(key: OfferedKey) -> str:
    since = "" if key.valid_from is None else f" from {to_text(key.valid_from)}"
    return since + ("" if key.valid_until is None else f" until {to_text(key.valid_until)}")


def _entry(draft: PolicyDraft) -> Entry:
    assert draft.body is not None
    return msgspec.json.decode(draft.body, type=Entry)


def _hub(draft: PolicyDraft) -> NewTrust:
    assert draft.body is not None
    return msgspec.json.decode(draft.body, type=NewTrust)
