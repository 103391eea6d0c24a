"""What lies sealed beside the log, over HTTP: signed statements and the evidence of step-ups."""

from __future__ import annotations

from aiohttp import web

from approvals_hub.api.audit import stream, time_of
from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items, Time
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.decisions.evidence_format import EvidenceView, Wanted


class EvidenceExport(Form, frozen=True):
    """Which answers: every member that is given must hold; `since` is included, `until` is not. And a fresh factor."""

    since: Time | None = None
    until: Time | None = None
    agent: Id | None = None
    escalation: Id | None = None
    fresh: FreshForm | None = None


async def read(call: Call[None]) -> Items[EvidenceView]:
    """The signed answers to a question, with what proved their people; that somebody read them is an entry."""
    return Items(await call.hub.read_evidence(call.person, call.part("org"), call.part("id")))


async def export(call: Call[EvidenceExport]) -> web.StreamResponse:
    """The same of many questions as JSON Lines, to verify beside an export of the log. Without its last line it is
    none. It holds personal numbers and free text in the clear."""
    asked, evidence, org_id = call.asked, call.hub.read_evidence, call.part("org")
    wanted = Wanted(
        since=time_of(asked.since, "$.since"),
        until=time_of(asked.until, "$.until"),
        agent=asked.agent,
        escalation=asked.escalation,
    )
    header = await evidence.admit(call.person, org_id, wanted, fresh_of(asked.fresh))
    response = stream(call, "application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="{org_id}.evidence.jsonl"'
    await response.prepare(call.request)
    async for piece in evidence.lines(header, wanted):
        await response.write(piece)
    await response.write_eof()
    return response
