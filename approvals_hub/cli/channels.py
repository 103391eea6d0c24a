"""`approvals-hub channels` and `deliveries`: how people are told, and what became of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from approvals_hub.cli.options import ORG, YES, placed, secret_from, speaks, sure
from approvals_hub.cli.output import Output
from approvals_hub.cli.plans import VERSION

if TYPE_CHECKING:
    from approvals_hub.config import Settings

COLUMNS = {"name": "Name", "kind": "Kind", "source": "Of", "works": "Works", "version": "Version"}
LOG = {
    "delivery_id": "Id",
    "at": "When",
    "channel": "Channel",
    "recipient": "To",
    "attempt": "Try",
    "status": "Status",
    "latency_ms": "ms",
    "said": "Said",
}


@click.group()
def channels() -> None:
    """List, show, set up, try and delete an organisation's own channels."""


@channels.command("list")
@ORG
@placed
@speaks
def list_channels(output: Output, settings: Settings, org: str | None) -> None:
    """List all channels, and how they do."""
    found = _call(settings, "channels.list", {"org": org})
    if output.as_json:
        output.result(found)
        return
    empty = (
        "No channels yet: people are told over those of the hub's settings alone. Set one up:"
        " approvals-hub channels set NAME FILE"
    )
    output.table(found["items"], COLUMNS, empty)
    for each in found["few_channels"]:
        count = len(each["channels"])
        whom = f"{each['name']} ({each['whom']})" if each["name"] else each["whom"]
        output.warning(f"{whom}: told on {count} working channels; two or more are safe.")


@channels.command("show")
@click.argument("name")
@ORG
@placed
@speaks
def show_channel(output: Output, settings: Settings, name: str, org: str | None) -> None:
    """Show a channel, without its secrets."""
    output.result(_call(settings, "channels.show", {"name": name, "org": org}))


@channels.command("set")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="PLACE=@FILE|-",
    help="A secret, like password=@FILE or gateway.password=- (standard input). Those left out stay.",
)
@VERSION
@ORG
@placed
@speaks
def set_channel(
    output: Output,
    settings: Settings,
    name: str,
    file: Path,
    secrets: tuple[str, ...],
    version: int | None,
    org: str | None,
) -> None:
    """Set up a channel from FILE: TOML, with the `kind` and its settings, as in a table `[channels.NAME]`."""
    table = _table(file)
    for given in secrets:
        place, _, source = given.partition("=")
        _put(table, place.split("."), secret_from(source, f"{place} of {name}"))
    kind, language = str(table.pop("kind", "")), table.pop("language", None)
    body = {"name": name, "kind": kind, "settings": table, "language": language, "version": version, "org": org}
    made = _call(settings, "channels.set", body)
    output.result(made, lambda: f"channel {made['name']} has version {made['version']}.")


@channels.command("delete")
@click.argument("name")
@VERSION
@YES
@ORG
@placed
@speaks
def delete_channel(
    output: Output, settings: Settings, name: str, version: int | None, org: str | None, yes: bool
) -> None:
    """Delete a channel that no route names."""
    sure(output, f"Delete the channel {name}?", yes=yes)
    gone = _call(settings, "channels.delete", {"name": name, "version": version, "org": org})
    output.result(gone, lambda: f"channel {gone['name']} is deleted.")


@channels.command("test")
@click.argument("name")
@click.option("--to", "person_id", metavar="PERSON_ID", help="The member who is told; a chat or program needs none.")
@ORG
@placed
@speaks
def test_channel(output: Output, settings: Settings, name: str, person_id: str | None, org: str | None) -> None:
    """Send a test message; the answer is the provider's own."""
    done = _call(settings, "channels.test", {"name": name, "person_id": person_id, "org": org})
    said = f": {done['said']}" if done["said"] else ""
    output.result(done, lambda: f"{done['status']} at {done['recipient']}{said}. {done['next_step']}")


@channels.command("disclosure")
@click.option("--push", type=click.Choice(["minimal", "sealed", "summary"]), help="Of devices.")
@click.option("--mail", type=click.Choice(["minimal", "summary"]), help="Of letters.")
@click.option("--chat", type=click.Choice(["minimal", "summary"]), help="Of Slack and Teams.")
@click.option("--webhook", type=click.Choice(["minimal", "summary"]), help="Of other programs.")
@ORG
@placed
@speaks
def disclosure(output: Output, settings: Settings, org: str | None, **wanted: str | None) -> None:
    """Show how much of a question messages say, or change it.

    minimal: who asks, for whom, how risky. sealed: what is asked, for the device alone. summary: what is asked.
    """
    said = {form: level for form, level in wanted.items() if level is not None}
    found = _call(settings, "channels.disclosure", {"said": said, "org": org})
    rows = [{"form": form, "said": level} for form, level in found.items()]
    if output.as_json:
        output.result(found)
        return
    output.table(rows, {"form": "Messages by", "said": "Say"}, "Nothing.")


@click.group(invoke_without_command=True)
@click.option("--escalation", metavar="ID", help="Of one question.")
@click.option("--person", metavar="ID", help="Of one person.")
@click.option("--channel", metavar="NAME", help="Over one channel.")
@click.option(
    "--status",
    type=click.Choice(["delivered", "gone", "later", "settings", "refused", "permanent"]),
    help="Of one result.",
)
@click.option("--since", metavar="TIME", help="From this time on, like 2026-12-24T08:00:00Z.")
@click.option("--until", metavar="TIME", help="Before this time.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, help="At most so many (default: 100).")
@click.option("--cursor", metavar="ID", help="The page after this one.")
@ORG
@placed
@speaks
@click.pass_context
def deliveries(context: click.Context, /, output: Output, settings: Settings, **wanted: Any) -> None:
    """List every attempt to tell somebody, newest first; send one again."""
    if context.invoked_subcommand is not None:
        given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given:
            raise click.UsageError(f"Options go behind {context.invoked_subcommand}.")
        return
    found = _call(settings, "deliveries.list", wanted)
    if output.as_json:
        output.result(found)
        return
    empty = (
        "Nobody was told anything, or nothing like that: each attempt stands here. See over what people are told:"
        " approvals-hub channels list"
    )
    output.table(found["items"], LOG, empty)


@deliveries.command("retry")
@click.argument("delivery_id")
@ORG
@placed
@speaks
def retry_delivery(output: Output, settings: Settings, delivery_id: str, org: str | None) -> None:
    """Send once more what never arrived, while its question is open."""
    done = _call(settings, "deliveries.retry", {"delivery_id": delivery_id, "org": org})
    output.result(done, lambda: f"{done['telling_id']} is sent again, after {done['attempts']} attempts.")


def _table(file: Path) -> dict[str, Any]:
    """The settings in a file, where each `NAME_file` is replaced by NAME with what that file holds."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} is not TOML: {error}") from None
    return _with_files(table, file.parent)


def _with_files(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found[name] = _with_files(value, folder)
        elif name.endswith("_file") and isinstance(value, str):
            found[name.removesuffix("_file")] = (folder / value).read_text(encoding="utf-8").strip()
        else:
            found[name] = value
    return found


def _put(table: dict[str, Any], place: list[str], value: str) -> None:
    for name in place[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise click.UsageError(f"{name} is no table")
    table[place[-1]] = value


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
