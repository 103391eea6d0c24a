"""What waits for an approver, over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form
from approvals_hub.api.limits import LONGEST_WAIT, RETRY_AFTER_STOP, WAITERS_OF_PERSON
from approvals_hub.api.sessions import PersonRef
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Asker, Line, StoodIn


class InboxQuery(Form, frozen=True):
    """`wait`: how many seconds the answer may take, as long as the version is `since`."""

    wait: Annotated[int, Meta(ge=0, le=LONGEST_WAIT)] = 0
    since: Annotated[str, Meta(max_length=64)] | None = None


class AgentRef(msgspec.Struct, frozen=True):
    """The asking agent as the hub knows it, not as it names itself."""

    agent_id: str
    name: str
    owner: PersonRef
    trust: str


class StoodInView(msgspec.Struct, frozen=True):
    """Somebody who was asked and is away until then; `through` are delegates of theirs who are away too."""

    person_id: str
    name: str
    through: list[str]
    until: str


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """One open question; `similar` counts the others that differ only in id and time, `similar_ids` names the soonest
    twenty of them, `repeats` says how often the very same was asked again. `handed_over`: somebody asked that this
    person answers instead."""

    escalation_id: str
    revision: int
    action_type: str
    agent: AgentRef
    risk: str
    status: str
    version: int
    created_at: str
    expires_at: str
    similar: int
    similar_ids: list[str]
    repeats: int
    answered: bool
    handed_over: bool
    stands_in: list[StoodInView]
    """For whom the person may answer it."""


class InboxView(msgspec.Struct, frozen=True):
    """The inbox at one moment."""

    items: list[CardView]
    version: str
    now: str


async def read(call: Call[InboxQuery]) -> InboxView | Answer:
    """What waits for me, the soonest to expire first."""
    query, hub = call.asked, call.hub
    if query.wait == 0:
        page = await hub.inbox(call.person)
    else:
        with call.api.waiters.one(call.person.token_hash, WAITERS_OF_PERSON):
            page = await hub.inbox(call.person, since=query.since, seconds=query.wait)
    view = InboxView([_card(line) for line in page.lines], page.version, to_text(page.now))
    if query.wait and hub.stopping.begun and page.version == query.since:
        return Answer(view, {"Retry-After": str(RETRY_AFTER_STOP)})
    return view


def agent_ref(asker: Asker) -> AgentRef:
    """The asking agent for the wire."""
    return AgentRef(asker.agent_id, asker.name, PersonRef(asker.owner_id, asker.owner_name), asker.trust)


def _card(line: Line) -> CardView:
    escalation = line.escalation
    return CardView(
        escalation_id=escalation.id,
        revision=escalation.revision,
        action_type=escalation.action_type,
        agent=agent_ref(line.asker),
        risk=escalation.asked().risk,
        status=escalation.state,
        version=escalation.version,
        created_at=to_text(escalation.created_at),
        expires_at=to_text(escalation.expires_at),
        similar=line.similar,
        similar_ids=list(line.similar_ids),
        repeats=line.escalation.repeats,
        answered=line.answered,
        handed_over=line.handed_over,
        stands_in=[stood_in_view(each) for each in line.stands_in],
    )


def stood_in_view(each: StoodIn) -> StoodInView:
    """In whose place, for the wire."""
    return StoodInView(each.person_id, each.name, list(each.through), to_text(each.until))
