"""`approvals-hub serve`: everything from an empty folder to a hub that answers, and back without losing a word."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from ipaddress import ip_network
from typing import TYPE_CHECKING

import click

from approvals_hub.cli.options import placed, speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings
    from approvals_hub.db.migrate import MigrationRefused
    from approvals_hub.db.schema_watch import SchemaWatch
    from approvals_hub.hub import Hub

SCHEMA_SECONDS = 5.0
"""How long a process that is older than its database may not have noticed."""


@click.command()
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on.")
@click.option("--public-url", help="What people type and agents sign for.")
@placed
@speaks
def serve(output: Output, settings: Settings) -> None:
    """Start the hub; set it up first where it is new.

    Ctrl-C or SIGTERM stops it: everyone who waits gets an answer to resume from.
    """
    from approvals_hub.cli.logs import start_logging
    from approvals_hub.cli.loop import HubLoop

    start_logging(settings.log)
    with asyncio.Runner(loop_factory=HubLoop) as runner:
        runner.run(run(settings, output))


async def run(settings: Settings, output: Output) -> None:
    """Serve until SIGINT or SIGTERM; raises before it listens when something is wrong.

    Raises MigrationRefused after a graceful stop when another process brings the database to a newer schema: what was
    asked and answered since would be judged by rules that are not the newest any more.
    """
    from approvals_hub.cli.init import announce, link_of
    from approvals_hub.cli.opening import locked, opened
    from approvals_hub.cli.place import is_new, make_folder, make_keys

    stop = asyncio.Event()
    outdated: list[MigrationRefused] = []
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    new = is_new(settings)
    if settings.on_sqlite or new:
        make_folder(settings)
    async with locked(settings, patience=2.0):
        make_keys(settings)

        def refuse(why: MigrationRefused) -> None:
            outdated.append(why)
            stop.set()

        async with opened(settings) as hub, answering(hub, settings, refuse):
            link = await link_of(hub)
            if link is not None:
                announce(output, link, settings, made=new)
            output.note(f"The hub answers at {settings.public_url} (Ctrl-C stops it).")
            await stop.wait()
            output.note("Stopping: whoever waits gets an answer to resume from.")
    if outdated:
        raise outdated[0]


@asynccontextmanager
async def answering(
    hub: Hub, settings: Settings, outdated: Callable[[MigrationRefused], None] | None = None
) -> AsyncIterator[None]:
    """The hub's workers, its HTTP listener and its local socket, until the block ends; then a graceful stop.

    `outdated` is told when another process has made the database newer than this code. On SQLite there is no other.
    """
    from aiohttp import web

    from approvals_hub.api.application import application, begin_stop
    from approvals_hub.api.served import Served
    from approvals_hub.api.server import Runner, calm_collector, site_options
    from approvals_hub.cli.local import listening
    from approvals_hub.db.schema_watch import SchemaWatch
    from approvals_hub.workers import Workers
    from web.routes import add_pages

    served = Served(
        settings.public_url,
        tuple(settings.extra_hosts),
        tuple(ip_network(network) for network in settings.trusted_proxies),
    )
    app = application(hub, served)
    add_pages(app, public_url=settings.public_url, offline=settings.offline_page)
    async with AsyncExitStack() as stack:
        workers = Workers(hub)
        workers.start()
        if not settings.on_sqlite and outdated is not None:
            workers.also("schema", SCHEMA_SECONDS, partial(_look, SchemaWatch(hub.db), outdated))
        stack.push_async_callback(workers.stop)
        runner = Runner(app, stop_seconds=settings.shutdown_seconds)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        if settings.on_sqlite:
            await stack.enter_async_context(listening(hub, settings.socket))
        await web.TCPSite(runner, settings.listen.host, settings.listen.port, **site_options()).start()
        calm_collector()
        try:
            yield
        finally:
            begin_stop(hub)


async def _look(watch: SchemaWatch, outdated: Callable[[MigrationRefused], None]) -> None:
    why = await watch.refusal()
    if why is not None:
        outdated(why)
