"""`approvals-hub people`: invite, list, remove, disable, enable, say whose eID is theirs; stop and resume all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.joinings import confirm, pending, remove
from approvals_hub.cli.options import ORG, YES, placed, secret_from, speaks, sure
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

ROLES = ("owner", "admin", "approver", "auditor", "developer")

MEASURES = {
    "name": "Name",
    "prompts_per_day": "A day",
    "busiest_day": "Busiest",
    "answered": "Answered",
    "approval_rate": "Approved",
    "median_seconds": "Median s",
    "busiest_minute": "Most in a minute",
    "hurried": "Hurried",
    "inactive": "Inactive",
}
MAILED = {
    None: "",
    True: "The mail server took the invitation.\n\n",
    False: "The invitation could not be sent: hand over the link yourself.\n\n",
}


@click.group()
def people() -> None:
    """Invite, list, disable and enable people."""


@people.command()
@click.argument("name", required=False, default="")
@click.option("--email", help="An address; nothing is sent to it without --mail.")
@click.option("--mail", "by_mail", is_flag=True, help="Have the hub send the link to that address.")
@click.option("--language", type=click.Choice(("en", "sv")), default="en", show_default=True, help="Of that mail.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be given twice.  [default: approver]"
)
@click.option("--expires-in", type=int, default=86_400, show_default=True, help="Seconds until the link ends.")
@click.option("--person", metavar="PERSON_ID", help="A new link for a member who never had a key.")
@ORG
@placed
@speaks
def invite(
    output: Output,
    settings: Settings,
    name: str,
    email: str | None,
    roles: tuple[str, ...],
    expires_in: int,
    person: str | None,
    by_mail: bool,
    language: str,
    org: str | None,
) -> None:
    """Make a one-time link for a person called NAME.

    Their first key counts once you have compared and confirmed the six digits that both of you see.
    """
    if bool(name) == bool(person):
        raise click.UsageError("give NAME for a new person, or --person for a member")
    made = _call(
        settings,
        "people.invite",
        {
            "name": name,
            "email": email,
            "roles": list(roles),
            "expires_in": expires_in,
            "person_id": person,
            "by_mail": by_mail,
            "language": language,
            "org": org,
        },
    )
    link = f"A link for one person, until {made['expires_at']}:\n\n    {made['url']}\n\nIt is shown this once."
    output.result(made, lambda: MAILED[made["mailed"]] + link)
    if made["url"].startswith("https://"):
        output.qr(made["url"])


@people.command("list")
@ORG
@placed
@speaks
def list_people(output: Output, settings: Settings, org: str | None) -> None:
    """List everybody."""
    columns = {
        "person_id": "ID",
        "name": "Name",
        "email": "E-mail",
        "roles": "Roles",
        "state": "State",
        "devices": "Keys",
    }
    empty = "Nobody is here yet: nobody can answer. Invite somebody: approvals-hub people invite NAME"
    output.table(_call(settings, "people.list", {"org": org})["items"], columns, empty)


@people.command()
@click.argument("person_id")
@YES
@ORG
@placed
@speaks
def disable(output: Output, settings: Settings, person_id: str, org: str | None, yes: bool) -> None:
    """End somebody's sessions, keys, votes and waiting questions at once, in every organisation; their agents pause."""
    sure(output, f"Disable {person_id} in every organisation? Their keys end for good.", yes=yes)
    _change(output, settings, "people.disable", person_id, org)


@people.command()
@click.argument("person_id")
@ORG
@placed
@speaks
def enable(output: Output, settings: Settings, person_id: str, org: str | None) -> None:
    """Let a disabled person in again; a recovery brings them a new key."""
    _change(output, settings, "people.enable", person_id, org)


@people.command("link")
@click.argument("person_id")
@click.option("--method", default="bankid", show_default=True, help="The eID.")
@click.option(
    "--number", "source", default="-", metavar="@FILE|-", help="Where to read the personal number (default: stdin)."
)
@ORG
@placed
@speaks
def link_number(output: Output, settings: Settings, person_id: str, method: str, source: str, org: str | None) -> None:
    """Say whose eID a person's must be, by personal number; it counts once they have linked it with their key.

    The number is asked for, or read from a file or standard input, never from the command line. Only a keyed hash of
    it is kept.
    """
    given = {"person_id": person_id, "method": method, "number": secret_from(source, "Personal number"), "org": org}
    expected = _call(settings, "people.expect", given)
    output.result(
        expected,
        lambda: (
            f"{person_id} is told. It counts once they have linked their own {method} of that number under Devices, "
            f"until {expected['expires_at']}."
        ),
    )


@people.command()
@click.argument("person_id")
@click.option("--colleagues", is_flag=True, help="Others sign for the new key; for anybody but the only owner.")
@YES
@ORG
@placed
@speaks
def recover(output: Output, settings: Settings, person_id: str, colleagues: bool, org: str | None, yes: bool) -> None:
    """Make a link for somebody who lost every key.

    The only owner's opens after a waiting time. Everybody is told at once, and any key that the person still has
    cancels it. With --colleagues the link opens now; its key counts when colleagues have signed and time has passed.
    """
    sure(output, f"Make a link for a new key of {person_id}, and tell everybody?", yes=yes)
    given = {"person_id": person_id, "colleagues": colleagues, "org": org}
    made = _call(settings, "people.recover", given)
    output.result(
        made,
        lambda: (
            f"A link for one person, good from {made['usable_from']} until {made['expires_at']}:\n\n"
            f"    {made['url']}\n\nIt is shown this once."
        ),
    )
    if made["url"].startswith("https://"):
        output.qr(made["url"])


@click.command()
@YES
@ORG
@placed
@speaks
def stop(output: Output, settings: Settings, org: str | None, yes: bool) -> None:
    """Emergency: deny everything that waits and let no agent go on."""
    sure(output, "Deny everything that waits and stop all agents?", yes=yes)
    stopped = _call(settings, "org.stop", {"org": org})
    output.result(
        stopped, lambda: f"Stopped. {stopped['ended']} open questions were denied. Go on with: approvals-hub resume"
    )


@click.command()
@ORG
@placed
@speaks
def resume(output: Output, settings: Settings, org: str | None) -> None:
    """Let agents ask again after a stop; what was ended stays ended."""
    output.result(_call(settings, "org.resume", {"org": org}), lambda: "Agents may ask again.")


@people.command()
@click.option("--days", type=click.IntRange(1, 90), default=30, show_default=True, help="How many days back.")
@ORG
@placed
@speaks
def measures(output: Output, settings: Settings, days: int, org: str | None) -> None:
    """Say how approvers answer: how much comes to them, how much they let through, how fast."""
    found = _call(settings, "people.measures", {"days": days, "org": org})["items"]
    empty = (
        "Nobody here answers yet: numbers come with people who may. Invite one:"
        " approvals-hub people invite NAME --role approver"
    )
    output.table(found, MEASURES, empty)


for more in (pending, confirm, remove):
    people.add_command(more)


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)


def _change(output: Output, settings: Settings, command: str, person_id: str, org: str | None) -> None:
    changed = _call(settings, command, {"person_id": person_id, "org": org})
    output.result(changed, lambda: f"{changed['person_id']} is {changed['state']}.")
