"""Signing in with an identity provider over HTTP: which ways there are, beginning, answering, looking, ending.

The attempt's secret comes in the body, or where there is none in a header, and never in the address: addresses are
logged, kept in histories and sent on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Id, Items, Line, Token
from approvals_hub.api.sessions import SignedInView, Transport, signed_in_view, with_session
from approvals_hub.api.step_ups import Language, Method
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.hub import EMAIL_LINK, Arrival, ShownAttempt, SignInAsked

SECRET_HEADER = "Sign-In-Secret"  # noqa: S105 -- the name of a header


class SignInWayView(msgspec.Struct, frozen=True):
    """One way to sign in beside a passkey. `org_id`: the one organisation that it leads into."""

    method: str
    title: str
    org_id: str | None


class BeginSignInForm(Form, frozen=True):
    """The way. `org_id` chooses among several organisations."""

    method: Method
    org_id: Id | None = None
    same_device: bool = True
    language: Language = "en"


class BegunSignInView(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """A new attempt. `secret` is told this once: the page that began keeps it to itself."""

    not_printed = ("secret",)

    sign_in_id: str
    secret: str
    shown: dict[str, Any]
    expires_at: str


class AnswerSignIn(Discreet, Form, frozen=True):
    """The attempt's secret; the answer in the form of the way, or none to take the session of a proven attempt."""

    not_printed = ("secret", "answer")

    secret: Token
    answer: dict[str, Any] | None = None
    transport: Transport = "cookie"
    client: Line | None = None


class SignInSecret(Discreet, Form, frozen=True):
    """The attempt's secret."""

    not_printed = ("secret",)

    secret: Token


class SignInAttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt: `running`, `proven` (its page takes the session now), `done` or `ended`. `signed_in`: the session."""

    sign_in_id: str
    method: str
    state: str
    shown: dict[str, Any]
    expires_at: str
    now: str
    signed_in: SignedInView | None = None


async def ways(call: Call[None]) -> Items[SignInWayView]:
    """The ways to sign in beside passkeys and device keys."""
    items = [SignInWayView(way.method, way.title, way.org_id) for way in call.hub.sign_in_ways.list()]
    return Items([*items, SignInWayView(EMAIL_LINK, "e-mail", None)] if call.hub.ask_for_link.offered else items)


async def begin(call: Call[BeginSignInForm]) -> BegunSignInView:
    """Begin to sign in with an identity provider."""
    form = call.asked
    asked = SignInAsked(
        method=form.method,
        org_id=form.org_id,
        language=form.language,
        same_device=form.same_device,
        address=call.api.address(call.request),
        source=call.api.source(call.request),
        user_agent=call.request.headers.get("User-Agent", "")[:256],
    )
    begun = await call.hub.begin_sign_in(asked)
    attempt = begun.shown.attempt
    return BegunSignInView(
        sign_in_id=attempt.id, secret=begun.secret, shown=begun.shown.shown, expires_at=to_text(attempt.expires_at)
    )


async def read(call: Call[None]) -> SignInAttemptView:
    """How it stands; asks nobody."""
    return _view(await call.hub.complete_sign_in.read(call.part("id"), call.request.headers.get(SECRET_HEADER, "")))


async def complete(call: Call[AnswerSignIn]) -> Answer:
    """Answer it, or take the session of one that is proven."""
    form = call.asked
    arrival = Arrival(call.visitor(form.client), form.transport == "native")
    try:
        given = await call.hub.complete_sign_in(call.part("id"), form.secret, form.answer, arrival)
    except Unauthenticated as refused:
        call.api.refusals.count(call.api.source(call.request), refused.code)
        raise
    if isinstance(given, ShownAttempt):
        return Answer(_view(given))
    as_cookie, now = call.wants_cookie(form.transport), to_text(call.hub.clock.now())
    view = SignInAttemptView(
        sign_in_id=call.part("id"),
        method=given.method,
        state="done",
        shown={},
        expires_at=now,
        now=now,
        signed_in=signed_in_view(given, now=now, as_cookie=as_cookie),
    )
    return with_session(view, given.session, as_cookie=as_cookie)


async def cancel(call: Call[SignInSecret]) -> SignInAttemptView:
    """End it, at the provider too."""
    return _view(await call.hub.complete_sign_in.cancel(call.part("id"), call.asked.secret))


def _view(shown: ShownAttempt) -> SignInAttemptView:
    attempt = shown.attempt
    return SignInAttemptView(
        sign_in_id=attempt.id,
        method=attempt.method,
        state=attempt.state_at(shown.now),
        shown=shown.shown,
        expires_at=to_text(attempt.expires_at),
        now=to_text(shown.now),
    )
