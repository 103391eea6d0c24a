"""`approvals-hub audit`: export the log, verify an export without any hub, keep a checkpoint elsewhere."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.evidence import expectation, show_evidence, verify_beside, write_evidence
from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, placed, speaks
from approvals_hub.cli.output import Output
from approvals_hub.cli.whole import whole

if TYPE_CHECKING:
    from approvals_hub.audit.report import Report
    from approvals_hub.config import Settings


@click.group()
def audit() -> None:
    """Export the audit log and receipt bundles; verify an export offline."""


@audit.command()
@click.option("--output", "-o", "target", type=click.Path(path_type=Path), help="The file to write (default: stdout).")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", help="From this time on, like 2026-11-21T00:00:00Z.")
@click.option("--until", help="Before this time.")
@click.option("--kind", help="Events of this kind, like token.redeemed.")
@click.option("--agent", metavar="AGENT_ID", help="Events about this agent.")
@click.option("--escalation", metavar="ESCALATION_ID", help="Events about this question.")
@click.option(
    "--with-evidence",
    "beside",
    type=click.Path(path_type=Path),
    help="Write what was signed, and what proved each person, to this file: personal data in the clear.",
)
@ORG
@placed
@speaks
def export(
    output: Output,
    settings: Settings,
    target: Path | None,
    form: str,
    beside: Path | None,
    org: str | None,
    **wanted: str | None,
) -> None:
    """Write the log as lines that verify offline, or as a table for people."""
    given = _filter(wanted)
    arguments = {"org": org, "format": form, "filter": given}
    if beside is not None:
        write_evidence(settings, beside, org, given)
    done = _written(settings, "audit.export", arguments, target)
    if done is None:
        return
    more = "" if beside is None else f" --evidence {beside}" + expectation(wanted)
    if beside is not None:
        done["evidence"] = str(beside)
    output.result(
        done, lambda: f"{target}: {done['bytes']} bytes. Verify it anywhere: approvals-hub audit verify {target}{more}"
    )


@audit.command("sign-ins")
@click.option("--output", "-o", "target", type=click.Path(path_type=Path), help="The file to write (default: stdout).")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", help="From this time on, like 2026-11-21T00:00:00Z.")
@click.option("--until", help="Before this time.")
@click.option("--person", metavar="PERSON_ID", help="Sign-ins of this person.")
@ORG
@placed
@speaks
def sign_ins(
    output: Output, settings: Settings, target: Path | None, form: str, org: str | None, **wanted: str | None
) -> None:
    """Write who signed in or was refused: when, from which network and client, by what."""
    arguments = {"org": org, "format": form, "filter": _filter(wanted)}
    done = _written(settings, "audit.sign_ins", arguments, target)
    if done is not None:
        output.result(done, lambda: f"{target}: {done['bytes']} bytes.")


@audit.command()
@click.argument("escalation_id", metavar="ESCALATION_ID")
@ORG
@placed
@speaks
def evidence(output: Output, settings: Settings, escalation_id: str, org: str | None) -> None:
    """Show what was signed about one question, and what proved each person."""
    show_evidence(output, settings, escalation_id, org)


@audit.command()
@click.argument("escalation_id")
@click.option("--output", "-o", "target", type=click.Path(path_type=Path), help="The file to write (default: stdout).")
@ORG
@placed
@speaks
def bundle(output: Output, settings: Settings, escalation_id: str, target: Path | None, org: str | None) -> None:
    """Write the receipt bundle of a question that has ended: one file that proves how it was answered."""
    from approvals_hub.cli.local import call

    arguments = {"org": org, "escalation_id": escalation_id}
    if target is None:
        call(settings, "audit.bundle", arguments, sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return
    with whole(target) as file:
        call(settings, "audit.bundle", arguments, file.write)
    done = {"path": str(target), "bytes": target.stat().st_size, "escalation_id": escalation_id}
    output.result(done, lambda: f"{target}: {done['bytes']} bytes. Verify it anywhere: approvals-hub verify {target}")


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A checkpoint kept elsewhere: shows a cut or fork.")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="The log's verifier key, known from elsewhere.")
@click.option("--evidence", type=click.Path(path_type=Path), help="The file that --with-evidence wrote, to verify too.")
@click.option("--bankid-root", type=click.Path(path_type=Path), help="BankID's root certificates, a PEM file.")
@click.option("--freja-certificate", type=click.Path(path_type=Path), help="Freja's signing certificates, a PEM file.")
@click.option("--since", help="Expect the evidence of answers from this time on, not of all.")
@click.option("--until", help="Expect the evidence of answers before this time.")
@click.option("--agent", metavar="AGENT_ID", help="Expect the evidence of answers to this agent.")
@click.option("--escalation", metavar="ESCALATION_ID", help="Expect the evidence of answers to this question.")
@speaks
def verify(
    output: Output,
    file: Path,
    checkpoint: Path | None,
    keys: tuple[str, ...],
    evidence: Path | None,
    bankid_root: Path | None,
    freja_certificate: Path | None,
    **expected: str | None,
) -> int:
    """Verify an export, and the evidence beside it; needs neither the hub nor a network.

    Names the first entry that does not hold, and ends with status 1. The evidence must hold every answer of the log,
    or every one that --since, --until, --agent and --escalation say.
    """
    from approvals_hub.audit.verify import verify as verify_export

    wanted = _filter(expected)
    if wanted and evidence is None:
        raise click.UsageError(f"--{min(wanted)} says what --evidence is to hold: give its file")
    kept = None if checkpoint is None else checkpoint.read_text(encoding="utf-8")
    try:
        with file.open("rb") as lines:
            report = verify_export(lines, keys=keys, kept=kept)
    except ValueError as error:
        raise click.UsageError(f"--key: {error}") from None
    if evidence is None or not report.ok:
        output.result(_members(report), lambda: _told(report))
        return Exit.OK if report.ok else Exit.ERROR
    beside, told = verify_beside(evidence, file, bankid_root, freja_certificate, wanted)
    output.result({**_members(report), "evidence": _members(beside)}, lambda: f"{_told(report)}\n{told}")
    return Exit.OK if beside.ok else Exit.ERROR


@audit.command()
@click.option("--output", "-o", "target", type=click.Path(path_type=Path), help="The file to write (default: stdout).")
@ORG
@placed
@speaks
def checkpoint(output: Output, settings: Settings, target: Path | None, org: str | None) -> None:
    """Give the newest signed checkpoint. Keep it where nobody of the hub can change it."""
    from approvals_hub.cli.local import call

    newest = call(settings, "audit.checkpoint", {"org": org})
    if target is None:
        output.result(newest, lambda: newest["checkpoint"].rstrip("\n"))
        return
    with whole(target) as file:
        file.write(newest["checkpoint"].encode())
    output.result({**newest, "path": str(target)}, lambda: f"{target}. The log's key: {newest['keys'][-1]}")


def _written(settings: Settings, command: str, arguments: dict[str, Any], target: Path | None) -> dict[str, Any] | None:
    """Write what a command gives, and say what was written; None where it went to the standard output."""
    from approvals_hub.cli.local import call

    if target is None:
        call(settings, command, arguments, sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return None
    digest, size = hashlib.sha256(), 0
    with whole(target) as file:

        def take(piece: bytes) -> None:
            nonlocal size
            size += len(piece)
            digest.update(piece)
            file.write(piece)

        call(settings, command, arguments, take)
    return {"path": str(target), "bytes": size, "sha256": digest.hexdigest()}


def _filter(wanted: dict[str, str | None]) -> dict[str, Any]:
    from approvals_hub.core.clock import to_milliseconds

    given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    for name in given.keys() & {"since", "until"}:
        try:
            given[name] = to_milliseconds(given[name])
        except ValueError as error:
            raise click.UsageError(f"--{name}: {error}; write it like 2026-11-21T00:00:00Z") from None
    return given


def _members(report: Any) -> dict[str, Any]:
    import msgspec

    members: dict[str, Any] = msgspec.to_builtins(report)
    return members


def _told(report: Report) -> str:
    bad = report.first_bad
    if bad is not None:
        place = "" if bad.index is None else f" at entry {bad.index}" + (f" to {bad.end}" if bad.end else "")
        return f"BROKEN{place} ({bad.kind}): {bad.why}"
    lines = [f"OK: {report.entries} entries of {report.origin}, in a log of {report.size}."]
    if not report.pinned:
        lines.append("The key is the export's own word; name it with --key to exclude a forged log:")
        lines += [f"    --key '{key}'" for key in report.keys]
    if report.compared is None:
        lines.append("That its end was not cut off shows only against a newer --checkpoint kept elsewhere.")
    return "\n".join(lines)
