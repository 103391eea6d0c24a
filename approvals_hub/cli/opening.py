"""A hub, opened from its settings by the process that owns its data: the lock, the checks, then everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from approvals_hub.app import OpenHub, Place
from approvals_hub.audit import store as audit
from approvals_hub.cli.checks import check_clock, keep_rp_id_in
from approvals_hub.config import Settings
from approvals_hub.core.clock import DAY, SECOND, system_clock
from approvals_hub.db.database import Tx
from approvals_hub.db.folder import DataFolderLock, FolderRefused
from approvals_hub.hub import Hub
from approvals_hub.keys.rotate import HUB_LOG
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.stepup.recovery import Waits

_LOCK_PAUSE = 0.05


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Hub]:
    """A hub of this process alone. On SQLite the folder must be locked by now: see `locked`.

    Raises what `OpenHub` raises, and Invalid when the computer's clock or the public URL cannot be right.
    """
    check_clock(system_clock().now(), None)
    async with OpenHub(place_of(settings)) as hub:
        await check(hub)
        yield hub


def place_of(settings: Settings) -> Place:
    """Where the hub of these settings keeps what."""
    return Place(
        public_url=settings.public_url,
        key_file=settings.key_file,
        checkpoints=settings.audit.checkpoints,
        database=settings.database.url,
        step_up=settings.step_up,
        sign_in=settings.sign_in,
        mail=settings.mail,
        sms=settings.sms,
        channels=settings.channels,
        callbacks=settings.callbacks,
        own_channels=settings.own_channels,
        attempts_kept=settings.delivery_log.days * DAY,
        limits=settings.limits,
        folder=settings.data,
        waits=Waits(settings.recovery.key_wait_seconds * SECOND, settings.recovery.link_wait_seconds * SECOND),
    )


async def check(hub: Hub) -> None:
    """What must hold before a hub serves: its clock is not behind its log, its passkeys still work."""
    now = hub.clock.now()

    async def work(tx: Tx) -> int | None:
        await keep_rp_id_in(tx, hub.public_url, passkeys=await people.count_passkeys(tx))
        logs = [HUB_LOG, *(row["id"] for row in await orgs.every(tx))]
        times = [await audit.newest(tx, org_id) for org_id in logs]
        return max((time for time in times if time is not None), default=None)

    check_clock(now, await hub.db.run(work))


@asynccontextmanager
async def locked(settings: Settings, *, patience: float = 0.0) -> AsyncIterator[None]:
    """The data folder for this process alone; nothing to lock where PostgreSQL holds the data.

    `patience` is in seconds: a command of another process may hold it for a moment. Raises FolderRefused.
    """
    if not settings.on_sqlite:
        yield
        return
    lock = DataFolderLock(settings.data)
    end = monotonic() + patience
    while True:
        try:
            lock.acquire()
            break
        except FolderRefused:
            if monotonic() >= end:
                raise
        await asyncio.sleep(_LOCK_PAUSE)
    try:
        yield
    finally:
        lock.release()
