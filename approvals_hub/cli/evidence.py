"""What lies sealed beside the log, at the command line: written beside an export, read, and verified offline."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.output import Output
from approvals_hub.cli.whole import whole
from approvals_hub.core.visible import visible

if TYPE_CHECKING:
    from approvals_hub.config import Settings
    from approvals_hub.decisions.verify_evidence import EvidenceReport

_TIES = {
    "signed": "signed by the person, words and hash",
    "nonce": "with the hash inside what was signed",
    "server": "tied by the hub's own record alone (a code leaves nothing to verify)",
}


def write_evidence(settings: Settings, target: Path, org: str | None, wanted: dict[str, Any]) -> None:
    """Write the file; mode 0600, as it holds personal numbers. Raises UsageError for a filter that means entries."""
    from approvals_hub.cli.local import call

    if "kind" in wanted:
        raise click.UsageError("--with-evidence is about answers: leave --kind out")
    with whole(target) as file:
        call(settings, "audit.evidence_export", {"org": org, "filter": wanted}, file.write)


def show_evidence(output: Output, settings: Settings, escalation_id: str, org: str | None) -> None:
    """Show the answers to one question; with `--json` everything, evidence included."""
    from approvals_hub.cli.local import call

    found = call(settings, "audit.evidence", {"org": org, "escalation_id": escalation_id})
    empty = (
        "Nobody has answered yet: nothing is signed. See who was told:"
        f" approvals-hub deliveries --escalation {escalation_id}"
    )
    output.result(found, lambda: "\n".join(map(_answer, found["items"])) or empty)


def expectation(wanted: dict[str, str | None]) -> str:
    """The options of `audit verify` that say what such a file must hold, each with a space before it."""
    return "".join(f" --{name} {quote(value)}" for name, value in wanted.items() if value is not None)


def verify_beside(
    file: Path, export: Path, bankid_root: Path | None, freja_certificate: Path | None, wanted: dict[str, Any]
) -> tuple[EvidenceReport, str]:
    """Verify a file of evidence, which must hold what is wanted, beside an export that holds.

    Returns the report, and the same in words.
    """
    from approvals_hub.decisions.evidence_format import Wanted
    from approvals_hub.decisions.verify_evidence import verify_evidence
    from approvals_hub.stepup.check_proof import trusted

    given = [None if path is None else path.read_bytes() for path in (bankid_root, freja_certificate)]
    try:
        trust = trusted(*given)
    except ValueError as error:
        raise click.UsageError(f"the certificates cannot be read: {error}") from None
    with file.open("rb") as lines, export.open("rb") as log:
        report = verify_evidence(lines, log, trusted=trust, expected=Wanted(**wanted))
    return report, _told(report)


def _told(report: EvidenceReport) -> str:
    if not report.ok:
        lines = [f"BROKEN evidence, {fault.decision_id or 'the file'}: {fault.why}" for fault in report.faults]
        return "\n".join([*map(_plain, lines), *_first_line(report)])
    lines = [f"OK: {report.verified} of {report.answers} answers verified; {report.erased} erased with their people."]
    lines += _first_line(report)
    if report.outside:
        later = f", {report.later} of them later than the file" if report.later else ""
        lines.append(f"  answers of the log that are not in the file: {report.outside}{later}")
    lines += [f"  proofs {_TIES.get(tie, tie)}: {count}" for tie, count in report.ties.items()]
    if report.words:
        lines.append(f"  signed words that are the question's own: {report.words}")
    if report.newer:
        lines.append(f"  newer than the export, so nothing vouches for them: {report.newer}")
    if report.unpinned:
        lines.append(f"  whose signer is known by the evidence alone: {', '.join(report.unpinned)}")
        lines.append("  (--bankid-root and --freja-certificate name them from elsewhere)")
    return "\n".join(lines)


def _first_line(report: EvidenceReport) -> list[str]:
    if not report.created:
        return []
    asked = _plain(", ".join(f"{name}={value}" for name, value in report.query.items()) or "no filter")
    known = "the log says so too" if report.logged else "its own word: the export has no such entry"
    return [f"  written {_plain(report.created)}, with {asked} ({known})"]


def _plain(text: str) -> str:
    """What a file says, on one line: nobody signed it, and a line of its own would pass for one of the report's."""
    return visible(text).text


def _answer(answer: dict[str, Any]) -> str:
    replaced = "" if answer["superseded_at"] is None else f", replaced {answer['superseded_at']}"
    lines = [
        f"{answer['decision_id']}: {answer['decision']} by {answer['approver_id']} {answer['decided_at']}{replaced}"
    ]
    lines.append(f"  statement {answer['statement_hash']}, key {answer['key']['key_hash']} of {answer['device_id']}")
    if answer["signed"] is None:
        lines.append("  what was signed is erased with its person's key")
    for proof in answer["step_ups"]:
        erased = ", erased" if proof["evidence"] is None else ""
        lines.append(f"  {proof['method']} ({proof['binding']}) {proof['proven_at']}, {proof['evidence_hash']}{erased}")
    return "\n".join(lines)
