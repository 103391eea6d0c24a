"""`approvals-hub audit`: export the log, verify an export without any hub, keep a checkpoint elsewhere."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, placed, speaks
from approvals_hub.cli.output import Output

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
@ORG
@placed
@speaks
def export(
    output: Output, settings: Settings, target: Path | None, form: str, org: str | None, **wanted: str | None
) -> None:
    """Write the log as lines that verify offline, or as a table for people."""
    from approvals_hub.cli.local import call

    arguments = {"org": org, "format": form, "filter": _filter(wanted)}
    if target is None:
        call(settings, "audit.export", arguments, sys.stdout.buffer.write)
        sys.stdout.buffer.flush()
        return
    digest, size = hashlib.sha256(), 0
    with whole(target) as file:

        def take(piece: bytes) -> None:
            nonlocal size
            size += len(piece)
            digest.update(piece)
            file.write(piece)

        call(settings, "audit.export", arguments, take)
    done = {"path": str(target), "bytes": size, "sha256": digest.hexdigest()}
    output.result(done, lambda: f"{target}: {size} bytes. Verify it anywhere: approvals-hub audit verify {target}")


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
@speaks
def verify(output: Output, file: Path, checkpoint: Path | None, keys: tuple[str, ...]) -> int:
    """Verify an export; needs neither the hub nor a network.

    Names the first entry that does not hold, and ends with status 1.
    """
    from approvals_hub.audit.verify import verify as verify_export

    kept = None if checkpoint is None else checkpoint.read_text(encoding="utf-8")
    try:
        with file.open("rb") as lines:
            report = verify_export(lines, keys=keys, kept=kept)
    except ValueError as error:
        raise click.UsageError(f"--key: {error}") from None
    output.result(_members(report), lambda: _told(report))
    return Exit.OK if report.ok else Exit.ERROR


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


@contextmanager
def whole(target: Path) -> Iterator[IO[bytes]]:
    """A file that appears, mode 0600, when it is complete: half an export never has the name of a whole one."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _filter(wanted: dict[str, str | None]) -> dict[str, Any]:
    from approvals_hub.core.clock import to_milliseconds

    given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    for name in given.keys() & {"since", "until"}:
        try:
            given[name] = to_milliseconds(given[name])
        except ValueError as error:
            raise click.UsageError(f"--{name}: {error}; write it like 2026-11-21T00:00:00Z") from None
    return given


def _members(report: Report) -> dict[str, Any]:
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
