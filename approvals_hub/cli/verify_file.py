"""What `approvals-hub verify` says of a receipt bundle and of a chain of proofs: what was verified, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub_client.bundle import BundleReport
    from approvals_hub_client.chain import ChainReport, VerifiedHop
    from approvals_hub_client.trust import Trust

_LONGEST = 300
"""Characters of one claim that are shown."""


def tell_bundle(output: Output, file: Path, trust: tuple[str, ...]) -> int:
    """Verify a bundle's file and say how it went."""
    from approvals_hub_client.bundle import verify_bundle
    from approvals_hub_client.bundle_form import MAXIMUM_BYTES

    report = verify_bundle(_bytes(file, MAXIMUM_BYTES), trust=read(trust))
    output.result(_members(report), lambda: _of_bundle(report))
    return Exit.OK if report.ok else Exit.ERROR


def tell_chain(output: Output, file: Path, trust: tuple[str, ...]) -> int:
    """Walk a chain's file and say how it went."""
    from approvals_hub_client.chain import MAXIMUM_BYTES, verify_chain

    report = verify_chain(_bytes(file, MAXIMUM_BYTES), trust=read(trust))
    output.result(_members(report), lambda: _of_chain(report))
    return Exit.OK if report.ok else Exit.ERROR


def read(trust: tuple[str, ...]) -> Trust:
    """The keys that were named: each a text or a file. Raises UsageError for what is neither."""
    from approvals_hub_client.trust import MAXIMUM_BYTES, Trust

    believed = Trust()
    for given in trust:
        try:
            if len(given) < 4096 and Path(given).is_file():
                believed.add_file(_bytes(Path(given), MAXIMUM_BYTES))
            else:
                believed.add_key(given)
        except ValueError as error:
            raise click.UsageError(f"--trust {given[:80]}: {error}") from None
    return believed


def _bytes(file: Path, most: int) -> bytes:
    """A file's bytes, as far as they are read: one more than allowed is enough to refuse it."""
    with file.open("rb") as opened:
        return opened.read(most + 1)


def _members(report: BundleReport | ChainReport) -> dict[str, Any]:
    import msgspec

    members: dict[str, Any] = msgspec.to_builtins(report)
    return members


def _of_bundle(report: BundleReport) -> str:
    held = [f"  {_one_line(line)}" for line in report.verified]
    if report.first_bad is not None:
        before = ["Up to there this holds:", *held] if held else []
        return "\n".join([_one_line(f"BROKEN at {report.first_bad.part}: {report.first_bad.why}"), *before])
    lines = [_one_line(f"OK: {report.escalation_id} ended {report.outcome}."), *held]
    if not report.pinned:
        lines.append(
            "Self-declared key: whose it is, is the bundle's word. Name the log's key to exclude a forged hub:"
        )
        lines += [f"    --trust '{key}'" for key in report.keys]
    return "\n".join(lines)


def _of_chain(report: ChainReport) -> str:
    held = [_of_hop(place, hop) for place, hop in enumerate(report.hops, 1)]
    bad = report.first_bad
    if bad is not None:
        return "\n".join([_one_line(f"BROKEN at hop {bad.hop} ({bad.part}): {bad.why}"), *held])
    lines = [f"OK: {len(held)} proofs, each named by the next.", *held]
    if not all(hop.pinned for hop in report.hops):
        lines.append("Self-declared keys: who an issuer is, is the file's word where a hop does not say `pinned`.")
        lines.append("Name what each hub published with --trust FILE, or a key as --trust ISSUER=KEY.")
    return "\n".join(lines)


def _of_hop(place: int, hop: VerifiedHop) -> str:
    claims = hop.claims
    shown = (
        "of the action beside it"
        if hop.action_shown
        else f"of an action that is not shown ({_text(claims, 'action_hash')})"
    )
    who = f"{_text(claims, 'iss')}{' (pinned)' if hop.pinned else ''} for {_text(claims, 'aud')}"
    return f"  {place}. {_text(claims, 'iat')} {_text(claims, 'action_type')}: {who}, {shown}"


def _text(claims: dict[str, Any], name: str) -> str:
    """A claim on one line: whoever signed it chose its characters, and none may look like a line of ours."""
    return _one_line(str(claims.get(name))[:_LONGEST])


def _one_line(text: str) -> str:
    """The same without line breaks; the output itself shows every other hidden character."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
