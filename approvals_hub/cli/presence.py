"""`approvals-hub absences` and `quiet-hours`: when people are not told, as the operator writes it for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.options import ORG, placed, speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"absence_id": "Absence", "person_id": "Person", "from": "From", "until": "Until", "delegate": "Stands in"}


@click.group()
def absences() -> None:
    """List, record and end absences of members."""


@absences.command("list")
@ORG
@placed
@speaks
def list_absences(output: Output, settings: Settings, org: str | None) -> None:
    """List everybody's absences that are not over."""
    empty = (
        "Nobody is away: whoever is asked answers. Say when somebody is:"
        " approvals-hub absences add PERSON_ID --from TIME --until TIME"
    )
    output.table(_call(settings, "absences.list", {"org": org})["items"], COLUMNS, empty)


@absences.command("add")
@click.argument("person_id")
@click.option("--from", "since", required=True, metavar="TIME", help="From when, like 2026-12-24T08:00:00Z.")
@click.option("--until", required=True, metavar="TIME", help="Until when.")
@click.option("--delegate", metavar="PERSON_ID", help="Who stands in.")
@ORG
@placed
@speaks
def add_absence(output: Output, settings: Settings, **given: Any) -> None:
    """Say that a member is away."""
    made = _call(settings, "absences.add", given)
    output.result(made, lambda: f"{made['person_id']} is away until {made['until']} ({made['absence_id']}).")


@absences.command("end")
@click.argument("absence_id")
@ORG
@placed
@speaks
def end_absence(output: Output, settings: Settings, absence_id: str, org: str | None) -> None:
    """End an absence now."""
    gone = _call(settings, "absences.end", {"absence_id": absence_id, "org": org})
    output.result(gone, lambda: f"{gone['absence_id']} is over.")


@click.group("quiet-hours")
def quiet_hours() -> None:
    """Show, set and clear a member's quiet hours."""


@quiet_hours.command("show")
@click.argument("person_id")
@ORG
@placed
@speaks
def show_quiet(output: Output, settings: Settings, person_id: str, org: str | None) -> None:
    """Show a member's quiet hours."""
    found = _call(settings, "quiet_hours.show", {"person_id": person_id, "org": org})
    output.result(found, lambda: _shown(found))


@quiet_hours.command("set")
@click.argument("person_id")
@click.argument("spans", nargs=-1, required=True, metavar="'DAYS FROM-TO'...")
@click.option("--zone", required=True, help="The time zone, like Europe/Stockholm.")
@ORG
@placed
@speaks
def set_quiet(
    output: Output, settings: Settings, person_id: str, spans: tuple[str, ...], zone: str, org: str | None
) -> None:
    """Set them, like 'monday,tuesday 22:00-07:00'."""
    given = {"person_id": person_id, "spans": list(spans), "zone": zone, "org": org}
    found = _call(settings, "quiet_hours.set", given)
    output.result(found, lambda: _shown(found))


@quiet_hours.command("clear")
@click.argument("person_id")
@ORG
@placed
@speaks
def clear_quiet(output: Output, settings: Settings, person_id: str, org: str | None) -> None:
    """Take them away."""
    found = _call(settings, "quiet_hours.set", {"person_id": person_id, "org": org})
    output.result(found, lambda: _shown(found))


def _shown(found: dict[str, Any]) -> str:
    if not found["spans"]:
        return f"{found['person_id']} has no quiet hours."
    return "\n".join([f"{found['person_id']} in {found['zone']}:", *(f"  {span}" for span in found["spans"])])


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
