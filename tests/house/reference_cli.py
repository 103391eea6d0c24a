"""The page of commands, written from the commands themselves."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

import click

from approvals_hub.cli.main import cli
from tests.house.tree import ROOT

COMMANDS = """# Commands

`approvals-hub COMMAND --help` says the same in the terminal. Standard output holds results alone, and with `--json` one
JSON object; everything else goes to standard error. A secret is never an option's value: it is read from a file
(`@path`) or from standard input (`-`). What the status says to a script: [exit codes](exit_codes.md).

Many commands share these options, which are not repeated below:

| option | |
|---|---|
| `--data PATH` | The data folder (default: ./data). |
| `--config PATH` | The settings file (default: hub.toml, if any). |
| `--org ORG_ID` | The organisation; needed only where the hub has several. |
| `-y, --yes` | Do not ask whether you are sure. |
| `--json` | Print one JSON object. |
| `--plain` | No colours, boxes or animations (so does NO_COLOR). |
| `--no-input` | Never ask anything. |

A command about a hub speaks to the one that serves the data folder, over a local socket, and opens the database itself
only where none runs.

Written from `approvals_hub/cli` by `make docs`; do not edit.
"""

SHARED = {"data", "config", "org", "yes", "as_json", "plain", "no_input"}

EXITS = """# Exit codes

A script may rely on these; 0 is nothing but success.

Written from `approvals_hub/cli/exits.py` by `make docs`; do not edit.

| status | meaning |
|---|---|
"""


def commands_page() -> str:
    """Every command with its usage, its text and its options; in the order of the help."""
    parts = [COMMANDS, *(section for path, command in walk(cli, ()) for section in describe(path, command))]
    return "".join(parts)


def walk(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group, with its words, in the order of the help."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))
        else:
            yield (*path, name), command


def describe(path: tuple[str, ...], command: click.Command) -> Iterator[str]:
    """Heading, usage, text and options of one command."""
    context = click.Context(command, info_name=" ".join(("approvals-hub", *path)))
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    text = "\n\n".join(" ".join(part.split()) for part in (command.help or "").replace("\b", "").split("\n\n"))
    yield f"\n## {' '.join(path)}\n\n```text\n{usage}\n```\n\n{text.strip()}\n"
    own = [item for item in command.params if isinstance(item, click.Option) and item.name not in SHARED]
    rows = [record for item in own if (record := item.get_help_record(context)) is not None]
    if rows:
        yield "\n| option | |\n|---|---|\n"
        yield from (f"| `{name.replace('|', '&#124;')}` | {' '.join(text.split())} |\n" for name, text in rows)


def exits_page() -> str:
    """The statuses a script can rely on, from the texts beside them."""
    module = ast.parse((ROOT / "approvals_hub" / "cli" / "exits.py").read_text())
    table = next(node for node in module.body if isinstance(node, ast.ClassDef))
    rows = [
        f"| {node.value.value} | {' '.join(str(after.value.value).split())} |\n"
        for node, after in itertools.pairwise(table.body)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    ]
    return EXITS + "".join(rows)
