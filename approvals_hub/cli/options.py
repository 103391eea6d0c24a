"""The options that many commands share: how to speak, and where the hub lies."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

F = TypeVar("F", bound=Callable[..., Any])

ORG = click.option("--org", metavar="ORG_ID", help="The organisation; needed only where the hub has several.")
YES = click.option("--yes", "-y", is_flag=True, help="Do not ask whether you are sure.")


def speaks(command: F) -> F:
    """Give a command `--json`, `--plain` and `--no-input`, as one argument `output`."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    @click.option("--plain", is_flag=True, help="No colours, boxes or animations (so does NO_COLOR).")
    @click.option("--no-input", is_flag=True, help="Never ask anything.")
    @functools.wraps(command)
    def call(*args: Any, as_json: bool, plain: bool, no_input: bool, **options: Any) -> Any:
        return command(*args, output=Output(as_json, plain, no_input), **options)

    return call  # type: ignore[return-value]  # the options are added, the rest of the signature stays


def placed(command: F) -> F:
    """Give a command `--data` and `--config`, and with `--host` and the like of its own, as one argument `settings`."""

    @click.option("--data", type=click.Path(path_type=Path), help="The data folder (default: ./data).")
    @click.option("--config", type=click.Path(path_type=Path), help="The settings file (default: hub.toml, if any).")
    @functools.wraps(command)
    def call(
        *args: Any,
        data: Path | None,
        config: Path | None,
        host: str | None = None,
        port: int | None = None,
        public_url: str | None = None,
        **options: Any,
    ) -> Any:
        given = {"listen.host": host, "listen.port": port, "public_url": public_url}
        return command(*args, settings=settings(data, config, given), **options)

    return call  # type: ignore[return-value]  # the options are added, the rest of the signature stays


def settings(data: Path | None, config: Path | None, given: Mapping[str, Any]) -> Settings:
    """The hub's settings, with what the command line says over them. Raises Invalid."""
    from approvals_hub.config import load

    return load(config, os.environ, {"data": data, **given})


def sure(output: Output, question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone, where a person sits at the terminal. Raises click.Abort at a no."""
    if not yes and not output.no_input and not output.as_json and sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)


def secret_from(source: str, asked: str | None = None) -> str:
    """A secret from a file (`@path`) or standard input (`-`): never from the command line, which every process sees.

    `asked`: what a person at a terminal is asked for; what they type is not shown.
    """
    if source == "-" and asked is not None and sys.stdin.isatty():
        return str(click.prompt(asked, hide_input=True, err=True)).strip()
    if source == "-":
        return sys.stdin.readline().strip()
    if not source.startswith("@"):
        raise click.UsageError("a secret is read from a file (@path) or standard input (-), never from an option")
    return Path(source[1:]).read_text(encoding="utf-8").strip()
