"""`approvals-hub signals`: what stands in an organisation, like an incident, and policies select by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.lasting import lasting, told_until
from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"name": "Signal", "stands": "Stands", "held": "Set by", "until": "Until", "about": "What it is"}


@click.group()
def signals() -> None:
    """List, declare, set and clear what policies select by. Let rules that deny or ask select by them."""


@signals.command("list")
@ORG
@placed
@speaks
def list_signals(output: Output, settings: Settings, org: str | None) -> None:
    """List them, and who holds them set; then those that the hub measures, which nobody sets."""
    items = [_row(each) for each in _call(settings, "signals.list", {"org": org})["items"]]
    empty = "No signals: nothing is declared or measured. Declare one: approvals-hub signals declare NAME --about TEXT"
    output.table(items, COLUMNS, empty)
    if not output.as_json and all(each["measured"] for each in items):
        output.note(
            "None is declared: policies select by what is measured alone. Declare one:"
            " approvals-hub signals declare NAME --about TEXT"
        )


@signals.command()
@click.argument("name")
@click.option("--about", required=True, help="What it is, in a line.")
@click.option("--monitor", "monitors", multiple=True, metavar="AGENT_ID", help="May set it too; may be given again.")
@ORG
@placed
@speaks
def declare(
    output: Output, settings: Settings, name: str, about: str, monitors: tuple[str, ...], org: str | None
) -> None:
    """Declare the signal NAME, so that policies may name it."""
    given = {"name": name, "about": about, "monitors": list(monitors), "org": org}
    made = _call(settings, "signals.declare", given)
    output.result(made, lambda: f"{made['name']} is declared; policies may select by it.")


@signals.command()
@click.argument("name")
@ORG
@placed
@speaks
def remove(output: Output, settings: Settings, name: str, org: str | None) -> None:
    """Declare NAME no more; refused while a policy names it."""
    gone = _call(settings, "signals.remove", {"name": name, "org": org})
    output.result(gone, lambda: f"{gone['name']} is declared no more.")


@signals.command("set")
@click.argument("name")
@lasting
def set_signal(output: Output, settings: Settings, name: str, wanted: dict[str, Any], org: str | None) -> None:
    """Set NAME from the next decision on, --for a while or until it is cleared (--stays)."""
    made = _call(settings, "signals.set", {"name": name, **wanted, "org": org})
    output.result(made, lambda: f"{made['name']} is set {told_until(_row(made)['until'])}.")


@signals.command()
@click.argument("name")
@YES
@ORG
@placed
@speaks
def clear(output: Output, settings: Settings, name: str, yes: bool, org: str | None) -> None:
    """Clear NAME, whoever holds it set."""
    sure(output, f"Rules that deny or ask because of {name} match no more. Clear it?", yes=yes)
    made = _call(settings, "signals.clear", {"name": name, "org": org})
    output.result(made, lambda: f"{made['name']} is clear.")


def _row(found: dict[str, Any]) -> dict[str, Any]:
    held = found["settings"]
    ends = [each["until"] for each in held]
    stands = "each agent its own" if found["stands"] is None else found["stands"]
    if found["measured"]:
        return {**found, "stands": stands, "held": "the hub, by measuring", "until": None}
    return {
        **found,
        "held": ", ".join(each["setter"] for each in held),
        "until": None if not ends or None in ends else max(ends),
    }


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
