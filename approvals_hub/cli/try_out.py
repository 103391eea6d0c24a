"""`approvals-hub demo`: the command in front of the demo."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TextIO

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import speaks
from approvals_hub.cli.output import Output


@click.command()
@click.option("--auto", is_flag=True, help="Play the person's part too, with a software key.")
@click.option(
    "--with",
    "beside",
    type=click.Choice(["bankid"]),
    multiple=True,
    help="Let the question take this too: `bankid` is a pretend BankID, without an account anywhere.",
)
@speaks
def demo(output: Output, auto: bool, beside: tuple[str, ...]) -> int:
    """See it work: an agent asks, a person signs, a token works once.

    Starts a hub on a free port in a folder that is thrown away. Ends with status 0 only if everything held.
    """
    from approvals_hub.cli.demo import demo as run

    watched = not auto and not output.as_json and sys.stdin.isatty()
    look = _until_enter(output.note, sys.stdin) if watched else None
    result, held = asyncio.run(run(auto=auto, tell=output.note, with_bankid="bankid" in beside, look_around=look))
    output.result(result, lambda: "Everything held." if held else f"It did not hold: {result.get('failed', result)}")
    return Exit.OK if held else Exit.ERROR


def _until_enter(tell: Callable[[str], None], keyboard: TextIO) -> Callable[[str], Awaitable[None]]:
    """Keep the hub for whoever wants to see more of it: its page would say that there is no contact any more."""

    async def look_around(address: str) -> None:
        tell(f"Look around: {address}/app/ stays until you press Enter here.")
        pressed, loop = asyncio.Event(), asyncio.get_running_loop()
        # A thread that reads would keep the command from ending with Ctrl-C.
        loop.add_reader(keyboard, pressed.set)
        try:
            await pressed.wait()
        finally:
            loop.remove_reader(keyboard)

    return look_around
