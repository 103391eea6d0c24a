"""`approvals-hub demo`: the command in front of the demo."""

from __future__ import annotations

import asyncio

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

    result, held = asyncio.run(run(auto=auto, tell=output.note, with_bankid="bankid" in beside))
    output.result(result, lambda: "Everything held." if held else f"It did not hold: {result.get('failed', result)}")
    return Exit.OK if held else Exit.ERROR
