"""All escalations of an agent on one socket, signed once: what is open or has ended since the client last looked."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from msgspec import Meta

from approvals_hub.api.body import decode
from approvals_hub.api.call import Call
from approvals_hub.api.limits import MESSAGE, MESSAGES_PER_MINUTE, RESUME, VERSIONS, WAITERS_OF_AGENT
from approvals_hub.api.pace import Pace
from approvals_hub.api.views import EscalationView, told
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Forbidden, HubError, Invalid
from approvals_hub.core.log import logger
from approvals_hub.hub import Following

Version = Annotated[int, Meta(ge=0, le=2**31)]
log = logger("api")

_encode = msgspec.json.Encoder().encode


class ResumeMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="resume"):
    """The first message: the version that the client has of each escalation it knows."""

    versions: dict[str, Version] = {}


class AckMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="ack"):
    """The client has this version."""

    escalation_id: str
    version: Version


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """The socket is open."""

    now: str


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    """Nothing has changed; the connection lives."""

    now: str


class Changed(msgspec.Struct, frozen=True, tag_field="type", tag="escalation"):
    """An escalation whose version is newer than the client's."""

    escalation: EscalationView


async def follow(call: Call[None]) -> web.StreamResponse:
    """Follow the agent's escalations. Closes with 1001 when the hub stops: connect again and resume."""
    origin = call.request.headers.get("Origin")
    if origin is not None and origin.lower() != call.api.served.origin:
        raise Forbidden("cross_site", "a page of another site may not connect", next_step="Connect from the agent.")
    socket = web.WebSocketResponse(compress=False, max_msg_size=MESSAGE, heartbeat=15.0, autoping=True)
    if not socket.can_prepare(call.request).ok:
        raise Invalid("not_a_websocket", "this is a WebSocket (RFC 6455)", next_step="Send an upgrade request.")
    caller = call.agent.agent_id
    with call.api.waiters.one(caller, WAITERS_OF_AGENT):
        following = await call.hub.follow.admit(call.agent)
        await socket.prepare(call.request)
        await _serve(call, socket, following)
    return socket


async def _serve(call: Call[None], socket: web.WebSocketResponse, following: Following) -> None:
    """Read and write until either side ends, then say why."""
    await _send(socket, Hello(to_text(call.hub.clock.now())))
    if not await _resume(socket, following):
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"resume first")
        return
    reading = asyncio.create_task(_read(socket, following), name="stream:read")
    writing = asyncio.create_task(_write(call, socket, following), name="stream:write")
    try:
        await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
    finally:
        reading.cancel()
        writing.cancel()
        ends = await asyncio.gather(reading, writing, return_exceptions=True)
    code, why = _end(*ends)
    await socket.close(code=code, message=why.encode()[:120])


async def _resume(socket: web.WebSocketResponse, following: Following) -> bool:
    """Take the client's first message; whether it was one."""
    try:
        message = await socket.receive(timeout=RESUME)
        first = _understood(message)
    except (TimeoutError, HubError):
        return False
    if not isinstance(first, ResumeMessage) or len(first.versions) > VERSIONS:
        return False
    following.known.update(first.versions)
    return True


async def _read(socket: web.WebSocketResponse, following: Following) -> None:
    """Note what the client has, until it closes. Raises Invalid for what it may not say, TooMany for too much."""
    pace = Pace(MESSAGES_PER_MINUTE, 1)
    async for message in socket:
        pace.take("")
        ack = _understood(message)
        if not isinstance(ack, AckMessage):
            raise Invalid("message_unknown", "only ack may follow resume", next_step="Connect again.")
        if ack.escalation_id in following.known:
            following.known[ack.escalation_id] = max(following.known[ack.escalation_id], ack.version)


async def _write(call: Call[None], socket: web.WebSocketResponse, following: Following) -> None:
    """Send every change; ends when the hub stops."""
    async for standing in call.hub.follow.changes(following):
        now = call.hub.clock.now()
        await _send(socket, Ping(to_text(now)) if standing is None else Changed(told(standing, now)))


def _understood(message: WSMessage) -> ResumeMessage | AckMessage:
    if message.type is not WSMsgType.TEXT:
        raise Invalid("message_unknown", "messages are JSON texts", next_step="Connect again.")
    form: Any = ResumeMessage | AckMessage
    understood: ResumeMessage | AckMessage = decode(message.data.encode(), form)
    return understood


async def _send(socket: web.WebSocketResponse, message: msgspec.Struct) -> None:
    await socket.send_str(_encode(message).decode())


def _end(reading: BaseException | None, writing: BaseException | None) -> tuple[int, str]:
    """The close code and why: the client's fault, the agent's end, a failure, or just the hub's stop."""
    for ended in (reading, writing):
        if isinstance(ended, HubError):
            return WSCloseCode.POLICY_VIOLATION, ended.code
    if isinstance(writing, ConnectionError):
        return WSCloseCode.GOING_AWAY, ""
    if isinstance(writing, Exception):
        log.error("stream_failed", exc_info=writing)
        return WSCloseCode.INTERNAL_ERROR, "internal_error"
    return (WSCloseCode.OK, "") if reading is None else (WSCloseCode.GOING_AWAY, "stopping")
