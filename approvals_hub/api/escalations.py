"""Escalations over HTTP: agents ask, wait, withdraw, revise; people read, and recall what they approved."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Items, PageQuery, Seconds, page
from approvals_hub.api.limits import DEFAULT_WAIT, LONGEST_WAIT, RETRY_AFTER_STOP, WAITERS_OF_AGENT
from approvals_hub.api.views import EscalationView, asked, shown, told
from approvals_hub.hub import Asking, Opened, PersonCredential

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


class NewEscalation(Form, frozen=True):
    """A question: the exact action, and the asker's own words, which people see marked as unverified.

    `requirement` asks more of people than the organisation does, in members of its requirement: `approvals`, `quorum`,
    `wait`, `dwell`, `min_assurance`, `fresh_within`, `passkeys`, `number_match`, `reason`, `risk`,
    `approval_valid_for`. What asks less is refused.
    """

    action: dict[str, Any]
    justification: str | None = None
    expires_in: Seconds | None = None
    requirement: dict[str, Any] | None = None
    callback_url: str | None = None


class MoreTime(Form, frozen=True):
    """How many seconds from now the question shall live."""

    expires_in: Seconds


class WaitQuery(Form, frozen=True):
    """`wait`: how many seconds the answer may take. `since`: as long as the version is this one.

    `action`: tell the asking agent what it asked, too; for one that has only the id left.
    """

    wait: Annotated[int, Meta(ge=0, le=LONGEST_WAIT)] | None = None
    since: Annotated[int, Meta(ge=0, le=2**31)] | None = None
    action: bool = False


State = Literal[
    "open",
    "approved",
    "denied",
    "not_me",
    "expired_seen",
    "expired_unseen",
    "undeliverable",
    "withdrawn",
    "superseded",
]


class EscalationsQuery(PageQuery, frozen=True):
    """Which escalations, newest first."""

    status: State | None = None


async def create(call: Call[NewEscalation]) -> EscalationView:
    """Ask people about one exact action; an identical open one returns the same escalation."""
    return _opened(call, await call.hub.escalate(call.agent, _asking(call)))


async def revise(call: Call[NewEscalation]) -> EscalationView:
    """Ask about the edited action instead; the old question ends as superseded."""
    return _opened(call, await call.hub.revise(call.agent, call.part("id"), _asking(call)))


async def withdraw(call: Call[None]) -> EscalationView:
    """Take the question back, or the approval that was not redeemed yet."""
    return asked(await call.hub.withdraw(call.agent, call.part("id")), call.hub.clock.now())


async def extend(call: Call[MoreTime]) -> EscalationView:
    """Give the question more time, within its latest expiry."""
    now = call.hub.clock.now
    if isinstance(call.who, PersonCredential):
        return shown(await call.hub.extend.by_person(call.who, call.part("id"), call.asked.expires_in), now())
    return asked(await call.hub.extend.by_agent(call.agent, call.part("id"), call.asked.expires_in), now())


async def read(call: Call[WaitQuery]) -> Answer:
    """How it stands now, or, with `wait`, as soon as that changes. A person is answered at once."""
    if isinstance(call.who, PersonCredential):
        escalation = await call.hub.list_escalations.one_for_person(call.who, call.part("id"))
        return Answer(shown(escalation, call.hub.clock.now()), headers={"ETag": f'"{escalation.version}"'})
    match = call.request.headers.get("If-None-Match")
    since = call.asked.since if match is None else _version(match)
    seconds = call.asked.wait
    if seconds is None:
        seconds = DEFAULT_WAIT if call.asked.since is not None and match is None else 0
    if seconds == 0:
        standing = await call.hub.wait(call.agent, call.part("id"), since=since)
    else:
        # No `with`: a context manager of its own would cost each of ten thousand waiters another half kilobyte.
        call.api.waiters.enter(call.agent.agent_id, WAITERS_OF_AGENT)
        try:
            standing = await call.hub.wait(call.agent, call.part("id"), since=since, seconds=seconds)
        finally:
            call.api.waiters.leave(call.agent.agent_id)
    escalation = standing.escalation
    headers = {"ETag": f'"{escalation.version}"'}
    if standing.unchanged and call.hub.stopping.begun:
        headers["Retry-After"] = str(RETRY_AFTER_STOP)
    elif match is not None and escalation.version == since:
        return Answer(None, headers, status=304)
    action = await call.hub.wait.action(call.agent, escalation.id) if call.asked.action else None
    return Answer(told(standing, call.hub.clock.now(), action=action), headers)


async def listed(call: Call[EscalationsQuery]) -> Items[EscalationView]:
    """An agent's own escalations, or all of the organisation for those who may read them; without tokens."""
    query, hub = call.asked, call.hub
    states = () if query.status is None else (query.status,)
    if isinstance(call.who, PersonCredential):
        found = await hub.list_escalations.of_org(call.who, states=states, before=query.cursor, limit=query.limit + 1)
    else:
        found = await hub.list_escalations.of_agent(
            call.agent, states=states, before=query.cursor, limit=query.limit + 1
        )
    now = hub.clock.now()
    return page([shown(escalation, now) for escalation in found], query.limit, lambda view: view.escalation_id)


def _asking(call: Call[NewEscalation]) -> Asking:
    form = call.asked
    return Asking(
        action=form.action,
        justification=form.justification,
        expires_in=form.expires_in,
        key=call.idempotency_key(),
        request_hash=call.request_hash(),
        requirement=form.requirement,
        callback_url=form.callback_url,
    )


def _opened(call: Call[NewEscalation], opened: Opened) -> EscalationView:
    return asked(opened.escalation, call.hub.clock.now(), repeated=opened.repeated)


def _version(match: str) -> int:
    """The version of an `If-None-Match`; one that the hub never gave matches nothing."""
    found = _ETAG.fullmatch(match)
    return int(found[1]) if found else -1
