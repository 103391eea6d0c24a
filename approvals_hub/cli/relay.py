"""`approvals-hub relay`: the push relay that a native app's publisher runs. It opens nothing of a hub."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from approvals_hub.cli.options import speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.relay.settings import Settings


@click.group()
def relay() -> None:
    """Run the push relay of a native app's publisher.

    It wakes the app for hubs of others, and opens nothing of a hub.
    """


@relay.command()
@click.option(
    "--config", type=click.Path(path_type=Path), default=Path("relay.toml"), help="The settings (default: relay.toml)."
)
@speaks
def serve(output: Output, config: Path) -> None:
    """Start the relay; make its folder and key first where it is new.

    It has the app's keys at Apple and Google, and is told nothing by hubs but an id and two hashes. Ctrl-C or SIGTERM
    stops it: wakes that are under way are sent.
    """
    from approvals_hub.cli.logs import start_logging
    from approvals_hub.cli.loop import HubLoop
    from approvals_hub.relay.settings import load

    settings = load(config)
    start_logging(settings.log)
    with asyncio.Runner(loop_factory=HubLoop) as runner:
        runner.run(run(settings, output))


async def run(settings: Settings, output: Output) -> None:
    """Serve until SIGINT or SIGTERM; raises before it listens when something is wrong."""
    from approvals_hub.cli.checks import check_clock
    from approvals_hub.core.clock import system_clock
    from approvals_hub.relay.serve import answering, opened

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    check_clock(system_clock().now(), None)
    async with opened(settings) as found, answering(found, settings):
        output.note(f"The relay answers at {settings.public_url} (Ctrl-C stops it).")
        await stop.wait()
        output.note("Stopping: wakes that are under way are sent.")
