"""`approvals-hub keys`: the hub's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from approvals_hub.cli.options import YES, placed, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings


@click.group()
def keys() -> None:
    """List and rotate the hub's keys."""


@keys.command("list")
@placed
@speaks
def list_keys(output: Output, settings: Settings) -> None:
    """List the signing keys and their validity."""
    from approvals_hub.cli.local import call

    columns = {
        "kid": "ID",
        "purpose": "Signs",
        "state": "State",
        "active_from": "From",
        "valid_until": "Verifies until",
    }
    output.table(call(settings, "keys.list", {})["items"], columns, "No keys.")


@keys.command()
@click.option("--kek", is_flag=True, help="Rotate the key-encryption key in the key file instead.")
@placed
@speaks
def rotate(output: Output, settings: Settings, kek: bool) -> None:
    """Publish a new key and sign tokens with it a little later; the one before verifies for two hours more.

    With --kek: put a new key into the key file, encrypt every data key under it, and drop the old one. Killed half-way
    it loses nothing: run it again. Keep a copy of the new key file elsewhere.
    """
    from approvals_hub.cli.local import call

    if kek:
        done = call(settings, "keys.rotate_kek", {})
        output.result(
            done,
            lambda: (
                f"{done['rewrapped']} data keys are under the new key in {settings.key_file}."
                " Replace the copy that you keep elsewhere."
            ),
        )
        return
    key = call(settings, "keys.rotate", {})
    output.result(key, lambda: f"{key['kid']} signs tokens from {key['active_from']} on.")


@keys.command()
@click.argument("kid")
@YES
@placed
@speaks
def compromised(output: Output, settings: Settings, kid: str, yes: bool) -> None:
    """Say that somebody else may have the signing key KID: nothing it signed counts by itself any more."""
    from approvals_hub.cli.local import call

    sure(output, f"Mark {kid} as compromised? That cannot be undone.", yes=yes)
    output.result(
        call(settings, "keys.compromised", {"kid": kid}),
        lambda: f"{kid} is marked as compromised. Another key signs from now on.",
    )
