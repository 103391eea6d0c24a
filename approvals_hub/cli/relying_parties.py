"""`approvals-hub relying-parties`: how far an organisation trusts those whom its agents deal with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, YES, placed, speaks, sure
from approvals_hub.cli.output import Output
from approvals_hub.cli.policy_drafts import WAIT, told

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"domain": "Relying party", "trust_profile": "Trusted", "changed_at": "Since", "changed_by": "By"}
PROFILES = ("LOW", "MEDIUM", "HIGH", "REGULATED")


@click.group("relying-parties")
def relying_parties() -> None:
    """List, trust and remove those whom agents deal with. Who is not in the list is trusted LOW."""


@relying_parties.command("list")
@ORG
@placed
@speaks
def list_parties(output: Output, settings: Settings, org: str | None) -> None:
    """List them."""
    items = _call(settings, "relying_parties.list", {"org": org})["items"]
    empty = (
        "None: everybody is trusted LOW, whatever an agent says. Say otherwise:"
        " approvals-hub relying-parties put DOMAIN TRUST_PROFILE"
    )
    output.table(items, COLUMNS, empty)


@relying_parties.command("put")
@click.argument("domain")
@click.argument("trust_profile", type=click.Choice(PROFILES))
@WAIT
@ORG
@placed
@speaks
def put_party(output: Output, settings: Settings, domain: str, trust_profile: str, wait: bool, org: str | None) -> int:
    """Say how far DOMAIN is trusted: one host, or '*.' and a name for every host below it.

    Where publishing takes a second person, so does trusting more: status 8 until that one has answered.
    """
    made = _call(settings, "relying_parties.put", {"domain": domain, "trust_profile": trust_profile, "org": org})
    if "draft_id" in made:
        return told(output, settings, made, org, wait=wait)
    output.result(made, lambda: f"{made['domain']} is trusted {made['trust_profile']}.")
    return Exit.OK


@relying_parties.command("remove")
@click.argument("domain")
@WAIT
@YES
@ORG
@placed
@speaks
def remove_party(output: Output, settings: Settings, domain: str, wait: bool, yes: bool, org: str | None) -> int:
    """Say nothing of DOMAIN any more: what a '*.' above it says holds, else LOW."""
    sure(output, f"Rules may decide otherwise about {domain} from the next action on. Remove it?", yes=yes)
    gone = _call(settings, "relying_parties.remove", {"domain": domain, "org": org})
    if "draft_id" in gone:
        return told(output, settings, gone, org, wait=wait)
    output.result(gone, lambda: f"{gone['domain']} is in the list no more.")
    return Exit.OK


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
