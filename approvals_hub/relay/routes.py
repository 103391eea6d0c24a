"""The relay over HTTP: its whole interface on one page. Bodies are small and strict: no word goes through them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from approvals_hub.api import problems
from approvals_hub.api.address import client_address, source_of
from approvals_hub.api.body import check_media_type, decode, decode_query, refuse_body
from approvals_hub.api.headers import answer_headers, new_request_id
from approvals_hub.api.pace import Pace
from approvals_hub.api.served import Served
from approvals_hub.core.errors import Gone, HubError, Misdirected, TooLarge, Unauthenticated, Unavailable
from approvals_hub.core.log import logger
from approvals_hub.core.sealing import SealBroken
from approvals_hub.relay.handles import HANDLE, OWNER, Handles, PhoneForm
from approvals_hub.relay.phones import Wake
from approvals_hub.relay.wake import Wakes

log = logger("relay")

LARGEST: Final = 4096
"""Bytes of a body."""
REGISTRATIONS_PER_MINUTE: Final = 30
"""Handles made, renewed and ended from one address."""
WAKES_PER_MINUTE: Final = 6000
"""From one address: a hub with many people calls from one."""
GUESSES_PER_MINUTE: Final = 60
"""Of them, for handles that are not there."""
SOURCES: Final = 20_000
LONGEST_TTL: Final = 28 * 24 * 3600
"""Seconds; Apple and Google keep nothing longer than that."""

T = TypeVar("T")


class WakeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that a hub can say."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
    """The hub's name for the message, the same whenever it is sent again. The app acknowledges it there."""
    topic: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    """By which the app knows its hub: an HMAC-SHA-256 under a key that only the two of them have."""
    collapse: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
    """A later wake of the same takes the place of an earlier one on the screen."""
    ttl: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_TTL)]
    """Seconds for which it is worth anything."""
    priority: Literal["high", "normal"]


@dataclass(frozen=True)
class Relay:
    """Everything behind the interface."""

    handles: Handles
    wakes: Wakes
    served: Served
    registrations: Pace
    calls: Pace
    guesses: Pace

    @classmethod
    def of(cls, handles: Handles, wakes: Wakes, served: Served) -> Relay:
        """With the limits of this page."""
        paces = (Pace(each, SOURCES) for each in (REGISTRATIONS_PER_MINUTE, WAKES_PER_MINUTE, GUESSES_PER_MINUTE))
        return cls(handles, wakes, served, *paces)

    def source(self, request: web.Request) -> str:
        """What is counted as one caller."""
        return source_of(client_address(request, self.served.trusted_proxies))


async def register(relay: Relay, request: web.Request) -> web.Response:
    """An app gets a handle for its token. No account: whoever has the app's token is the app."""
    relay.registrations.take(relay.source(request))
    made = await relay.handles.register(await _form(request, PhoneForm))
    return _answer(request, 201, made)


async def renew(relay: Relay, request: web.Request) -> web.Response:
    """An app tells its token again, or another one, under the handle that it has."""
    relay.registrations.take(relay.source(request))
    await relay.handles.renew(_capability(request, OWNER), await _form(request, PhoneForm))
    return _answer(request, 200, {})


async def end(relay: Relay, request: web.Request) -> web.Response:
    """An app ends its handle: its hub is told so with the next wake."""
    relay.registrations.take(relay.source(request))
    refuse_body(request)
    await relay.handles.end(_capability(request, OWNER))
    return _answer(request, 204, None)


async def wake(relay: Relay, request: web.Request) -> web.Response:
    """A hub wakes the app that gave it the handle. The answer holds the vendor's id."""
    source = relay.source(request)
    relay.calls.take(source)
    handle, form = _capability(request, HANDLE), await _form(request, WakeForm)
    asked = Wake(id=form.id, topic=form.topic, collapse=form.collapse, ttl=form.ttl, high=form.priority == "high")
    try:
        sent = await relay.wakes(handle, asked)
    except Gone:
        relay.guesses.take(source)
        raise
    return _answer(request, 200, {"id": sent})


async def live(relay: Relay, request: web.Request) -> web.Response:
    """Whether it answers at all."""
    return _answer(request, 200, {"status": "ok"})


async def ready(relay: Relay, request: web.Request) -> web.Response:
    """Whether it can wake anybody: its database answers, and opens with its key."""
    try:
        await relay.handles.check()
    except SealBroken:
        raise Unavailable(
            "key_file_wrong", "the database does not open with the key file", next_step="Put the right one back."
        ) from None
    return _answer(request, 200, {"status": "ready"})


Handler = Callable[[Relay, web.Request], Awaitable[web.Response]]
ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("POST", "/v1/handles", register),
    ("PUT", "/v1/handles/own", renew),
    ("DELETE", "/v1/handles/own", end),
    ("POST", "/v1/wakes", wake),
    ("GET", "/healthz/live", live),
    ("GET", "/healthz/ready", ready),
)
"""Every operation."""


def application(relay: Relay) -> web.Application:
    """The relay as an aiohttp application."""
    app = web.Application(middlewares=[_around(relay)], client_max_size=LARGEST)
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, _bound(relay, handler))
    return app


def _bound(relay: Relay, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        # What stands in a URL is written into the logs of proxies: nothing does.
        decode_query(request, None)
        return await handler(relay, request)

    return answer


def _around(relay: Relay) -> Middleware:
    """The host, refusals as problems, and unknown errors as nothing but a log, which holds nothing that was sent."""
    headers = answer_headers(secure=relay.served.secure)

    @web.middleware
    async def answer(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            if request.headers.get("Host", "").lower() not in relay.served.hosts:
                raise _misdirected()
            response = await handler(request)
        except HubError as error:
            response = problems.refusal(error, new_request_id(), headers)
        except web.HTTPException as error:
            response = problems.plain(error.status, new_request_id(), headers, error.headers.get("Allow"))
        except Exception as error:
            # No traceback: a library's words may quote a token.
            request_id, broken = new_request_id(), isinstance(error, SealBroken)
            log.error("request_failed", request_id=request_id, error=type(error).__name__, key_file=broken)
            response = problems.failure(request_id, headers, who="relay")
        response.headers.update(headers if response.content_type == "application/json" else {})
        return response

    return answer


async def _form(request: web.Request, form: type[T]) -> T:
    check_media_type(request)
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge(
            "body_too_large", f"a body has at most {LARGEST} bytes", next_step="Send the members that there are, alone."
        ) from None
    return decode(raw, form)


def _capability(request: web.Request, prefix: str) -> str:
    """What the caller carries in Authorization. Raises Unauthenticated."""
    found = re.fullmatch(rf"(?i:Bearer) ({prefix}[A-Za-z0-9_-]{{43}})", request.headers.get("Authorization", ""))
    if found is None:
        wanted = "the handle" if prefix == HANDLE else "the owner's key"
        raise Unauthenticated(
            "capability_missing",
            f"Authorization: Bearer and {wanted} ({prefix}…) is needed",
            next_step="Send what the relay gave when the app registered.",
            field="Authorization",
        )
    return found[1]


def _answer(request: web.Request, status: int, told: object) -> web.Response:
    body = None if told is None else msgspec.json.encode(told)
    return web.Response(body=body, status=status, content_type="application/json")


def _misdirected() -> Misdirected:
    return Misdirected("host_unknown", "this relay has another name", next_step="Use its public URL.", field="Host")
