"""Several organisations over HTTP: one's own, making one, joining, switching, leaving; and who waits to be let in."""

from __future__ import annotations

from typing import Literal

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.devices import DigitsForm
from approvals_hub.api.fields import Form, Id, Items, Line, Token, at
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.sessions import OrgRef, PersonRef, Transport, signed_in_view, with_session
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet


class MyOrgView(msgspec.Struct, frozen=True):
    """One of the caller's organisations. `waiting` names what they have not answered there, soonest first."""

    org_id: str
    name: str
    roles: list[str]
    current: bool
    waiting: list[str]
    next_expiry: str | None


class NewOrg(Form, frozen=True):
    """What it is called, and a fresh factor."""

    name: Line
    fresh: FreshForm | None = None


class SwitchForm(Form, frozen=True):
    """In which of the caller's organisations to go on. The session comes as this one did unless `transport` says."""

    org_id: Id
    transport: Transport | None = None
    client: Line | None = None


class InvitationForm(Discreet, Form, frozen=True):
    """The link's one-time token; it stood behind `#`, which browsers send to nobody."""

    not_printed = ("token",)

    token: Token


class InvitationView(msgspec.Struct, frozen=True):
    """Where an invitation leads. Reading it spends nothing."""

    org: OrgRef
    roles: list[str]
    expires_at: str


class JoinForm(Discreet, Form, frozen=True):
    """The token of an invitation, and a fresh factor of whoever follows it."""

    not_printed = ("token",)

    token: Token
    fresh: FreshForm | None = None


class JoiningView(Discreet, msgspec.Struct, frozen=True):
    """Whoever invited compares these six digits; then the caller is a member."""

    not_printed = ("digits",)

    joining_id: str
    org: OrgRef
    digits: str
    expires_at: str


class PendingJoiningView(Discreet, msgspec.Struct, frozen=True):
    """Somebody with a key of this hub who followed an invitation; `invited_name` is what the inviter called them."""

    not_printed = ("digits",)

    joining_id: str
    person: PersonRef
    invited_name: str
    digits: str
    created_at: str
    expires_at: str


class JoiningStateView(msgspec.Struct, frozen=True):
    """What has become of it."""

    joining_id: str
    state: Literal["pending", "joined", "ended"]


class RemoveForm(Form, frozen=True):
    """A fresh factor, where somebody takes themselves out."""

    fresh: FreshForm | None = None


class RemovedView(msgspec.Struct, frozen=True):
    """Who is no member any more."""

    person_id: str
    org_id: str


async def mine(call: Call[None]) -> Items[MyOrgView]:
    """The caller's organisations, and what waits for them in each."""
    return Items(
        [
            MyOrgView(each.org_id, each.name, list(each.roles), each.current, list(each.waiting), at(each.next_expiry))
            for each in await call.hub.orgs.mine(call.person)
        ]
    )


async def make(call: Call[NewOrg]) -> OrgRef:
    """Make an organisation whose owner the caller is."""
    made = await call.hub.orgs.make(call.person, call.asked.name, fresh_of(call.asked.fresh))
    return OrgRef(made.org_id, made.name)


async def switch(call: Call[SwitchForm]) -> Answer:
    """Go on in another organisation: a new session with a new id; the present one is over."""
    form = call.asked
    signed_in = await call.hub.orgs.switch(call.person, form.org_id, call.visitor(form.client))
    as_cookie = call.wants_cookie(form.transport)
    view = signed_in_view(signed_in, now=to_text(call.hub.clock.now()), as_cookie=as_cookie)
    return with_session(view, signed_in.session, as_cookie=as_cookie)


async def invitation(call: Call[InvitationForm]) -> InvitationView:
    """Where an invitation leads, for somebody who is signed in."""
    found = await call.hub.orgs.join.look(call.person, call.asked.token)
    return InvitationView(OrgRef(found.org_id, found.org_name), list(found.roles), to_text(found.expires_at))


async def join(call: Call[JoinForm]) -> JoiningView:
    """Follow an invitation with the key that one has."""
    joining = await call.hub.orgs.join(call.person, call.asked.token, fresh_of(call.asked.fresh))
    org = OrgRef(joining.org_id, joining.org_name)
    return JoiningView(joining.joining_id, org, joining.digits, to_text(joining.expires_at))


async def joining(call: Call[None]) -> JoiningStateView:
    """What has become of it, for whoever joins."""
    state = await call.hub.orgs.join.state(call.person, call.part("id"))
    return msgspec.convert({"joining_id": call.part("id"), "state": state}, JoiningStateView)


async def pending(call: Call[None]) -> Items[PendingJoiningView]:
    """Who waits to be compared."""
    return Items(
        [
            PendingJoiningView(
                each.joining_id,
                PersonRef(each.person_id, each.person_name),
                each.invited_name,
                each.digits,
                to_text(each.created_at),
                to_text(each.expires_at),
            )
            for each in await call.hub.orgs.joinings.pending(call.person)
        ]
    )


async def confirm(call: Call[DigitsForm]) -> JoiningStateView:
    """Let somebody in whose digits are the same on both screens."""
    form = call.asked
    await call.hub.orgs.joinings.confirm(call.person, call.part("id"), form.digits, fresh_of(form.fresh))
    return JoiningStateView(call.part("id"), "joined")


async def refuse(call: Call[None]) -> JoiningStateView:
    """Turn somebody down."""
    await call.hub.orgs.joinings.refuse(call.person, call.part("id"))
    return JoiningStateView(call.part("id"), "ended")


async def remove(call: Call[RemoveForm]) -> RemovedView:
    """Take a member out, or leave: everything that they have in other organisations stays."""
    await call.hub.orgs.members.remove(call.person, call.part("org"), call.part("person"), fresh_of(call.asked.fresh))
    return RemovedView(call.part("person"), call.part("org"))
