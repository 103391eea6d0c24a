"""`approvals-hub agents`: let agents in, look at them, stop them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import ORG, YES, placed, secret_from, speaks, sure
from approvals_hub.cli.output import Output
from approvals_hub.cli.policy_drafts import WAIT, told

if TYPE_CHECKING:
    from approvals_hub.config import Settings

ROLE = click.option(
    "--role",
    type=click.Choice(["agent", "ci", "script", "monitor"]),
    default="agent",
    show_default=True,
    help="What it is; a monitor sets signals, and may do nothing else.",
)
OWNER = click.option("--owner", metavar="PERSON_ID", help="Who answers for it (default: the first owner).")


@click.group()
def agents() -> None:
    """Invite, list, pause, resume and revoke agents."""


@agents.command()
@click.argument("name")
@ROLE
@click.option("--expires-in", type=int, default=86_400, show_default=True, help="Seconds until the invite ends.")
@click.option("--openleash", is_flag=True, help="For an agent that speaks OpenLeash, and for no other.")
@click.option("--agent-id", metavar="NAME", help="OpenLeash: the name that the agent goes by.")
@click.option("--public-key", metavar="BASE64", help="OpenLeash: its key; then it may join by a challenge too.")
@click.option("--known-owner", metavar="UUID", help="OpenLeash: how the agent names its owner in what it asks.")
@OWNER
@ORG
@placed
@speaks
def invite(
    output: Output,
    settings: Settings,
    name: str,
    role: str,
    expires_in: int,
    openleash: bool,
    agent_id: str | None,
    public_key: str | None,
    known_owner: str | None,
    owner: str | None,
    org: str | None,
) -> None:
    """Make a one-time invite for an agent called NAME, which makes its own key."""
    from approvals_hub.cli.local import call

    given: dict[str, Any] = {"name": name, "role": role, "expires_in": expires_in, "owner": owner, "org": org}
    known = {"agent_id": agent_id, "public_key": public_key, "owner_id": known_owner}
    known = {member: value for member, value in known.items() if value is not None}
    if known and not openleash:
        raise click.UsageError("--agent-id, --public-key and --known-owner go with --openleash.")
    if openleash:
        given["openleash"] = known
    made = call(settings, "agents.invite", given)
    if openleash:
        output.result(
            made,
            lambda: (
                f"A link for one OpenLeash agent, until {made['expires_at']}:\n\n    {made['openleash_url']}\n\n"
                "Its client takes the link (redeem_agent_invite). It is shown this once."
            ),
        )
        return
    output.result(
        made,
        lambda: (
            f"An invite for one agent, until {made['expires_at']}:\n\n    {made['invite']}\n\n"
            "On the agent's computer:\n\n"
            f"    approvals-hub agents register --hub {made['hub']} --credential agent.json --invite -\n\n"
            "and type or paste the invite there. It is shown this once."
        ),
    )


@agents.command()
@click.option("--hub", required=True, metavar="URL", help="The hub's public URL.")
@click.option("--credential", type=click.Path(path_type=Path), required=True, help="The file to make (mode 0600).")
@click.option("--invite", "source", default="-", metavar="@FILE|-", help="Where to read the invite (default: stdin).")
@speaks
def register(output: Output, hub: str, credential: Path, source: str) -> None:
    """On an agent's own computer: make its key and use its invite."""
    import approvals_hub_client

    made = approvals_hub_client.register_now(hub, secret_from(source), credential)
    ids = {"agent_id": made.agent_id, "org_id": made.org_id, "key_id": made.key_id, "credential": str(credential)}
    output.result(ids, lambda: f"Registered as {made.agent_id}; the credential is in {credential}.")


@agents.command("api-key")
@click.argument("name")
@click.option("--credential", type=click.Path(path_type=Path), help="Write a credential file instead of printing.")
@ROLE
@OWNER
@ORG
@placed
@speaks
def api_key(
    output: Output,
    settings: Settings,
    name: str,
    credential: Path | None,
    role: str,
    owner: str | None,
    org: str | None,
) -> None:
    """Make an agent called NAME that has only an API key: lower trust, and every record says so."""
    from approvals_hub.cli.local import call

    if credential is not None and credential.exists():
        raise FileExistsError(17, "File exists", str(credential))
    made = call(settings, "agents.api_key", {"name": name, "role": role, "owner": owner, "org": org})
    if credential is not None:
        from approvals_hub_client import Credential

        Credential(
            made["hub"],
            issuer=made["hub"],
            agent_id=made["agent_id"],
            org_id=made["org_id"],
            key_id=made["key_id"],
            api_key=made.pop("api_key"),
        ).save(credential)
        output.result(made, lambda: f"{made['agent_id']}; the credential is in {credential}.")
        return
    output.result(made, lambda: f"{made['agent_id']}\n\n    {made['api_key']}\n\nThe key is shown this once.")


@agents.command("list")
@ORG
@placed
@speaks
def list_agents(output: Output, settings: Settings, org: str | None) -> None:
    """List all agents."""
    from approvals_hub.cli.local import call

    items = call(settings, "agents.list", {"org": org})["items"]
    columns = {
        "agent_id": "ID",
        "name": "Name",
        "role": "Role",
        "state": "State",
        "owner_id": "Owner",
        "last_seen_at": "Last seen",
        "barred_approvers": "Guessed",
    }
    output.table(items, columns, "No agents yet: nobody can ask. Invite one: approvals-hub agents invite NAME")


@agents.command()
@click.argument("agent_id")
@ORG
@placed
@speaks
def pause(output: Output, settings: Settings, agent_id: str, org: str | None) -> None:
    """Stop an agent until it is resumed: its open questions end, its tokens are void."""
    _change(output, settings, "agents.pause", agent_id, org)


@agents.command()
@click.argument("agent_id")
@ORG
@placed
@speaks
def resume(output: Output, settings: Settings, agent_id: str, org: str | None) -> None:
    """Let a paused agent ask again."""
    _change(output, settings, "agents.resume", agent_id, org)


@agents.command()
@click.argument("agent_id")
@YES
@ORG
@placed
@speaks
def revoke(output: Output, settings: Settings, agent_id: str, org: str | None, yes: bool) -> None:
    """End an agent for ever."""
    sure(output, f"Revoke {agent_id} for ever?", yes=yes)
    _change(output, settings, "agents.revoke", agent_id, org)


@agents.command()
@click.argument("agent_id")
@click.option("--host", "hosts", multiple=True, help="A host that it may name; give it again for each.")
@click.option("--none", "nowhere", is_flag=True, help="Call it nowhere any more.")
@click.option("--rotate", is_flag=True, help="Make another secret; the one of before signs beside it for a day.")
@ORG
@placed
@speaks
def callbacks(
    output: Output,
    settings: Settings,
    agent_id: str,
    hosts: tuple[str, ...],
    nowhere: bool,
    rotate: bool,
    org: str | None,
) -> None:
    """Where the hub may call an agent when its questions end, and the newest calls. A new secret is shown this once."""
    from approvals_hub.cli.local import call

    if bool(hosts) + nowhere + rotate > 1:
        raise click.UsageError("Give one of --host, --none and --rotate.")
    wanted = list(hosts) if hosts or nowhere else None
    kept = call(settings, "agents.callbacks", {"agent_id": agent_id, "hosts": wanted, "rotate": rotate, "org": org})
    output.result(kept, lambda: _told_callbacks(kept))


def _told_callbacks(kept: dict[str, Any]) -> str:
    lines = [f"{kept['agent_id']} may be called at: {', '.join(kept['hosts']) or 'no host'}."]
    if kept["named"]:
        lines += [f"It speaks OpenLeash, and named {kept['named']} when it joined."]
    if kept["secret"]:
        lines += ["", f"    {kept['secret']}", "", "The secret is shown this once."]
    lines += [
        f"{each['escalation_id']}  {each['host']}  {each['state']}  {each['said'] or ''}" for each in kept["calls"]
    ]
    return "\n".join(lines)


def _change(output: Output, settings: Settings, command: str, agent_id: str, org: str | None) -> None:
    from approvals_hub.cli.local import call

    agent = call(settings, command, {"agent_id": agent_id, "org": org})
    output.result(agent, lambda: f"{agent['name']} ({agent['agent_id']}) is {agent['state']}.")


@agents.command("limits")
@click.option("--agent", metavar="BURST/HOURLY", help="What each agent may ask.")
@click.option("--person", metavar="BURST/HOURLY", help="What each person may be asked.")
@click.option("--pair", metavar="BURST/HOURLY", help="What one agent may ask of one person.")
@click.option("--back-off/--no-back-off", default=None, help="Whether who is denied again and again waits.")
@ORG
@placed
@speaks
def set_limits(
    output: Output,
    settings: Settings,
    agent: str | None,
    person: str | None,
    pair: str | None,
    back_off: bool | None,
    org: str | None,
) -> None:
    """Show how much agents may ask, or change it: so many at once, and so many more an hour."""
    from approvals_hub.cli.local import call

    given = {"agent": agent, "person": person, "pair": pair}
    buckets = {kind: _bucket(text) for kind, text in given.items() if text is not None}
    found = call(settings, "agents.limits", {"buckets": buckets, "back_off": back_off, "org": org})
    if not found.pop("back_off"):
        output.note("Denials make no agent wait.")
    rows = [{"kind": kind, **bucket} for kind, bucket in found.items()]
    output.table(rows, {"kind": "Of each", "burst": "At once", "hourly": "An hour"}, "No limits.")


@agents.command("label")
@click.argument("agent_id")
@click.option("--team", "teams", multiple=True, metavar="NAME", help="A team that it belongs to; may be repeated.")
@click.option("--project", help="The project that it works in.")
@click.option("--environment", help="The environment that it works in, like prod.")
@WAIT
@ORG
@placed
@speaks
def label(output: Output, settings: Settings, teams: tuple[str, ...], wait: bool, **given: Any) -> int:
    """Say what policies select an agent by; what is left out is said no more.

    Where publishing takes a second person, so does this. Exit status: 0 done, 8 asked and not answered yet, 3 refused,
    5 taken back or overtaken.
    """
    from approvals_hub.cli.local import call

    said = call(settings, "agents.label", {"teams": list(teams), **given})
    if "draft_id" in said:
        return told(output, settings, said, given["org"], wait=wait)
    words = [*said["teams"], *(said[name] for name in ("project", "environment") if said[name])]
    output.result(said, lambda: f"{said['agent_id']}: {', '.join(words) or 'nothing'}.")
    return Exit.OK


def _bucket(text: str) -> dict[str, int]:
    burst, slash, hourly = text.partition("/")
    if not slash or not burst.isdecimal() or not hourly.isdecimal():
        raise click.UsageError(f"{text!r} is not like 100/200: so many at once, so many an hour")
    return {"burst": int(burst), "hourly": int(hourly)}
