"""A hub's answers as a file of evidence and an export of its log, and the offline verification of both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

from approvals_hub.audit.filter import Filter
from approvals_hub.decisions.evidence_format import Count, EvidenceView, Wanted, line_of, read_line
from approvals_hub.decisions.evidence_format import Line as Row
from approvals_hub.decisions.verify_evidence import EvidenceReport, verify_evidence
from approvals_hub.stepup.check_proof import Trusted
from tests.unit.hub_fixture import StaffedHub


async def export_of(house: StaffedHub, **wanted: Any) -> bytes:
    """The organisation's log, with what waits sealed."""
    while any(hasattr(result, "added") for result in await house.hub.sealer.seal_all()):
        continue
    return b"".join([piece async for piece in house.hub.read_audit.export.lines(house.org_id, Filter(**wanted))])


async def evidence_of(house: StaffedHub, page: int = 50, **wanted: Any) -> bytes:
    """The operator's file of answers, read in pages of this many."""
    asked = Wanted(**wanted)
    reading = replace(house.hub.read_evidence, page=page)
    header = await reading.admit(house.operator, house.org_id, asked)
    return b"".join([piece async for piece in reading.lines(header, asked)])


def bent(file: bytes, bend: Callable[[dict[str, Any]], object]) -> bytes:
    """The file with its first answer changed, and a last line that fits it."""
    first, *answers, _ = file.splitlines(keepends=True)
    told = json.loads(answers[0])
    bend(told["answer"])
    answers[0] = line_of(read_line(json.dumps(told).encode()))
    return closed(first, answers)


def headed(file: bytes, **members: Any) -> bytes:
    """The file with these members of its first line, and a last line that fits it."""
    first, *answers, _ = file.splitlines(keepends=True)
    told = json.loads(first)
    told["header"].update(members)
    return closed(line_of(read_line(json.dumps(told).encode())), answers)


def closed(first: bytes, answers: list[bytes]) -> bytes:
    """These lines with a last one that fits them."""
    count = Count()
    count.add(first)
    for line in answers:
        count.add(line, read_line(line).answer)
    return first + b"".join(answers) + line_of(Row(end=count.end()))


def answers_in(file: bytes) -> list[EvidenceView]:
    """The answers of a file."""
    return [answer for line in file.splitlines() if (answer := read_line(line).answer) is not None]


def verified(file: bytes, export: bytes, trusted: Trusted | None = None, **expected: Any) -> EvidenceReport:
    """What the verification says, to somebody who expects these answers."""
    wanted = Wanted(**expected)
    return verify_evidence(BytesIO(file), BytesIO(export), trusted=trusted or Trusted(), expected=wanted)


def why(file: bytes, export: bytes, **expected: Any) -> str:
    """The one thing that does not hold."""
    report = verified(file, export, **expected)
    assert not report.ok
    [fault] = report.faults
    return fault.why
