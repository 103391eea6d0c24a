"""`approvals-hub routes`, `groups` and `schedules`: who is told, from files that can be kept under version control."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"name": "Name", "version": "Version", "changed_at": "Changed", "changed_by": "By"}
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


def _add(group: click.Group, kind: str) -> None:
    """The four commands that every kind has."""

    @group.command("list", help=f"List all {kind}s.")
    @ORG
    @placed
    @speaks
    def _list(output: Output, settings: Settings, org: str | None) -> None:
        items = _call(settings, "plans.list", {"kind": kind, "org": org})["items"]
        output.table(items, COLUMNS, f"No {kind}s yet. Write one: approvals-hub {kind}s apply FILE")

    @group.command("show", help=f"Print a {kind} as it was written.")
    @click.argument("name")
    @ORG
    @placed
    @speaks
    def _show(output: Output, settings: Settings, name: str, org: str | None) -> None:
        shown = _call(settings, "plans.show", {"kind": kind, "name": name, "org": org})
        output.result(shown, lambda: str(shown["yaml"]).rstrip("\n"))

    @group.command("apply", help=f"Write the {kind} that is in FILE; it is called as the text says.")
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    @VERSION
    @ORG
    @placed
    @speaks
    def _apply(output: Output, settings: Settings, file: Path, version: int | None, org: str | None) -> None:
        text = file.read_text(encoding="utf-8")
        made = _call(settings, "plans.apply", {"kind": kind, "yaml": text, "version": version, "org": org})
        output.result(made, lambda: f"{kind} {made['name']} has version {made['version']}.")

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
