"""`approvals-hub orgs`: make an organisation, list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.options import placed, speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"org_id": "ID", "name": "Name", "members": "Members", "made_by": "Made by", "state": "State"}


@click.group()
def orgs() -> None:
    """Make and list the organisations of this hub."""


@orgs.command()
@click.argument("name")
@click.option("--owner", "owner_name", required=True, metavar="NAME", help="What its first owner is called.")
@click.option("--email", "owner_email", help="Their address; nothing is sent to it.")
@placed
@speaks
def create(output: Output, settings: Settings, **given: Any) -> None:
    """Make an organisation called NAME, and a one-time link for its first owner.

    Whoever is on this hub already follows the link with the key that they have. Either way they count once you have
    compared six digits: approvals-hub people pending --org ORG_ID.
    """
    made = _call(settings, "orgs.create", given)
    output.result(
        made,
        lambda: (
            f"{made['name']} is {made['org_id']}. A link for its owner, until {made['expires_at']}:\n\n"
            f"    {made['url']}\n\nIt is shown this once."
        ),
    )
    if made["url"].startswith("https://"):
        output.qr(made["url"])


@orgs.command("list")
@placed
@speaks
def list_orgs(output: Output, settings: Settings) -> None:
    """List all organisations, oldest first."""
    empty = "There is no organisation yet: the hub is not set up. Set it up: approvals-hub init"
    output.table(_call(settings, "orgs.list", {})["items"], COLUMNS, empty)


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
