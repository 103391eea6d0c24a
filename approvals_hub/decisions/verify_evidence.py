"""Verifies a file of evidence beside an export of the log, without the hub, a vendor or a network.

The export says, under its signed checkpoint, which answers were recorded, by which key, over which statement, and what
the evidence of each proof hashes to. From there: the file's statements and evidence have these hashes, the key signed
the statement, and each proof is over the very intent that is inside the statement.

Nobody signed the file, so what its first line says of itself decides nothing: which answers must be there is the word
of whoever verifies, and that the file was written then, and asked for so, is an entry of the log.
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
from approvals_hub.core.clock import HOUR, SECOND, to_milliseconds, to_text
from approvals_hub.decisions.check_answer import BadAnswer, Found, check_answer
from approvals_hub.decisions.evidence_format import (
    FORMAT,
    MAXIMUM_LINE,
    Count,
    EvidenceView,
    Header,
    Wanted,
    read_line,
)
from approvals_hub.stepup.check_proof import Trusted

MOST_FAULTS = 100
"""Faults that are listed."""
SLACK = 10 * SECOND
"""How long an answer may have been on its way into the log or the file when they were written, in milliseconds."""
OLD = HOUR
"""How much older than the export's end a file may be that answers of the log are younger than, in milliseconds."""


class Fault(msgspec.Struct, frozen=True):
    """What does not hold, of which answer; None where it is the file itself."""

    decision_id: str | None
    why: str


class EvidenceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    `ties`: how many proofs are tied to their answers how (`signed`, `nonce`; `server`: by the hub's record alone).
    `unpinned`: methods whose signer is known by the evidence alone. `words`: signed texts that were compared with the
    question. `newer`: answers that the export is too old to hold, so nothing vouches for them.

    `created` and `query` are the file's own words, which nobody signed; `logged` says whether the log has an entry of
    its writing that says the same. `outside` counts the log's answers that are not in the file and were not expected,
    among them those that are `later` than the file.
    """

    ok: bool
    answers: int
    verified: int
    erased: int
    newer: int
    outside: int
    later: int
    created: str
    query: dict[str, str]
    logged: bool
    ties: dict[str, int]
    words: int
    unpinned: list[str]
    faults: list[Fault]


@dataclass(slots=True)
class _Log:
    """What an export says of answers, by their ids, and of the files that were written, by their times."""

    org_id: str = ""
    created: str = ""
    query: dict[str, str] = field(default_factory=dict)
    end: str = ""
    """When the youngest entry was written."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, list[dict[str, str]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Left:
    """What came of the answers that the log has and the file has not."""

    outside: int = 0
    later: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify_evidence(
    file: BinaryIO, export: BinaryIO, *, trusted: Trusted, expected: Wanted | None = None
) -> EvidenceReport:
    """Verify a file of evidence. `export` was verified already (`audit.verify`); what it says is believed.

    `expected` are the answers that must be in the file: all of them, unless somebody says which.
    """
    log = _read_log(export)
    faults: list[Fault] = []
    found: list[Found] = []
    count, seen, newer, left = Count(), set[str](), 0, _Left()
    header = Header(format="", org_id="", created="", query={})
    try:
        lines = iter(partial(file.readline, MAXIMUM_LINE), b"")
        header = _read_header(lines, log, count)
        for answer in _answers(lines, count):
            if answer.decision_id in seen:
                raise ValueError("the file holds an answer twice")
            seen.add(answer.decision_id)
            entry = log.answers.get(answer.decision_id)
            if entry is None and answer.decided_at >= _before(log.created, SLACK):
                newer += 1
                continue
            try:
                if entry is None:
                    raise BadAnswer("the log knows no such answer")
                found.append(check_answer(answer, entry, trusted))
            except BadAnswer as error:
                faults.append(Fault(answer.decision_id, str(error)))
        wanted = (expected or Wanted()).query()
        faults += _narrower(log, header, wanted)
        left = _left(log, header, wanted, seen)
        faults += left.faults
    except ValueError as error:
        faults.append(Fault(None, str(error)))
    ties = Counter(tie for each in found for tie in each.ties)
    return EvidenceReport(
        ok=not faults,
        answers=count.answers,
        verified=sum(not each.erased for each in found),
        erased=sum(each.erased for each in found),
        newer=newer,
        outside=left.outside,
        later=left.later,
        created=header.created,
        query=header.query,
        logged=header.query in log.files.get(header.created, []),
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
                log.org_id, log.created, log.query = header.org_id, header.created, header.query
            continue
        entry: dict[str, Any] = msgspec.json.decode(read_entry(line).entry)
        log.end = max(log.end, entry["ts"])
        if entry["kind"] == "decision.recorded":
            log.answers[entry["detail"]["decision_id"]] = entry
        elif entry["kind"] == "evidence.exported":
            log.files.setdefault(entry["ts"], []).append(_query_of(entry))
    return log


def _query_of(entry: dict[str, Any]) -> dict[str, str]:
    told = entry.get("detail") or {}
    query = {
        "since": told.get("since"),
        "until": told.get("until"),
        "agent": entry.get("agent_id"),
        "escalation": entry.get("escalation_id"),
    }
    return {name: value for name, value in query.items() if value is not None}


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


def _narrower(log: _Log, header: Header, wanted: dict[str, str]) -> Iterator[Fault]:
    """Says of the file and of the export, where fewer answers were asked for than must be there."""
    for what, query in (("file", header.query), ("export", log.query)):
        less = [f"{name}={value}" for name, value in query.items() if not _covers(name, value, wanted.get(name))]
        if less:
            yield Fault(None, f"the {what} was asked for with {', '.join(less)}, and more is expected of it")


def _covers(name: str, value: str, wanted: str | None) -> bool:
    """Whether a filter leaves nothing out of what is wanted."""
    if name == "kind":
        return value == "decision.recorded"
    if wanted is None:
        return False
    if name == "since":
        return value <= wanted
    return value >= wanted if name == "until" else value == wanted


def _left(log: _Log, header: Header, wanted: dict[str, str], seen: set[str]) -> _Left:
    """The answers that the log has, and that are not in the file.

    Those that must be there are faults. Answers are given while a file is written and until the log is exported: that
    is believed of a file whose writing is in the log. In a log that ends before it, every answer was there to be read.
    """
    left = _Left()
    created = _before(header.created, 0)
    absent = {name: entry for name, entry in log.answers.items() if name not in seen}
    due = {name: entry for name, entry in absent.items() if _asked_for(entry, wanted)}
    later: set[str] = set()
    if header.query in log.files.get(header.created, []):
        later = {name for name, entry in due.items() if entry["ts"] >= _before(created, SLACK)}
    if later and created < _before(log.end, OLD):
        why = f"the file is of {created}: {len(later)} answers up to the export's end, {log.end}, are later"
        left.faults.append(Fault(None, why))
    left.faults += [Fault(name, "the log has this answer, and the file does not") for name in due if name not in later]
    left.outside, left.later = len(absent) - len(due) + len(later), len(later)
    return left


def _asked_for(entry: dict[str, Any], wanted: dict[str, str]) -> bool:
    return (
        wanted.get("since", "") <= entry["ts"] < wanted.get("until", "9")
        and wanted.get("agent") in (None, entry.get("agent_id"))
        and wanted.get("escalation") in (None, entry.get("escalation_id"))
    )


def _before(time: str, milliseconds: int) -> str:
    """Raises ValueError for what is no time."""
    return to_text(max(0, to_milliseconds(time) - milliseconds))
