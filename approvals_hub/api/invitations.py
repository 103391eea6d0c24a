"""Following an invitation's link."""

from __future__ import annotations

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Line, Token
from approvals_hub.api.sessions import OpenedSessionView, OrgRef, PersonRef, Transport, opened_view, with_session
from approvals_hub.core.discreet import Discreet


class AcceptForm(Discreet, Form, frozen=True):
    """The link's one-time token; it stood behind `#`, which browsers send to nobody."""

    not_printed = ("token",)

    token: Token
    transport: Transport = "cookie"
    client: Line | None = None


class AcceptedView(msgspec.Struct, frozen=True):
    """A session that can enrol a first key, and nothing else."""

    session: OpenedSessionView
    person: PersonRef
    org: OrgRef
    purpose: str
    has_keys: bool


async def accept(call: Call[AcceptForm]) -> Answer:
    """Use an invitation, once."""
    form = call.asked
    accepted = await call.hub.accept_invitation(form.token, call.visitor(form.client))
    as_cookie = call.wants_cookie(form.transport)
    view = AcceptedView(
        session=opened_view(accepted.session, as_cookie=as_cookie),
        person=PersonRef(accepted.person_id, accepted.person_name),
        org=OrgRef(accepted.org_id, accepted.org_name),
        purpose=accepted.purpose,
        has_keys=accepted.has_keys,
    )
    return with_session(view, accepted.session, as_cookie=as_cookie)
