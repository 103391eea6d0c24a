"""`approvals-hub signals`: what stands in an organisation, like an incident, and policies select by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"name": "Signal", "stands": "Stands", "held": "Set by", "until": "Until", "about": "What it is"}
REASON = click.option("--reason", required=True, help="Why; owners and admins read it.")
FOR = click.option("--for", "lasts", metavar="TIME", help="How long, like 30m, 4h or 7d; 30 days at most.")
STAYS = click.option("--stays", is_flag=True, help="Until somebody ends it.")


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
    output.table(items, COLUMNS, "No signals.")
    if not output.as_json and all(each["measured"] for each in items):
        output.note("None is declared: approvals-hub signals declare NAME --about …")


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
@REASON
@FOR
@STAYS
@ORG
@placed
@speaks
def set_signal(
    output: Output, settings: Settings, name: str, reason: str, lasts: str | None, stays: bool, org: str | None
) -> None:
    """Set NAME from the next decision on, --for a while or until it is cleared (--stays)."""
    given = {"name": name, "reason": reason, "lasts": seconds_of(lasts), "stays": stays, "org": org}
    made = _call(settings, "signals.set", given)
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


def seconds_of(text: str | None) -> int | None:
    """How long, from a word like `4h`. Raises click.UsageError."""
    if text is None:
        return None
    from approvals_hub.core.yaml_fields import seconds_of as written

    found = written(text)
    if found is None:
        raise click.UsageError(f"{text!r} is no time like 30m, 4h or 7d")
    return found


def told_until(until: str | None) -> str:
    """The end of a sentence."""
    return "until somebody ends it" if until is None else f"until {until}"


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
