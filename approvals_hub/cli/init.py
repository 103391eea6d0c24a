"""`approvals-hub init`: a new hub's folder, keys, tables, first organisation, and the link that sets its owner up."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.options import placed, speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings
    from approvals_hub.hub import Hub

PHONE_PAGE = "docs/howto/reach_a_phone.md"


@click.command()
@click.option("--org-name", default="Personal", show_default=True, help="The organisation's name.")
@click.option("--owner-name", default="Owner", show_default=True, help="Your name, as others will see it.")
@click.option("--public-url", help="What people type and agents sign for (default: the settings').")
@placed
@speaks
def init(output: Output, settings: Settings, org_name: str, owner_name: str) -> None:
    """Make a new hub and its one-time set-up link.

    Again on the same folder it changes nothing but the link: the one before ends.
    """
    from approvals_hub.cli.local import call
    from approvals_hub.cli.place import is_new

    new = is_new(settings)
    if new:
        asyncio.run(begin(settings))
    link = call(settings, "hub.set_up", {"org_name": org_name, "owner_name": owner_name})
    announce(output, link, settings, made=new)


async def begin(settings: Settings) -> None:
    """Make the place and open it once: tables, epoch and signing keys are made on the way."""
    from approvals_hub.cli.opening import locked, opened
    from approvals_hub.cli.place import make_folder, make_keys

    make_folder(settings)
    async with locked(settings, patience=2.0):
        make_keys(settings)
        async with opened(settings):
            pass


async def link_of(hub: Hub) -> dict[str, Any] | None:
    """A set-up link where one is needed still; None where the owner has a key, or once had."""
    from approvals_hub.cli.arguments import NewHub
    from approvals_hub.cli.operate import set_up
    from approvals_hub.core.errors import Conflict

    try:
        answer = await set_up(hub, NewHub())
    except Conflict:
        return None
    return answer if isinstance(answer, dict) else None


def announce(output: Output, link: dict[str, Any], settings: Settings, *, made: bool) -> None:
    """Say where the set-up happens and what comes next; the link is the only credential, so nobody else gets it."""
    data = str(settings.data) if made else None
    output.result({**link, "data": data}, lambda: _welcome(link, settings, data))
    if not output.as_json and link["url"].startswith("https://"):
        output.qr(link["url"])


def _welcome(link: dict[str, Any], settings: Settings, made: str | None) -> str:
    lines = [] if made is None else [f"A new hub is in {made}.", ""]
    lines += [f"Set up your key, once, until {link['expires_at']}:", "", f"    {link['url']}", ""]
    if made is None:
        lines += ["A link that was printed before this one opens nothing any more.", ""]
    if link["url"].startswith("https://"):
        lines.append("Open it on your phone (scan the code, where one is shown) or on this computer.")
    else:
        lines += [
            "This address is for a browser on this computer: over plain http a phone gets no passkey and no key.",
            f"How a phone gets there: {PHONE_PAGE}",
        ]
    program = program_name()
    place = "" if settings.data == Path("data").absolute() else f" --data {settings.data}"
    return "\n".join(
        [
            *lines,
            "",
            "What to do next:",
            "  1. Open the link and set up your passkey and your signing key.",
            f'  2. Invite an agent:    {program} agents invite "my agent"{place}',
            f"  3. See how it works:   {program} demo",
            f"The page for approvers:  {link['hub']}/app/",
        ]
    )


def program_name() -> str:
    """How this program is called from here: what people can paste."""
    name = "approvals-hub"
    beside = Path(sys.executable).with_name(name)
    if shutil.which(name) is not None or not beside.exists():
        return name
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)
