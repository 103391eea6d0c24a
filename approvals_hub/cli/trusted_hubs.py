"""`approvals-hub trusted-hubs`: whose proofs an organisation takes. Keys come from files; nothing is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output
from approvals_hub.cli.policy_drafts import WAIT
from approvals_hub.cli.policy_drafts import told as told_draft

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"trusted_hub_id": "Trusted hub", "name": "Name", "issuer": "Issuer", "audiences": "Known there as"}
KEYS = click.option(
    "--keys",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file with what the other hub's /v1/public-keys answered, or a k4.public key in each line.",
)


@click.group("trusted-hubs")
def trusted_hubs() -> None:
    """List, add and remove the hubs whose proofs are taken; add and revoke their keys."""


@trusted_hubs.command("list")
@ORG
@placed
@speaks
def list_hubs(output: Output, settings: Settings, org: str | None) -> None:
    """List them."""
    empty = (
        "No other hub is trusted: agents hand in proofs of this one alone. Trust one:"
        " approvals-hub trusted-hubs add NAME --issuer URL --keys FILE"
    )
    output.table(_call(settings, "trusted_hubs.list", {"org": org})["items"], COLUMNS, empty)


@trusted_hubs.command("add")
@click.argument("name")
@click.option("--issuer", required=True, help="The `iss` of its tokens: its public URL.")
@click.option("--audience", "audiences", multiple=True, help="A name under which its proofs name you.")
@KEYS
@WAIT
@ORG
@placed
@speaks
def add_hub(
    output: Output,
    settings: Settings,
    name: str,
    issuer: str,
    audiences: tuple[str, ...],
    files: tuple[Path, ...],
    wait: bool,
    org: str | None,
) -> int:
    """Take a hub's proofs from now on. Where publishing takes a second person: status 8 until that one has answered."""
    keys = offered(files, issuer)
    given = {"name": name, "issuer": issuer, "audiences": list(audiences), "keys": keys, "org": org}
    return _trusted(output, settings, _call(settings, "trusted_hubs.add", given), org, wait)


@trusted_hubs.command("add-keys")
@click.argument("trusted_hub_id")
@KEYS
@WAIT
@ORG
@placed
@speaks
def add_keys(
    output: Output, settings: Settings, trusted_hub_id: str, files: tuple[Path, ...], wait: bool, org: str | None
) -> int:
    """Trust further keys of a hub. Where publishing takes a second person: status 8 until that one has answered."""
    given = {"trusted_hub_id": trusted_hub_id, "keys": offered(files, None), "org": org}
    return _trusted(output, settings, _call(settings, "trusted_hubs.add_keys", given), org, wait)


@trusted_hubs.command("revoke-key")
@click.argument("trusted_hub_id")
@click.argument("kid")
@ORG
@placed
@speaks
def revoke_key(output: Output, settings: Settings, trusted_hub_id: str, kid: str, org: str | None) -> None:
    """Trust a key no more, at once and for ever."""
    given = {"trusted_hub_id": trusted_hub_id, "kid": kid, "org": org}
    left = _call(settings, "trusted_hubs.revoke_key", given)
    output.result(left, lambda: _told(left))


@trusted_hubs.command("remove")
@click.argument("trusted_hub_id")
@YES
@ORG
@placed
@speaks
def remove_hub(output: Output, settings: Settings, trusted_hub_id: str, yes: bool, org: str | None) -> None:
    """Take no more proofs of a hub."""
    sure(output, "Agents that rely on this hub's proofs will be refused. Remove it?", yes=yes)
    gone = _call(settings, "trusted_hubs.remove", {"trusted_hub_id": trusted_hub_id, "org": org})
    output.result(gone, lambda: f"{gone['name']} ({gone['issuer']}) is trusted no more.")


def offered(files: tuple[Path, ...], issuer: str | None) -> list[dict[str, Any]]:
    """The token keys in these files, with their validity. Raises UsageError for a file of no keys, or another issuer's.

    Keys that their own hub marked compromised are left out.
    """
    from approvals_hub.core.clock import to_milliseconds
    from approvals_hub_client.trust import MAXIMUM_BYTES, published_of, read_trust

    keys: list[dict[str, Any]] = []
    for file in files:
        data = file.read_bytes()[: MAXIMUM_BYTES + 1]
        try:
            if not data.lstrip().startswith(b"{"):
                read_trust([data])
                lines = [line.strip() for line in data.decode().splitlines() if line.strip()]
                keys += [{"paserk": line} for line in lines if not line.startswith("#")]
                continue
            published = published_of(data)
            if issuer is not None and published.issuer != issuer:
                raise ValueError(f"the keys are those of {published.issuer}, not of {issuer}")
            for key in published.keys:
                if key.compromised_at is None:
                    until = None if key.valid_until is None else to_milliseconds(key.valid_until)
                    since = to_milliseconds(key.active_from)
                    keys.append({"paserk": key.paserk, "valid_from": since, "valid_until": until})
        except ValueError as error:
            raise click.UsageError(f"--keys {file}: {error}") from None
    return keys


def _trusted(output: Output, settings: Settings, made: dict[str, Any], org: str | None, wait: bool) -> int:
    if "draft_id" in made:
        return told_draft(output, settings, made, org, wait=wait)
    output.result(made, lambda: _told(made))
    return Exit.OK


def _told(hub: dict[str, Any]) -> str:
    lines = [f"{hub['name']} ({hub['trusted_hub_id']}), {hub['issuer']}"]
    if hub["audiences"]:
        lines.append(f"  knows you as {', '.join(hub['audiences'])}")
    for key in hub["keys"]:
        until = f", until {key['valid_until']}" if key["valid_until"] else ""
        lines.append(f"  {key['kid']}" + (f": {key['cause']} {key['ended_at']}" if key["cause"] else until))
    return "\n".join(lines)


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
