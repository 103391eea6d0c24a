"""Signing in and out over HTTP: challenges, sessions, and whose they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Base64, Form, Id, Items, Line, Token, at, raw
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import EndedSession, OpenedSession, PersonCredential, SignedIn, SignInProof
from approvals_hub_client.canonical import b64u

_CLEAR, _CLEAR_ALL = '"cache"', '"cache", "storage"'

Transport = Literal["cookie", "bearer", "native"]
"""`native`: a bearer token of 15 minutes and a refresh token, for apps; `bearer`: a token for the whole session."""


class ChallengeForm(Form, frozen=True):
    """What the challenge is for; only `sign_in` needs no session."""

    purpose: Literal["sign_in", "enrol", "fresh"]


class ChallengeView(msgspec.Struct, frozen=True):
    """32 random bytes to sign within five minutes; `public_key` are the options of a passkey dialogue."""

    challenge_id: str
    challenge: str
    expires_at: str
    public_key: dict[str, Any]


class SignInForm(Form, frozen=True):
    """A signed challenge: a passkey's `assertion`, or `device_id` with its `signature`."""

    challenge_id: Id
    assertion: dict[str, Any] | None = None
    device_id: Id | None = None
    signature: Base64 | None = None
    org_id: Id | None = None
    transport: Transport = "cookie"
    client: Line | None = None


class OpenedSessionView(Discreet, msgspec.Struct, frozen=True):
    """A new session; `token` only where it was asked for as a bearer."""

    not_printed = ("token", "refresh_token")

    session_id: str
    scope: str
    acr: str
    expires_at: str
    token: str | None = None
    token_expires_at: str | None = None
    refresh_token: str | None = None


class RefreshForm(Discreet, Form, frozen=True):
    """A refresh token, which works once. A lost answer comes again for the same `retry_key`, made for this refresh."""

    not_printed = ("refresh_token", "retry_key")

    refresh_token: Token
    retry_key: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{22,128}$(?!\n)")] | None = None


class PersonRef(msgspec.Struct, frozen=True):
    """A person by id and name."""

    person_id: str
    name: str


class PersonView(msgspec.Struct, frozen=True):
    """The person of a session."""

    person_id: str
    name: str
    email: str | None


class OrgRef(msgspec.Struct, frozen=True):
    """An organisation by id and name."""

    org_id: str
    name: str


class SignedInView(msgspec.Struct, frozen=True):
    """A session and whose it is."""

    session: OpenedSessionView
    person: PersonView
    org: OrgRef
    roles: list[str]
    now: str


class SessionView(msgspec.Struct, frozen=True):
    """One live session of a person: how it was opened, and the network that it came from."""

    session_id: str
    device_id: str | None
    method: str | None
    network: str | None
    client: str | None
    scope: str
    acr: str
    created_at: str
    last_seen_at: str
    expires_at: str
    current: bool


class EndedSessionView(msgspec.Struct, frozen=True):
    """A session that is over, and the device whose key ended with it."""

    session_id: str
    ended_at: str
    forgotten: str | None


class EndForm(Form, frozen=True):
    """With `forget_device`, the device key that opened the session ends too; a passkey stays. That, and ending any
    session but the present one, takes a fresh factor, or else a sign-in at a provider within the last five minutes."""

    forget_device: bool = False
    fresh: FreshForm | None = None


class EndedSessionsView(msgspec.Struct, frozen=True):
    """Sessions that are over."""

    session_ids: list[str]


class SignOutForm(Form, frozen=True):
    """With `device_id`, the device's key ends too; that takes a fresh factor, which the key itself can give."""

    device_id: Id | None = None
    fresh: FreshForm | None = None


async def challenge(call: Call[ChallengeForm]) -> ChallengeView:
    """Random bytes for a key to sign, once."""
    who = call.who if isinstance(call.who, PersonCredential) else None
    issued = await call.hub.issue_challenge(call.asked.purpose, who)
    return ChallengeView(issued.challenge_id, b64u(issued.challenge), to_text(issued.expires_at), issued.public_key)


async def sign_in(call: Call[SignInForm]) -> Answer:
    """Open a session with a key that is enrolled here."""
    form = call.asked
    proof = SignInProof(
        challenge_id=form.challenge_id,
        assertion=form.assertion,
        device_id=form.device_id,
        signature=raw(form.signature, "$.signature"),
        org_id=form.org_id,
        native=form.transport == "native",
    )
    signed_in = await call.hub.sign_in(proof, call.visitor(form.client))
    as_cookie = call.wants_cookie(form.transport)
    view = signed_in_view(signed_in, now=to_text(call.hub.clock.now()), as_cookie=as_cookie)
    return with_session(view, signed_in.session, as_cookie=as_cookie)


async def refresh(call: Call[RefreshForm]) -> OpenedSessionView:
    """The next token of a native client's session, and the next refresh token."""
    return opened_view(await call.hub.renew_session(call.asked.refresh_token, call.asked.retry_key), as_cookie=False)


async def current(call: Call[None]) -> Answer:
    """The present session."""
    session = await call.hub.current_session(call.person)
    owed, opened = await renewed_where_owed(call) if session.scope == "full" else (None, None)
    plain = OpenedSessionView(session.session_id, session.scope, session.acr, to_text(session.expires_at))
    view = SignedInView(
        session=opened or plain,
        person=PersonView(session.person_id, session.person_name, session.person_email),
        org=OrgRef(session.org_id, session.org_name),
        roles=sorted(session.roles),
        now=to_text(call.hub.clock.now()),
    )
    return with_session(view, owed, as_cookie=call.wants_cookie())


async def listed(call: Call[None]) -> Items[SessionView]:
    """The person's live sessions."""
    return Items(
        [
            SessionView(
                session_id=session.session_id,
                device_id=session.device_id,
                method=session.method,
                network=session.network,
                client=session.client,
                scope=session.scope,
                acr=session.acr,
                created_at=to_text(session.created_at),
                last_seen_at=to_text(session.last_seen_at),
                expires_at=to_text(session.expires_at),
                current=session.current,
            )
            for session in await call.hub.list_sessions(call.person)
        ]
    )


async def end(call: Call[EndForm]) -> Answer:
    """End one of the person's sessions, and its device key where asked to; another one than `current` takes `fresh`."""
    form = call.asked
    ended = await call.hub.end_session(
        call.person, call.part("id"), forget_device=form.forget_device, fresh=fresh_of(form.fresh)
    )
    return _ended(ended, _CLEAR_ALL if ended.forgotten else _CLEAR)


async def end_others(call: Call[EndForm]) -> EndedSessionsView:
    """End all of the person's sessions but the present one, with `fresh`; with `forget_device` their keys too."""
    form = call.asked
    others = call.hub.end_session.others
    return EndedSessionsView(await others(call.person, forget_devices=form.forget_device, fresh=fresh_of(form.fresh)))


async def sign_out(call: Call[SignOutForm]) -> Answer:
    """End the present session and, if named, the key that stays behind on the device."""
    ended = await call.hub.sign_out(call.person, call.asked.device_id, fresh_of(call.asked.fresh))
    return _ended(ended, _CLEAR_ALL if call.asked.device_id else _CLEAR)


def signed_in_view(signed_in: SignedIn, *, now: str, as_cookie: bool) -> SignedInView:
    """A new session and whose it is, for the wire."""
    return SignedInView(
        session=opened_view(signed_in.session, as_cookie=as_cookie),
        person=PersonView(signed_in.person_id, signed_in.person_name, signed_in.person_email),
        org=OrgRef(signed_in.org_id, signed_in.org_name),
        roles=list(signed_in.roles),
        now=now,
    )


def opened_view(session: OpenedSession, *, as_cookie: bool) -> OpenedSessionView:
    """A new session for the wire. What goes into the cookie is for no script to read."""
    return OpenedSessionView(
        session.session_id,
        session.scope,
        session.acr,
        to_text(session.expires_at),
        None if as_cookie else session.token,
        at(session.token_expires_at),
        session.refresh_token,
    )


def with_session(view: Any, session: OpenedSession | None, *, as_cookie: bool) -> Answer:
    """An answer that may bring a new session along."""
    return Answer(view, session_token=session.token if session is not None and as_cookie else None)


Renewed = tuple[OpenedSession | None, OpenedSessionView | None]
"""A session with a new token, and what a native client is shown of it: a page has it in the cookie, which is for no
script to read. None where the session goes on with the token that it has."""


async def renewed(call: Call[Any]) -> Renewed:
    """The caller's session with a new token after a step-up, unless another answer has brought that meanwhile."""
    return _renewed(call, await call.hub.renew_session.after_step_up(call.person))


async def renewed_where_owed(call: Call[Any]) -> Renewed:
    """The same where the hub found out itself that the person has proven more, and the session has not gone on yet."""
    return _renewed(call, await call.hub.renew_session.owed(call.person))


def _renewed(call: Call[Any], session: OpenedSession | None) -> Renewed:
    return session, None if session is None or call.wants_cookie() else opened_view(session, as_cookie=False)


def _ended(session: EndedSession, clear: str) -> Answer:
    view = EndedSessionView(session.session_id, to_text(session.ended_at), session.forgotten)
    # Clearing "cookies" would sign people out of everything else on the same domain.
    return Answer(view, {"Clear-Site-Data": clear}, session_token="") if session.current else Answer(view)
