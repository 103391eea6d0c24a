"""Verifies a file of evidence beside an export of the log, without the hub, a vendor or a network.

The export says, under its signed checkpoint, which answers were recorded, by which key, over which statement, and what
the evidence of each proof hashes to. From there: the file's statements and evidence have these hashes, the key signed
the statement, and each proof is over the very intent that is inside the statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

import msgspec

from approvals_hub.audit.export_format import read_entry
from approvals_hub.audit.export_format import read_line as read_log_line
from approvals_hub.core.clock import SECOND, to_milliseconds, to_text
from approvals_hub.decisions.check_answer import BadAnswer, Found, check_answer
from approvals_hub.decisions.evidence_format import (
    FORMAT,
    MAXIMUM_LINE,
    Count,
    EvidenceView,
    Header,
    read_line,
)
from approvals_hub.stepup.check_proof import Trusted

MOST_FAULTS = 100
"""Faults that are listed."""
SLACK = 10 * SECOND
"""How long an answer may have been on its way into the log or the file when they were written, in milliseconds."""


class Fault(msgspec.Struct, frozen=True):
    """What does not hold, of which answer; None where it is the file itself."""

    decision_id: str | None
    why: str


class EvidenceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    `ties`: how many proofs are tied to their answers how (`signed`, `nonce`; `server`: by the hub's record alone).
    `unpinned`: methods whose signer is known by the evidence alone. `words`: signed texts that were compared with the
    question. `newer`: answers that the export is too old to hold, so nothing vouches for them.
    """

    ok: bool
    answers: int
    verified: int
    erased: int
    newer: int
    ties: dict[str, int]
    words: int
    unpinned: list[str]
    faults: list[Fault]


@dataclass(slots=True)
class _Log:
    """What an export says of answers, by their ids."""

    org_id: str = ""
    created: str = ""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)


def verify_evidence(file: BinaryIO, export: BinaryIO, *, trusted: Trusted) -> EvidenceReport:
    """Verify a file of evidence. `export` was verified already (`audit.verify`); what it says is believed."""
    log = _read_log(export)
    faults: list[Fault] = []
    found: list[Found] = []
    count, seen, newer = Count(), set[str](), 0
    try:
        lines = iter(partial(file.readline, MAXIMUM_LINE), b"")
        header = _read_header(lines, log, count)
        for answer in _answers(lines, count):
            if answer.decision_id in seen:
                raise ValueError("the file holds an answer twice")
            seen.add(answer.decision_id)
            entry = log.answers.get(answer.decision_id)
            if entry is None and answer.decided_at >= _a_little_before(log.created):
                newer += 1
                continue
            try:
                if entry is None:
                    raise BadAnswer("the log knows no such answer")
                found.append(check_answer(answer, entry, trusted))
            except BadAnswer as error:
                faults.append(Fault(answer.decision_id, str(error)))
        faults += _missing(log, header, seen)
    except ValueError as error:
        faults.append(Fault(None, str(error)))
    ties = Counter(tie for each in found for tie in each.ties)
    return EvidenceReport(
        ok=not faults,
        answers=count.answers,
        verified=sum(not each.erased for each in found),
        erased=sum(each.erased for each in found),
        newer=newer,
        ties=dict(sorted(ties.items())),
        words=sum(each.words for each in found),
        unpinned=sorted({method for each in found for method in each.unpinned}),
        faults=faults[:MOST_FAULTS],
    )


def _read_log(export: BinaryIO) -> _Log:
    log = _Log()
    for line in export:
        if not line.startswith(b'{"index":'):
            header = read_log_line(line).header
            if header is not None:
                log.org_id, log.created = header.org_id, header.created
            continue
        if b'"decision.recorded"' not in line:
            continue
        entry: dict[str, Any] = msgspec.json.decode(read_entry(line).entry)
        if entry["kind"] == "decision.recorded":
            log.answers[entry["detail"]["decision_id"]] = entry
    return log


def _read_header(lines: Iterator[bytes], log: _Log, count: Count) -> Header:
    first = next(lines, b"")
    header = read_line(first).header
    if header is None or header.format != FORMAT:
        raise ValueError(f"this is no {FORMAT} file")
    if header.org_id != log.org_id:
        raise ValueError("the file is of another organisation than the export")
    count.add(first)
    return header


def _answers(lines: Iterator[bytes], count: Count) -> Iterator[EvidenceView]:
    """Every answer, until the last line has said that these were all. Raises ValueError for a file that was cut."""
    for line in lines:
        read = read_line(line)
        if read.end is not None:
            if read.end != count.end() or next(lines, b""):
                raise ValueError("the file's last line does not fit the rest")
            return
        if read.answer is None:
            raise ValueError("the file has a second header")
        count.add(line, read.answer)
        yield read.answer
    raise ValueError("the file breaks off")


def _missing(log: _Log, header: Header, seen: set[str]) -> list[Fault]:
    """Answers that the log has, that were asked for, and that are not in the file."""
    return [
        Fault(name, "the log has this answer, and the file does not")
        for name, entry in log.answers.items()
        if name not in seen and _asked_for(entry, header)
    ]


def _asked_for(entry: dict[str, Any], header: Header) -> bool:
    query = header.query
    return (
        entry["ts"] < _a_little_before(header.created)
        and query.get("since", "") <= entry["ts"]
        and entry["ts"] < query.get("until", "9")
        and query.get("agent") in (None, entry.get("agent_id"))
        and query.get("escalation") in (None, entry.get("escalation_id"))
    )


def _a_little_before(time: str) -> str:
    return to_text(to_milliseconds(time) - SLACK)
