"""`approvals-hub`: the table of commands, each imported when it is called, and what becomes of every error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from approvals_hub.cli.exits import Exit


class Place(NamedTuple):
    """Where a command lives, and its line in the help."""

    module: str
    name: str
    help: str


COMMANDS = {
    "serve": Place("serve", "serve", "Start the hub; set it up first where it is new."),
    "init": Place("init", "init", "Make a new hub and its one-time set-up link."),
    "demo": Place("try_out", "demo", "See it work: an agent asks, a person signs, a token works once."),
    "ask": Place("ask", "ask", "Ask people for approval, from a script or a CI job."),
    "authorize": Place("authorize", "authorize", "Ask the policies before acting, from a script or a CI job."),
    "verify": Place("verify", "verify", "Verify proofs, receipt bundles and chains of proofs offline."),
    "agents": Place("agents", "agents", "Invite, list, pause, resume and revoke agents."),
    "orgs": Place("orgs", "orgs", "Make and list the organisations of this hub."),
    "people": Place("people", "people", "Invite, list, disable and enable people."),
    "groups": Place("plans", "groups", "List, show, apply and delete groups of people."),
    "schedules": Place("plans", "schedules", "List, show, apply and delete on-call schedules; say who is on call."),
    "routes": Place("plans", "routes", "List, show, apply and delete routes: who is told, in which order."),
    "policies": Place("policies", "policies", "Check, explain, test and publish policies."),
    "absences": Place("presence", "absences", "List, record and end absences of members."),
    "quiet-hours": Place("presence", "quiet_hours", "Show, set and clear a member's quiet hours."),
    "channels": Place("channels", "channels", "List, show, set up, try and delete an organisation's own channels."),
    "deliveries": Place("channels", "deliveries", "List every attempt to tell somebody, newest first; send one again."),
    "trusted-hubs": Place("trusted_hubs", "trusted_hubs", "List, add and remove the hubs whose proofs are taken."),
    "relying-parties": Place(
        "relying_parties", "relying_parties", "List, trust and remove those whom agents deal with."
    ),
    "signals": Place("signals", "signals", "List, declare, set and clear what policies select by."),
    "mode": Place("mode", "mode", "Say in which mode the organisation works, and which there are."),
    "stop": Place("people", "stop", "Emergency: deny everything that waits and let no agent go on."),
    "resume": Place("people", "resume", "Let agents ask again after a stop."),
    "relay": Place("relay", "relay", "Run the push relay of a native app's publisher."),
    "keys": Place("keys", "keys", "List and rotate the hub's keys."),
    "audit": Place("audit", "audit", "Export the audit log and receipt bundles; verify an export offline."),
    "db": Place("database", "db", "Migrate, check, back up and restore the database."),
    "doctor": Place("doctor", "doctor", "Check that everything is in order."),
}
"""In the order of the help."""


class Commands(click.Group):
    """A group whose commands are imported when they are called: the help costs nothing but click."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = getattr(import_module(f"approvals_hub.cli.{place.module}"), place.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Their lines, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(version("approvals-hub"))
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say which.")
def cli() -> None:
    """Agents ask first: people see exactly what would happen and sign their answer."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its status; an error is a message with a way out, never a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(words))


def run(words: list[str]) -> int:
    """The exit status of one command."""
    try:
        status = cli.main(args=words, prog_name="approvals-hub", standalone_mode=False)
        return status if isinstance(status, int) else Exit.OK
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough; Python would complain again when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception as error:
        if "APPROVALS_HUB_TRACEBACK" in os.environ:
            raise
        from approvals_hub.cli.failures import problem_of, status_of
        from approvals_hub.cli.output import Output

        Output(as_json="--json" in words).error(problem_of(error))
        return status_of(error)
