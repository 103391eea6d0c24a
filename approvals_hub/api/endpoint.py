"""The generic function behind every route, in the order caller → decode → call → errors."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from aiohttp import HttpVersion11, web

from approvals_hub.agents.openleash_signature import is_given
from approvals_hub.api import problems
from approvals_hub.api.body import check_media_type, decode, decode_query, read_body, refuse_body
from approvals_hub.api.call import COOKIE, Answer, Api, Call
from approvals_hub.api.caller import Caller, Who, admission
from approvals_hub.api.claimed import COUNTED, claimed_in_vain
from approvals_hub.api.headers import answer_headers, new_request_id
from approvals_hub.core.errors import Forbidden, HubError, Invalid, NotFound, TooMany
from approvals_hub.hub import PersonCredential

Handler = Callable[[Call[Any]], Awaitable[Any]]
Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]

SESSION_SECONDS = 30 * 86_400
"""How long a browser keeps the cookie; the hub ends the session by its own rules, earlier."""

NOT_ALLOWED = frozenset(
    {"agent_paused", "enrolment_only", "key_needed", "no_organisation", "operator_makes_organisations", "role_missing"}
    | {"signature_needed"}
)
"""Refusals of what somebody known may not do, whatever it is about; every other one is recorded where it is made."""

_OPENLEASH = web.RequestKey("openleash", bool)
_parts = {"domain": r"(?:\*\.)?[A-Za-z0-9_.-]{1,253}"}
_part = r"[A-Za-z0-9_.-]{1,80}"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What OpenLeash sends and is answered at the same path, with the same status."""

    handler: Handler
    asks: Any
    gives: Any
    is_meant: Callable[[Who, bytes], bool]
    """Whether a caller, or the body of one that is nobody yet, speaks OpenLeash."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table. `asks` is the form of the body, or of the query where the method has none."""

    method: str
    path: str
    handler: Handler
    caller: Caller
    asks: Any
    gives: Any
    """The form of the answer; its media types with spaces between them where it is no JSON; None where it is empty."""
    status: int
    refuses: tuple[type[HubError], ...] = ()
    """What the operation itself may refuse; what follows from its caller and body is added by itself."""
    keyed: bool = False
    """Whether an Idempotency-Key is needed."""
    later: Any = None
    """The form of an answer 202: what was asked takes people's word first."""
    openleash: bool = False
    """Whether nobody but OpenLeash has this operation."""
    otherwise: Otherwise | None = None

    @property
    def has_body(self) -> bool:
        """Whether a body is read."""
        return self.asks is not None and self.method != "GET"

    @property
    def body_may_be_empty(self) -> bool:
        """Whether leaving the body out means an object without members."""
        return self.has_body and isinstance(self.asks, type) and _needs_nothing(self.asks)


@cache
def _needs_nothing(form: type) -> bool:
    """Reading what a form needs is a third of what it takes to make the application."""
    return not any(member.required for member in msgspec.structs.fields(form))


def endpoint(api: Api, route: Route) -> Serve:
    """What aiohttp calls for one row. Raises the refusals of the tree; the application turns them into problems."""
    admit = admission(route.caller)
    headers = answer_headers(secure=api.served.secure)
    handler, form, status = route.handler, route.asks, route.status
    has_body, may_be_empty = route.has_body, route.body_may_be_empty
    has_parts = "{" in route.path
    only, other = route.openleash, route.otherwise

    async def serve(request: web.Request) -> web.StreamResponse:
        if has_parts:
            _check_parts(request)
        raw = await read_body(request) if has_body else refuse_body(request)
        if only:
            request[_OPENLEASH] = True
        who = None
        if admit is not None:
            try:
                who = await admit(api, request, raw)
            except HubError as refused:
                api.refusals.count(api.source(request), refused.code)
                raise
        asks, handle = form, handler
        if other is not None and other.is_meant(who, raw):
            request[_OPENLEASH] = True
            asks, handle = other.asks, other.handler
        try:
            asked = _body(request, raw, asks, may_be_empty) if has_body else decode_query(request, asks)
        except Invalid as refused:
            await _note_claims(api, request, route, who, raw, refused)
            raise
        try:
            given = await handle(Call(api, request, asked, raw, who))
        except Forbidden as refused:
            await _note(api, request, route, who, refused)
            raise
        if isinstance(given, web.StreamResponse):
            return given
        if type(given) is Answer:
            return _answer(given, status, headers)
        return web.Response(body=_encode(given), status=status, headers=headers)

    return serve


def speaks_openleash(request: web.Request) -> bool:
    """Whether whoever sent this reads the codes of OpenLeash."""
    return _OPENLEASH in request or is_given(request.headers)


async def _note(api: Api, request: web.Request, route: Route, who: Who, refused: Forbidden) -> None:
    """An entry of the log for a change that a person tried. The rest is counted: a page looks whether it may read, and
    a paused agent may try for ever.
    """
    if refused.code not in NOT_ALLOWED:
        return
    if isinstance(who, PersonCredential) and route.method != "GET":
        await api.hub.note_refusal(who, f"{route.method} {route.path}", refused)
    else:
        api.refusals.count(api.source(request), refused.code)


async def _note_claims(api: Api, request: web.Request, route: Route, who: Who, raw: bytes, refused: Invalid) -> None:
    """An entry for a level that somebody claims of themselves where no form takes it: some each minute, the others are
    counted, and so are a stranger's, who could fill the log with them.
    """
    names = claimed_in_vain(raw, request.raw_path.partition("?")[2], refused.field)
    if not names:
        return
    if who is not None:
        try:
            api.claims.take(who.token_hash.hex() if isinstance(who, PersonCredential) else who.agent_id)
        except TooMany:
            pass
        else:
            if await api.hub.note_refusal(who, f"{route.method} {route.path}", refused, names):
                return
    api.refusals.count(api.source(request), COUNTED)


def expecting(api: Api) -> Callable[[web.Request], Awaitable[web.StreamResponse | None]]:
    """What aiohttp calls for a request with `Expect`, before the route's own function."""
    headers = answer_headers(secure=api.served.secure)

    async def expected(request: web.Request) -> web.StreamResponse | None:
        if request.version < HttpVersion11:
            return None
        if request.headers["Expect"].lower() != "100-continue":
            return problems.plain(problems.EXPECTATION_FAILED, new_request_id(), headers)
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # These bytes are none of the answer's, whose length the writer counts.
        request.writer.output_size = 0
        return None

    return expected


def pattern_of(part: str) -> str:
    """What may stand in this part of a path: an id or a name, or a host where that is what is named."""
    return _parts.get(part, _part)


def _check_parts(request: web.Request) -> None:
    """Raise NotFound for a part of the path that can be no id: it reaches no database."""
    for name, part in request.match_info.items():
        if re.fullmatch(pattern_of(name), part) is None:
            raise NotFound("not_found", "there is nothing with this id", next_step="Check the id.")


def _body(request: web.Request, raw: bytes, form: Any, may_be_empty: bool) -> Any:
    if "?" in request.raw_path:
        decode_query(request, None)
    if may_be_empty and not raw:
        return form()
    check_media_type(request)
    return decode(raw, form)


def _answer(answer: Answer, status: int, headers: dict[str, str]) -> web.Response:
    response = web.Response(
        body=None if answer.view is None else _encode(answer.view),
        status=answer.status or status,
        headers={**headers, **answer.headers},
    )
    if answer.session_token is not None:
        response.set_cookie(
            COOKIE,
            answer.session_token,
            max_age=SESSION_SECONDS if answer.session_token else 0,
            path="/",
            secure=True,
            httponly=True,
            samesite="Strict",
        )
    return response
