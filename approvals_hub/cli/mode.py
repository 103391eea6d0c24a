"""`approvals-hub mode`: in which mode an organisation works, and policies select by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.lasting import lasting, told_until
from approvals_hub.cli.options import ORG, placed, speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings


@click.group()
def mode() -> None:
    """Say in which mode the organisation works, and which there are."""


@mode.command("get")
@ORG
@placed
@speaks
def get_mode(output: Output, settings: Settings, org: str | None) -> None:
    """Say in which mode it works."""
    found = _call(settings, "mode.get", {"org": org})
    output.result(found, lambda: _told(found))


@mode.command("set")
@click.argument("word", metavar="MODE")
@lasting
def set_mode(output: Output, settings: Settings, word: str, wanted: dict[str, Any], org: str | None) -> None:
    """Work in MODE from the next decision on, --for a while or until another is set (--stays)."""
    found = _call(settings, "mode.set", {"mode": word, **wanted, "org": org})
    output.result(found, lambda: _told(found))


@mode.command()
@click.argument("words", metavar="MODE...", nargs=-1, required=True)
@click.option("--usual", required=True, help="The one that holds where no other is set.")
@ORG
@placed
@speaks
def define(output: Output, settings: Settings, words: tuple[str, ...], usual: str, org: str | None) -> None:
    """Say which modes there are, all of them."""
    found = _call(settings, "mode.define", {"modes": list(words), "usual": usual, "org": org})
    output.result(found, lambda: _told(found))


def _told(found: dict[str, Any]) -> str:
    others = ", ".join(word for word in found["known"] if word != found["mode"]) or "none"
    held = "" if found["since"] is None else f" {told_until(found['until'])}"
    return f"The mode is {found['mode']}{held}. Others: {others}; the usual one is {found['usual']}."


def _call(settings: Settings, command: str, given: dict[str, Any]) -> dict[str, Any]:
    from approvals_hub.cli.local import call

    return call(settings, command, given)
