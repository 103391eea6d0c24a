"""`approvals-hub policies list|show|versions|diff|apply|remove`: what is in force in a hub, from files."""

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

COLUMNS = {
    "name": "Name",
    "version": "Version",
    "tier": "For",
    "bound_to": "Bound to",
    "rank": "Rank",
    "published_at": "Published",
    "source": "From",
}
VERSIONS = {"version": "Version", "published_at": "Published", "published_by": "By", "source": "From", "hash": "Hash"}
CHANGED = {
    "at": "When",
    "agent_id": "Agent",
    "action_type": "Action",
    "was": "Was",
    "would_be": "Would be",
    "reason": "Why",
}
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
NAME = click.option("--name", help="What the policy is called (default: as it says itself, else as its file).")
GIT_PATIENCE = 5
"""Seconds."""


def add_to(policies: click.Group) -> None:
    """Add these commands to the group."""
    for command in (listed, show, versions, diff, dry_run, apply, remove):
        policies.add_command(command)


@click.command("list")
@ORG
@placed
@speaks
def listed(output: Output, settings: Settings, org: str | None) -> None:
    """List the policies in force."""
    items = _call(settings, "policies.list", {"org": org})["items"]
    empty = "No policies yet: people are asked about everything. Write one: approvals-hub policies apply FILE"
    output.table(items, COLUMNS, empty)


@click.command("show")
@click.argument("name")
@ORG
@placed
@speaks
def show(output: Output, settings: Settings, name: str, org: str | None) -> None:
    """Print a policy in force as it was written."""
    shown = _call(settings, "policies.show", {"name": name, "org": org})
    output.result(shown, lambda: str(shown["yaml"]).rstrip("\n"))


@click.command("versions")
@click.argument("name")
@ORG
@placed
@speaks
def versions(output: Output, settings: Settings, name: str, org: str | None) -> None:
    """List what a policy is and was, newest first."""
    items = _call(settings, "policies.versions", {"name": name, "org": org})["items"]
    empty = "No versions: nothing was published by that name. Publish it: approvals-hub policies apply FILE"
    output.table(items, VERSIONS, empty)


@click.command("diff")
@click.argument("file", type=FILE)
@NAME
@ORG
@placed
@speaks
def diff(output: Output, settings: Settings, file: Path, name: str | None, org: str | None) -> int:
    """Say how FILE differs from what is in force, in words and by line; fails where it does."""
    from approvals_hub.policies.difference import changed_lines, in_words

    text = _text(file)
    name = name or _name(text, file)
    before = _call(settings, "policies.find", {"name": name, "org": org})["yaml"] or ""
    lines = changed_lines(before, text, old=f"{name} in force", new=str(file))
    words = in_words(before or None, text) if lines else {}
    output.result(
        {"name": name, "differs": bool(lines), "changes": words, "diff": lines},
        lambda: "\n".join([*_told(words), *lines]) or "No difference.",
    )
    return Exit.ERROR if lines else Exit.OK


@click.command("apply")
@click.argument("file", type=FILE)
@NAME
@click.option("--version", type=int, help="Only where this version stands (0: only where there is none).")
@click.option("--tier", type=click.Choice(["agent", "group", "owner"]), help="For one agent, a team, or every agent.")
@click.option("--bound-to", metavar="ID", help="The agent's id, or the team's name.")
@click.option("--rank", type=int, help="Within its tier the lower comes first (default: 100).")
@click.option("--source", help="Where the text comes from (default: the file's commit, where git knows one).")
@WAIT
@ORG
@placed
@speaks
def apply(
    output: Output, settings: Settings, file: Path, name: str | None, source: str | None, wait: bool, **more: Any
) -> int:
    """Put the policy that is in FILE in force; its commit is recorded.

    Where publishing takes a second person, it says so: exit status 8 as long as nobody has answered, with --wait 0
    once it is in force, 3 refused, 5 taken back or overtaken.
    """
    text = _text(file)
    given = {"name": name or _name(text, file), "yaml": text, "source": source or commit_of(file), **more}
    made = _call(settings, "policies.apply", given)
    if "draft_id" in made:
        return told(output, settings, made, more["org"], wait=wait)
    output.result(made, lambda: f"{made['name']} has version {made['version']}, and is in force.")
    return Exit.OK


@click.command("dry-run")
@click.argument("file", type=FILE)
@NAME
@click.option("--days", type=click.IntRange(1, 30), default=30, show_default=True, help="How far back.")
@click.option("--limit", type=click.IntRange(1, 200), default=100, show_default=True, help="Decisions that are shown.")
@click.option("--tier", type=click.Choice(["agent", "group", "owner"]), help="For one agent, a team, or every agent.")
@click.option("--bound-to", metavar="ID", help="The agent's id, or the team's name.")
@click.option("--rank", type=int, help="Within its tier the lower comes first.")
@ORG
@placed
@speaks
def dry_run(output: Output, settings: Settings, file: Path, name: str | None, **more: Any) -> None:
    """Say what FILE would have decided about the real decisions of the last days, had it been in force.

    It runs the engine that decides, with the totals of then. Nothing is asked, counted or put in force.
    """
    text = _text(file)
    found = _call(settings, "policies.dry-run", {"name": name or _name(text, file), "yaml": text, **more})
    if not output.as_json:
        output.table(found["items"], CHANGED, "Nothing would have been decided otherwise.")
    output.result(found, lambda: "\n".join(_counted(found)))


@click.command("remove")
@click.argument("name")
@click.option("--version", type=int, help="Only where this version stands.")
@WAIT
@YES
@ORG
@placed
@speaks
def remove(
    output: Output, settings: Settings, name: str, version: int | None, org: str | None, yes: bool, wait: bool
) -> int:
    """Take a policy out of force; where that takes a second person, it says so, as `apply` does."""
    sure(output, f"Take the policy {name} out of force?", yes=yes)
    gone = _call(settings, "policies.remove", {"name": name, "version": version, "org": org})
    if "draft_id" in gone:
        return told(output, settings, gone, org, wait=wait)
    output.result(gone, lambda: f"{gone['name']} is out of force.")
    return Exit.OK


def _counted(found: dict[str, Any]) -> list[str]:
    """What would change, in numbers, and what could not be decided once more."""
    lines = [f"{found['replayed']} decisions since {found['since']} were decided once more."]
    lines += [f"{count} from {change}." for change, count in found["changes"].items()]
    lines += [f"{count} could not be decided once more: {why}." for why, count in found["not_replayed"].items()]
    return lines if found["complete"] else [*lines, "There are more than are looked at: these are the newest."]


def _told(words: dict[str, list[str]]) -> list[str]:
    """The words for people: a heading for each part, and an empty line before the lines that differ."""
    told = [f"{part.replace('_', ' ').capitalize()}:\n  " + "\n  ".join(lines) for part, lines in words.items()]
    return [*told, ""] if told else []


def commit_of(file: Path) -> str | None:
    """The commit that the file stands in, with `-changed` where it was edited since; None without git."""
    import subprocess

    def git(*words: str) -> str | None:
        try:
            done = subprocess.run(  # noqa: S603 -- fixed words, no shell
                ["git", "-C", str(file.parent), *words],  # noqa: S607 -- whichever git the operator uses
                capture_output=True,
                text=True,
                timeout=GIT_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    tracked = git("ls-files", "--error-unmatch", file.name)
    commit = None if tracked is None else git("rev-parse", "HEAD")
    if commit is None:
        return None
    return f"{commit}-changed" if git("status", "--porcelain", "--", file.name) else commit


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is not UTF-8") from None


def _name(text: str, file: Path) -> str:
    """As the text calls itself, else as its file. Raises Invalid where it is no policy."""
    from approvals_hub.policies.load import load

    return load(text, policy_id=None if "policy:" in text else file.name.partition(".")[0]).id


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
