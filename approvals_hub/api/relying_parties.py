"""The registry of relying parties over HTTP: how far the organisation trusts those whom its agents deal with."""

from __future__ import annotations

from typing import Literal

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Items
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.policy_drafts import asked_first
from approvals_hub.core.clock import to_text
from approvals_hub.people.who_answers import Waiting
from approvals_hub.policies.relying_party import RelyingParty

Profile = Literal["LOW", "MEDIUM", "HIGH", "REGULATED"]


class RelyingPartyForm(Form, frozen=True):
    """How far it is trusted, and a fresh factor. The path names one host, or `*.` and a name for every host below."""

    trust_profile: Profile
    fresh: FreshForm | None = None


class RelyingPartyGoneForm(Form, frozen=True):
    """A fresh factor."""

    fresh: FreshForm | None = None


class RelyingPartyView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the registry. The entry of the host itself counts, else that of the nearest name above it with
    `*.`, else `LOW`."""

    domain: str
    trust_profile: str
    changed_at: str
    changed_by: str


async def listed(call: Call[None]) -> Items[RelyingPartyView]:
    """All of them, by name."""
    return Items([_view(each) for each in await call.hub.policies.relying_parties.list(call.person)])


async def put(call: Call[RelyingPartyForm]) -> RelyingPartyView | Answer:
    """Say how far one is trusted, from the next decision on. Needs a fresh factor. To trust more: 202 with a draft
    where publishing takes a second person."""
    asked, keep = call.asked, call.hub.policies.relying_parties
    made = await keep.put(call.person, call.part("domain"), asked.trust_profile, fresh=fresh_of(asked.fresh))
    return await _told(call, made)


async def remove(call: Call[RelyingPartyGoneForm]) -> RelyingPartyView | Answer:
    """Say nothing of it any more: what a wider name says holds for it, else `LOW`. Needs a fresh factor; where a wider
    name trusts more, 202 with a draft where publishing takes a second person."""
    keep = call.hub.policies.relying_parties
    gone = await keep.remove(call.person, call.part("domain"), fresh=fresh_of(call.asked.fresh))
    return await _told(call, gone)


async def _told(
    call: Call[RelyingPartyForm] | Call[RelyingPartyGoneForm], made: RelyingParty | Waiting
) -> RelyingPartyView | Answer:
    if not isinstance(made, Waiting):
        return _view(made)
    draft, _ = await call.hub.drafts.read.one(call.person, made.draft_id)
    return asked_first(draft)


def _view(party: RelyingParty) -> RelyingPartyView:
    return RelyingPartyView(
        domain=party.domain,
        trust_profile=party.trust_profile,
        changed_at=to_text(party.changed_at),
        changed_by=party.changed_by,
    )
