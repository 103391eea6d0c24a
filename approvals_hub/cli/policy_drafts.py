"""`approvals-hub policies drafts|draft|withdraw-draft|second-person`: what waits for people's word before it counts."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {
    "draft_id": "Draft",
    "change": "Change",
    "name": "Policy",
    "state": "State",
    "cause": "Cause",
    "proposed_by": "Proposed by",
    "created_at": "Proposed",
}
STATES = ("draft", "open", "in_force", "refused", "withdrawn", "stale")
WAIT = click.option("--wait", is_flag=True, help="Where it takes a second person, wait for their answer.")
PAUSE = 1.0
"""Seconds between two looks at a draft that is waited for."""

_LIVE = ("draft", "open")
_ENDS = {"in_force": Exit.OK, "refused": Exit.DENIED, "withdrawn": Exit.CANCELLED, "stale": Exit.CANCELLED}


def add_to(policies: click.Group) -> None:
    """Add these commands to the group."""
    for command in (drafts, draft, withdraw, second_person):
        policies.add_command(command)


@click.command("drafts")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@ORG
@placed
@speaks
def drafts(output: Output, settings: Settings, state: str | None, org: str | None) -> None:
    """List drafts: what agents propose, and what waits for a second person. The newest hundred."""
    items = _call(settings, "drafts.list", {"state": state, "org": org})["items"]
    empty = (
        "No drafts: agents propose nothing, and nothing waits for a second person. Have changes wait for one:"
        " approvals-hub policies second-person on"
    )
    output.table(items, COLUMNS, empty)


@click.command("draft")
@click.argument("draft_id")
@ORG
@placed
@speaks
def draft(output: Output, settings: Settings, draft_id: str, org: str | None) -> None:
    """Print one draft with its text."""
    shown = _call(settings, "drafts.show", {"draft_id": draft_id, "org": org})
    why = f"\nWhy (not verified): {shown['why']}" if shown["why"] else ""
    text = f"\n\n{shown['yaml']}".rstrip("\n") if shown["yaml"] else ""
    output.result(shown, lambda: f"{said(shown)}{why}{text}")


@click.command("withdraw-draft")
@click.argument("draft_id")
@YES
@ORG
@placed
@speaks
def withdraw(output: Output, settings: Settings, draft_id: str, org: str | None, yes: bool) -> None:
    """Take a draft back, whoever proposed it; people are not asked any more."""
    sure(output, f"Withdraw the draft {draft_id}?", yes=yes)
    gone = _call(settings, "drafts.withdraw", {"draft_id": draft_id, "org": org})
    output.result(gone, lambda: said(gone))


@click.command("second-person")
@click.argument("wanted", type=click.Choice(["on", "off"]), required=False)
@click.option("--wait", is_flag=True, help="Wait for the second person's answer.")
@ORG
@placed
@speaks
def second_person(output: Output, settings: Settings, wanted: str | None, wait: bool, org: str | None) -> int:
    """Say whether publishing and removing policies takes a second person's signature, or show how it stands.

    `off` takes that second person too. Exit status: 0 done, 8 asked and not answered yet, 3 refused, 5 taken back.
    """
    given = {"second_person": None if wanted is None else wanted == "on", "org": org}
    found = _call(settings, "policies.publishing", given)
    if found["draft"] is None:
        word = "takes a second person" if found["second_person"] else "takes one person"
        output.result(found, lambda: f"Publishing {word}.")
        return Exit.OK
    return told(output, settings, found["draft"], org, wait=wait)


def told(output: Output, settings: Settings, found: dict[str, Any], org: str | None, *, wait: bool) -> int:
    """Say that people are asked about a draft, wait for them if that is wanted, and say what came of it."""
    if wait:
        output.note(said(found))
        found = waited(settings, found, org)
    output.result(found, lambda: said(found))
    return _ENDS.get(found["state"], Exit.OPEN)


def waited(settings: Settings, found: dict[str, Any], org: str | None) -> dict[str, Any]:
    """The draft as soon as it has ended."""
    while found["state"] in _LIVE:
        sleep(PAUSE)
        shown = _call(settings, "drafts.show", {"draft_id": found["draft_id"], "org": org})
        found = {name: value for name, value in shown.items() if name not in ("yaml", "why")}
    return found


def said(found: dict[str, Any]) -> str:
    """How a draft stands, in a sentence."""
    what = {
        "publish": f"The policy {found['name']}",
        "remove": f"The removal of {found['name']}",
        "label": f"What is said of {found['name']}",
        "group": f"Who joins the group {found['name']}",
        "requirement": "What is asked of every question",
        "relying_party": f"How far {found['name']} is trusted",
        "trusted_hub": f"What proofs of {found['name']} are taken",
        "one_person": "Publishing by one person",
    }[found["change"]]
    state = {
        "draft": "waits: people are about to be asked",
        "open": f"waits for another person's signature; the question is {found['escalation_id']}",
        "in_force": "is in force" + (f", with version {found['version']}" if found["version"] else ""),
        "refused": f"was refused ({found['cause']})",
        "withdrawn": "was taken back",
        "stale": "was overtaken: what it was drafted against is another one by now",
    }[found["state"]]
    return f"{what} {state}. Draft {found['draft_id']}."


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
