"""The relay from its settings to a listener that answers, and back without losing a wake."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, site_options
from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.core.errors import Invalid
from approvals_hub.core.log import logger
from approvals_hub.core.sealing import KeyEncryptionKeys, create_key_file, read_key_file
from approvals_hub.db.folder import DataFolderLock
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.db.sqlite_schema import migrate_sqlite
from approvals_hub.outbound import vendor_session
from approvals_hub.relay.handles import Handles
from approvals_hub.relay.phones import SENDING_SECONDS, channels
from approvals_hub.relay.routes import Relay, application
from approvals_hub.relay.settings import Settings
from approvals_hub.relay.wake import Wakes
from notify.channel import Rehearsable

if TYPE_CHECKING:
    from notify.channel import Channel

log = logger("relay")

DATABASE, KEYS = "relay.db", "kek"
"""Files in the relay's folder."""
MIGRATIONS = Path(__file__).with_name("migrations")
STOP_SECONDS = 8.0
"""How long a stop waits for wakes that are under way."""
UPKEEP_SECONDS: Final = 900.0
"""How often handles of apps that say nothing are looked for, and vendors that were not ready are tried."""


@dataclass(frozen=True)
class Open:
    """A relay whose files are open."""

    relay: Relay
    channels: Mapping[str, Channel[Any]]


@asynccontextmanager
async def opened(
    settings: Settings, *, clock: Clock | None = None, seconds: float = SENDING_SECONDS
) -> AsyncIterator[Open]:
    """The relay of this process alone. `seconds`: how long one wake may take.

    Raises OSError, FolderRefused where another one has the folder, KeyFileError, SealBroken for the key file of another
    relay, MigrationRefused, Unavailable for a database that is none, and Invalid for keys of Apple or Google that are
    none.
    """
    clock = clock or system_clock()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(settings.data, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "Permission denied", str(settings.data))
    async with AsyncExitStack() as stack:
        stack.enter_context(DataFolderLock(settings.data))
        keks = _keys(settings.data)
        session = await stack.enter_async_context(vendor_session())
        phones = channels(settings, session, clock, seconds=seconds)
        for channel in phones.values():
            stack.push_async_callback(channel.close)
        path = settings.data / DATABASE
        await migrate_sqlite(path, folder=MIGRATIONS, clock=clock)
        db = await SqliteDatabase.open(path)
        stack.push_async_callback(db.close)
        handles = Handles(db, keks, clock, phones, days=settings.handle_days, most=settings.most_handles)
        await handles.check()
        await handles.prune()
        wakes = Wakes(handles, phones, clock)
        stack.push_async_callback(wakes.finish)
        served = Served(
            settings.public_url,
            tuple(settings.extra_hosts),
            tuple(ip_network(network) for network in settings.trusted_proxies),
        )
        yield Open(Relay.of(handles, wakes, served), phones)


@asynccontextmanager
async def answering(found: Open, settings: Settings) -> AsyncIterator[None]:
    """The listener, and what is looked after from time to time, until the block ends; then a graceful stop."""
    async with AsyncExitStack() as stack:
        upkeep = asyncio.create_task(_look_after(found), name="relay:upkeep")
        stack.push_async_callback(_ended, upkeep)
        runner = Runner(application(found.relay), stop_seconds=STOP_SECONDS)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, settings.listen.host, settings.listen.port, **site_options()).start()
        yield


async def _look_after(found: Open) -> None:
    """Whether Apple and Google would take anything is seen before the first wake, and waited for by nobody."""
    waiting = dict(found.channels)
    while True:
        for kind, channel in list(waiting.items()):
            trouble = await channel.rehearse() if isinstance(channel, Rehearsable) else None
            if trouble is None:
                del waiting[kind]
            else:
                log.error("vendor_not_ready", platform=kind, why=getattr(trouble, "why", ""))
        await asyncio.sleep(UPKEEP_SECONDS)
        try:
            await found.relay.handles.prune()
        except Exception as error:
            # The next round tries again; a relay that forgets nobody today still wakes.
            log.error("upkeep_failed", error=type(error).__name__)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _keys(folder: Path) -> KeyEncryptionKeys:
    """The keys that seal tokens, made where the folder is new. Raises Invalid where only they are missing."""
    path = folder / KEYS
    if path.exists():
        return read_key_file(path)
    if (folder / DATABASE).exists():
        raise Invalid(
            "key_file_missing",
            f"{folder / DATABASE} is there, but its key file {path} is not",
            next_step="Put the key file back; or move the database away, and every app registers anew.",
            field="data",
        )
    return create_key_file(path)
