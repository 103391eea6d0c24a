"""`approvals-hub people pending|confirm|remove`: who waits to be let in, letting them in, and taking them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"id": "ID", "name": "Name", "kind": "Waits with", "digits": "Digits", "person_id": "Person"}


@click.command()
@ORG
@placed
@speaks
def pending(output: Output, settings: Settings, org: str | None) -> None:
    """List whose six digits wait to be compared: new keys, and people of this hub who follow an invitation."""
    from approvals_hub.cli.local import call

    found = call(settings, "people.pending", {"org": org})["items"]
    empty = (
        "Nobody waits: no key and nobody who joins has digits to compare. Invite somebody:"
        " approvals-hub people invite NAME"
    )
    output.table(found, COLUMNS, empty)


@click.command()
@click.argument("waiting_id", metavar="ID")
@click.argument("digits")
@ORG
@placed
@speaks
def confirm(output: Output, settings: Settings, waiting_id: str, digits: str, org: str | None) -> None:
    """Let in who waits as ID, as the other screen shows the same DIGITS."""
    from approvals_hub.cli.local import call

    done = call(settings, "people.confirm", {"waiting_id": waiting_id, "digits": digits, "org": org})
    output.result(done, lambda: f"{done['person_id']} counts from now on.")


@click.command()
@click.argument("person_id")
@YES
@ORG
@placed
@speaks
def remove(output: Output, settings: Settings, person_id: str, org: str | None, yes: bool) -> None:
    """Take somebody out of one organisation; their keys and their other organisations stay."""
    from approvals_hub.cli.local import call

    sure(output, f"Take {person_id} out of the organisation?", yes=yes)
    gone = call(settings, "people.remove", {"person_id": person_id, "org": org})
    output.result(gone, lambda: f"{gone['person_id']} is no member of {gone['org_id']} any more.")
