"""The log over HTTP: search, export as a stream, checkpoint and tiles."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Cursor, Form, Id, Limit, Time
from approvals_hub.api.headers import REQUEST_ID, answer_headers, new_request_id
from approvals_hub.audit.filter import Filter
from approvals_hub.core.clock import to_milliseconds
from approvals_hub.core.errors import Invalid, NotFound
from approvals_hub.hub import Found
from approvals_hub.people.sign_in_report import WantedSignIns

Word = Annotated[str, Meta(pattern="^[a-zA-Z0-9_.-]{1,64}$(?!\n)")]
_PARTIAL = re.compile(r"([0-9]{1,12})(?:\.p)?")


class EventsQuery(Form, frozen=True):
    """Every member that is given must hold; `since` is included, `until` is not."""

    since: Time | None = None
    until: Time | None = None
    actor: Id | None = None
    agent: Id | None = None
    escalation: Id | None = None
    kind: Word | None = None
    action_type: Word | None = None
    decision: Word | None = None
    policy: Word | None = None

    def wanted(self) -> Filter:
        """The filter. Raises Invalid for a time that is none."""
        return Filter(
            since=time_of(self.since, "$.since"),
            until=time_of(self.until, "$.until"),
            actor=self.actor,
            agent=self.agent,
            escalation=self.escalation,
            kind=self.kind,
            action_type=self.action_type,
            decision=self.decision,
            policy=self.policy,
        )


class SearchQuery(EventsQuery, frozen=True):
    """A page of what is found."""

    limit: Limit = 100
    cursor: Cursor | None = None
    order: Literal["newest", "oldest"] = "newest"


class ExportQuery(EventsQuery, frozen=True):
    """`jsonl` verifies without the hub; `csv` is for people."""

    format: Literal["jsonl", "csv"] = "jsonl"


class SignInsQuery(Form, frozen=True):
    """Which sign-ins; `since` is included, `until` is not."""

    since: Time | None = None
    until: Time | None = None
    person: Id | None = None
    format: Literal["jsonl", "csv"] = "jsonl"


async def events(call: Call[SearchQuery]) -> Found:
    """Find entries of the log; that somebody searched is an entry too."""
    query = call.asked
    return await call.hub.read_audit.find(
        call.person,
        call.part("org"),
        query.wanted(),
        cursor=query.cursor,
        limit=query.limit,
        newest_first=query.order == "newest",
    )


async def export(call: Call[ExportQuery]) -> web.StreamResponse:
    """The log, or what of it is asked for, as a stream. Without its last line it is none."""
    query, org_id, log = call.asked, call.part("org"), call.hub.read_audit
    wanted = query.wanted()
    await log.admit(call.person, org_id, "audit.exported")
    csv = query.format == "csv"
    return await _file(call, org_id, csv, log.table(org_id, wanted) if csv else log.lines(call.person, org_id, wanted))


async def sign_ins(call: Call[SignInsQuery]) -> web.StreamResponse:
    """Who signed in or was refused, when, from which network and client, by what. Without its last line it is none."""
    query, org_id, report = call.asked, call.part("org"), call.hub.read_audit.sign_ins
    wanted = WantedSignIns(time_of(query.since, "$.since"), time_of(query.until, "$.until"), query.person)
    await call.hub.read_audit.admit(call.person, org_id, "sign_ins.exported")
    csv = query.format == "csv"
    pieces = report.table(org_id, wanted) if csv else report.lines(org_id, wanted)
    return await _file(call, f"{org_id}.sign-ins", csv, pieces)


async def checkpoint(call: Call[None]) -> web.Response:
    """The newest signed checkpoint (c2sp.org/tlog-checkpoint)."""
    note = await call.hub.read_audit.checkpoint(call.person, call.part("org"))
    return _whole(call, note.encode(), "text/plain; charset=utf-8")


async def tile(call: Call[None]) -> web.Response:
    """A tile of hashes (c2sp.org/tlog-tiles), 256 wide, or `{index}.p/{width}` of the last one."""
    level, index = call.part("level"), call.part("index")
    width = call.request.match_info.get("width")
    place = _PARTIAL.fullmatch(index)
    if place is None or index.endswith(".p") != (width is not None) or not _is_small(level) or not _is_small(width):
        raise NotFound("tile_unknown", "the tree has no such tile", next_step="See c2sp.org/tlog-tiles.")
    hashes = await call.hub.read_audit.tile(
        call.person, call.part("org"), int(level), int(place[1]), None if width is None else int(width)
    )
    return _whole(call, hashes, "application/octet-stream")


def _is_small(text: str | None) -> bool:
    return text is None or (text.isdecimal() and text.isascii() and len(text) <= 3)


def time_of(text: str | None, path: str) -> int | None:
    """Milliseconds of a text. Raises Invalid for one that is no time, with its `path`."""
    if text is None:
        return None
    try:
        return to_milliseconds(text)
    except ValueError as error:
        raise Invalid("time_invalid", str(error), next_step="Send RFC 3339 with an offset.", field=path) from None


async def _file(call: Call[Any], name: str, csv: bool, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
    response = stream(call, "text/csv; charset=utf-8; header=present" if csv else "application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{"csv" if csv else "jsonl"}"'
    await response.prepare(call.request)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


def _whole(call: Call[Any], body: bytes, media_type: str) -> web.Response:
    return web.Response(body=body, headers=answer_headers(secure=call.api.served.secure, media_type=media_type))


def stream(call: Call[Any], media_type: str) -> web.StreamResponse:
    """An answer that is written in pieces, not begun yet."""
    # Named here, as nothing can be added to an answer that is on its way.
    headers = {REQUEST_ID: new_request_id(), **answer_headers(secure=call.api.served.secure, media_type=media_type)}
    return web.StreamResponse(headers=headers)
