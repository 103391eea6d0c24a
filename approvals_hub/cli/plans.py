"""`approvals-hub routes`, `groups` and `schedules`: who is told, from files that can be kept under version control."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output
from approvals_hub.cli.policy_drafts import WAIT, told

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"name": "Name", "version": "Version", "changed_at": "Changed", "changed_by": "By"}
OVERRIDES = {"override_id": "Override", "person_id": "Person", "from": "From", "until": "Until", "recorded_by": "By"}
FORESEEN = {"at": "When", "level": "Level", "person_id": "Person", "channel": "Channel", "reason": "Why"}
VERSION = click.option("--version", type=int, help="Only where this version stands (0: only where there is none).")


@click.group()
def routes() -> None:
    """List, show, apply and delete routes: who is told, in which order."""


@click.group()
def groups() -> None:
    """List, show, apply and delete groups of people."""


@click.group()
def schedules() -> None:
    """List, show, apply and delete on-call schedules; say who is on call."""


@schedules.command("on-call")
@click.argument("name")
@click.option("--at", metavar="TIME", help="When, like 2026-12-24T08:00:00Z (default: now).")
@ORG
@placed
@speaks
def on_call(output: Output, settings: Settings, name: str, at: str | None, org: str | None) -> None:
    """Say who is on call."""
    duty = _call(settings, "schedules.on_call", {"name": name, "at": at, "org": org})
    until = f", until {duty['until']}" if duty["until"] else ""
    who = f"{duty['name']} ({duty['person_id']}) is" if duty["person_id"] else "Nobody is"
    output.result(duty, lambda: f"{who} on call at {duty['at']}{until}.")


@schedules.command("overrides")
@click.argument("name")
@ORG
@placed
@speaks
def overrides(output: Output, settings: Settings, name: str, org: str | None) -> None:
    """List who stands in on a schedule, beyond what its text says."""
    items = _call(settings, "overrides.list", {"name": name, "org": org})["items"]
    empty = (
        f"Nobody stands in on {name}: whoever is on call is told. Have somebody stand in:"
        f" approvals-hub schedules stand-in {name} PERSON --from TIME --until TIME"
    )
    output.table(items, OVERRIDES, empty)


@schedules.command("stand-in")
@click.argument("name")
@click.argument("person")
@click.option("--from", "since", required=True, metavar="TIME", help="From when, like 2026-12-24T08:00:00Z.")
@click.option("--until", required=True, metavar="TIME", help="Until when.")
@ORG
@placed
@speaks
def stand_in(output: Output, settings: Settings, **given: Any) -> None:
    """Put somebody on call instead, by id or mail address."""
    made = _call(settings, "overrides.add", given)
    output.result(made, lambda: f"{made['person_id']} is on call until {made['until']} ({made['override_id']}).")


@schedules.command("end-override")
@click.argument("name")
@click.argument("override_id")
@ORG
@placed
@speaks
def end_override(output: Output, settings: Settings, name: str, override_id: str, org: str | None) -> None:
    """End an override now."""
    gone = _call(settings, "overrides.end", {"name": name, "override_id": override_id, "org": org})
    output.result(gone, lambda: f"{gone['override_id']} is over.")


@routes.command("default")
@click.argument("name", required=False)
@click.option("--none", "no_route", is_flag=True, help="No default: everybody who may answer is told at once.")
@ORG
@placed
@speaks
def default_route(output: Output, settings: Settings, name: str | None, no_route: bool, org: str | None) -> None:
    """Say which route questions take, or set it."""
    if name is None and not no_route:
        found = _call(settings, "default_route.show", {"org": org})
    else:
        found = _call(settings, "default_route.set", {"route": name, "org": org})
    route = found["route"]
    output.result(found, lambda: f"Questions take the route {route}." if route else "There is no default route.")


@routes.command("preview")
@click.argument("name")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), help="A text that is not saved.")
@click.option("--at", metavar="TIME", help="When a question would open (default: now).")
@click.option("--urgent", is_flag=True, help="As if a policy called its risk critical: no quiet hours count.")
@ORG
@placed
@speaks
def preview(
    output: Output, settings: Settings, name: str, file: Path | None, at: str | None, urgent: bool, org: str | None
) -> None:
    """Say who would be told when, if nobody reacted."""
    text = None if file is None else file.read_text(encoding="utf-8")
    found = _call(settings, "routes.preview", {"name": name, "yaml": text, "at": at, "urgent": urgent, "org": org})
    if output.as_json:
        output.result(found)
        return
    empty = "Nobody would be told: no level has anybody with a channel. See who is here: approvals-hub people list"
    output.table(found["items"], FORESEEN, empty)
    for warning in found["warnings"]:
        output.note(f"Attention: {warning}.")
    output.note(f"It would end {found['outcome']} at {found['ends_at']} ({found['cause']}).")


WITHOUT = {
    "group": "policies and routes name people one by one",
    "route": "everybody who may answer is told at once",
    "schedule": "nobody is on call",
}
"""What holds where there is none of a kind."""


def _add(group: click.Group, kind: str) -> None:
    """The four commands that every kind has."""

    @group.command("list", help=f"List all {kind}s.")
    @ORG
    @placed
    @speaks
    def _list(output: Output, settings: Settings, org: str | None) -> None:
        items = _call(settings, "plans.list", {"kind": kind, "org": org})["items"]
        output.table(items, COLUMNS, f"No {kind}s yet: {WITHOUT[kind]}. Write one: approvals-hub {kind}s apply FILE")

    @group.command("show", help=f"Print a {kind} as it was written.")
    @click.argument("name")
    @ORG
    @placed
    @speaks
    def _show(output: Output, settings: Settings, name: str, org: str | None) -> None:
        shown = _call(settings, "plans.show", {"kind": kind, "name": name, "org": org})
        output.result(shown, lambda: str(shown["yaml"]).rstrip("\n"))
        if not output.as_json:
            for warning in shown["warnings"]:
                output.note(f"Attention: {warning}.")

    @group.command("apply", help=f"Write the {kind} that is in FILE; it is called as the text says.")
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    @VERSION
    @WAIT
    @ORG
    @placed
    @speaks
    def _apply(output: Output, settings: Settings, file: Path, version: int | None, org: str | None, wait: bool) -> int:
        text = file.read_text(encoding="utf-8")
        made = _call(settings, "plans.apply", {"kind": kind, "yaml": text, "version": version, "org": org})
        if "draft_id" in made:
            return told(output, settings, made, org, wait=wait)
        output.result(made, lambda: f"{kind} {made['name']} has version {made['version']}.")
        return Exit.OK

    @group.command("delete", help=f"Delete a {kind} that nothing uses.")
    @click.argument("name")
    @VERSION
    @YES
    @ORG
    @placed
    @speaks
    def _delete(output: Output, settings: Settings, name: str, version: int | None, org: str | None, yes: bool) -> None:
        sure(output, f"Delete the {kind} {name}?", yes=yes)
        gone = _call(settings, "plans.delete", {"kind": kind, "name": name, "version": version, "org": org})
        output.result(gone, lambda: f"{kind} {gone['name']} is deleted.")


for _group, _kind in ((routes, "route"), (groups, "group"), (schedules, "schedule")):
    _add(_group, _kind)


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
