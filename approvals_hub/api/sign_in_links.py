"""Links by mail over HTTP: asking for one, and the deliberate press of a button on the page that it opens."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Line, Token
from approvals_hub.api.sessions import Transport, signed_in_view, with_session
from approvals_hub.api.step_ups import Language
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.hub import Arrival, LinkProof


class AskForLinkForm(Form, frozen=True):
    """The address."""

    email: Annotated[str, Meta(min_length=3, max_length=254)]
    language: Language = "en"


class AskedLinkView(Discreet, msgspec.Struct, frozen=True):
    """The same for every address. The page keeps `secret` and shows `code`, for a link that is opened elsewhere."""

    not_printed = ("secret", "code")

    secret: str
    code: str
    expires_at: str


class LinkForm(Discreet, Form, frozen=True):
    """The link's token, and `secret` in the browser that asked for it, or the six digits of its page."""

    not_printed = ("token", "secret", "code")

    token: Token
    secret: Token | None = None
    code: Annotated[str, Meta(pattern="^[0-9]{6}$(?!\n)")] | None = None
    transport: Transport = "cookie"
    client: Line | None = None


async def ask(call: Call[AskForLinkForm]) -> AskedLinkView:
    """Ask for a link by mail; whether anybody has the address, the answer does not tell."""
    source = call.api.source(call.request)
    asked = await call.hub.ask_for_link(call.asked.email, language=call.asked.language, source=source)
    return AskedLinkView(asked.secret, asked.code, to_text(asked.expires_at))


async def sign_in(call: Call[LinkForm]) -> Answer:
    """Open a session with a link, once."""
    form = call.asked
    arrival = Arrival(call.visitor(form.client), form.transport == "native")
    try:
        signed_in = await call.hub.use_link(LinkProof(form.token, form.secret, form.code), arrival)
    except Unauthenticated as refused:
        call.api.refusals.count(call.api.source(call.request), refused.code)
        raise
    as_cookie = call.wants_cookie(form.transport)
    view = signed_in_view(signed_in, now=to_text(call.hub.clock.now()), as_cookie=as_cookie)
    return with_session(view, signed_in.session, as_cookie=as_cookie)
