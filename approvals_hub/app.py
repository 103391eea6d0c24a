"""The wiring, read top to bottom: settings → database → keys → Hub → aiohttp application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.compare import refuse_smaller_tree
from approvals_hub.audit.record import Recorder
from approvals_hub.core import authorities
from approvals_hub.core.clock import DAY, Clock, system_clock
from approvals_hub.core.errors import Invalid
from approvals_hub.core.sealing import derive, read_key_file
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.events.bus import Bus, LocalBus
from approvals_hub.hub import Hub
from approvals_hub.keys import store as keys
from approvals_hub.keys.epoch import Epoch, begin_epoch_in
from approvals_hub.keys.key import LOG, TOKEN
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.rotate import RotateKeys
from approvals_hub.keys.vault import HUB, Vault
from approvals_hub.notifications import allowed
from approvals_hub.notifications.notice import tell_of_stolen_key_in
from approvals_hub.notifications.own_channels import Maker, OwnChannels
from approvals_hub.plugins import (
    TELLING_SECONDS,
    Given,
    callbacks_by,
    channels,
    links_by,
    outlets,
    sign_in_ways,
    step_up_providers,
)
from approvals_hub.stepup.passkey import relying_party
from approvals_hub.stepup.recovery import Waits
from approvals_hub.wiring import wire

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiohttp import ClientSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a hub keeps what, and what it is called from outside."""

    public_url: str
    key_file: Path
    checkpoints: Path
    database: str = field(repr=False)
    """`sqlite:PATH` or `postgresql://…`."""
    step_up: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """The tables of step-up providers, by name."""
    sign_in: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """The tables of ways to sign in, by name."""
    mail: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sms: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """How messages are sent."""
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """The tables of further ways to tell people, by name."""
    callbacks: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """How agents' programs are called back."""
    own_channels: allowed.OwnChannels = field(default_factory=allowed.OwnChannels)
    """What organisations may set up themselves."""
    attempts_kept: int = 30 * DAY
    """How long the delivery log is, in milliseconds."""
    limits: HubLimits = field(default_factory=HubLimits)
    """How much agents may ask."""
    folder: Path = Path()
    """Where relative paths in all of these start."""
    waits: Waits = field(default_factory=Waits)
    """How long recoveries wait."""


@dataclass(slots=True)
class OpenHub:
    """A hub with its resources open; use it in an `async with` block."""

    place: Place
    clock: Clock = field(default_factory=system_clock)
    _resources: AsyncExitStack = field(default_factory=AsyncExitStack)
    _session: ClientSession | None = None

    async def __aenter__(self) -> Hub:
        """Open everything. Raises Unavailable, KeyFileError, SealBroken or LogCutBack: it never starts half."""
        try:
            return await self._open()
        except BaseException:
            await self._resources.aclose()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close what was opened, the database last."""
        await self._resources.aclose()

    async def _open(self) -> Hub:
        keks = read_key_file(self.place.key_file)
        db, bus = await self._database()
        vault = Vault(keks, lambda: read_key_file(self.place.key_file))
        ring = KeyRing(db, vault)
        hub_key, epoch, log_host = await _begin(db, vault, self.place.public_url, self.clock.now())
        recorder = Recorder(mac_key=derive(hub_key, "audit-mac"))
        rotate = RotateKeys(db, vault, ring, recorder, self.clock, self.place.key_file, tell_of_stolen_key_in)
        await ring.load()
        for purpose in (TOKEN, LOG):
            if not any(key.may_sign(self.clock.now()) for key in ring.all(purpose)):
                await rotate.signing_key(purpose)
        given = Given(
            relying_party=relying_party(self.place.public_url),
            clock=self.clock.now,
            code_key=derive(hub_key, "one-time-codes"),
            folder=self.place.folder,
            vendors=self._vendors,
            guarded=self._guarded,
            session=self._own_session,
        )
        self._resources.push_async_callback(self._close_vendors)
        sending = channels(self.place.mail, self.place.sms, given)
        self._resources.push_async_callback(sending.close)
        told_by = outlets(self.place.channels, sending, given)
        self._resources.push_async_callback(told_by.close)
        calling = callbacks_by(self.place.callbacks, given)
        self._resources.push_async_callback(calling.close)
        own = OwnChannels(vault, self._maker(), self.place.own_channels.off)
        self._resources.push_async_callback(own.close)
        providers = step_up_providers(self.place.step_up, given, sending)
        for_signing_in, ways = sign_in_ways(self.place.sign_in, providers, given, sending)
        hub = wire(
            public_url=self.place.public_url,
            db=db,
            bus=bus,
            clock=self.clock,
            vault=vault,
            ring=ring,
            rotate=rotate,
            recorder=recorder,
            epoch=epoch,
            hub_key=hub_key,
            log_host=log_host,
            checkpoints=CheckpointFolder(self.place.checkpoints),
            providers=providers,
            for_signing_in=for_signing_in,
            ways=ways,
            links_by=links_by(self.place.sign_in, given, sending),
            waits=self.place.waits,
            outlets=told_by,
            callbacks_by=calling,
            own=own,
            limits=self.place.limits,
            attempts_kept=self.place.attempts_kept,
        )
        await refuse_smaller_tree(db, hub.sealer.outside, hub.read_audit.export.keys)
        return hub

    def _vendors(self) -> ClientSession:
        """The one HTTP session for vendors' hosts, opened when the first provider asks for it."""
        if self._session is None:
            from approvals_hub.outbound import vendor_session

            self._session = vendor_session()
        return self._session

    def _own_session(self, tls: SSLContext, inner: Sequence[str] | None) -> ClientSession:
        """An HTTP session for one channel alone: a vendor that hangs holds up no other. `inner` None: for hosts that
        the settings name; else it reaches public addresses and these networks. Raises ValueError for what is none."""
        from approvals_hub.outbound import stranger_session, vendor_session

        session = vendor_session(tls) if inner is None else stranger_session(inner, tls)
        self._resources.push_async_callback(session.close)
        return session

    def _guarded(self, private_networks: Sequence[str]) -> ClientSession:
        """An HTTP session for addresses that a vendor names. Raises ValueError for what is no network."""
        from approvals_hub.outbound import stranger_session

        session = stranger_session(private_networks)
        self._resources.push_async_callback(session.close)
        return session

    def _maker(self) -> Maker:
        """Makes the channels of organisations. Raises Invalid for an authority that cannot be read."""
        from approvals_hub.outbound import GuardedMaker

        bounds = self.place.own_channels
        file = None if bounds.ca_file is None else self.place.folder / bounds.ca_file
        try:
            kept = authorities.shared(file)
        except OSError as error:
            raise Invalid(
                "setting_wrong",
                f"it cannot be read: {type(error).__name__}",
                next_step="See docs/howto/channels_of_your_own.md.",
                field="own_channels.ca_file",
            ) from None
        return GuardedMaker(bounds, self.clock.now, partial(authorities.trusting, file), TELLING_SECONDS, kept)

    async def _close_vendors(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _database(self) -> tuple[Database, Bus]:
        """Engines are imported when they are asked for."""
        if self.place.database.startswith("sqlite:"):
            from approvals_hub.db.sqlite import SqliteDatabase
            from approvals_hub.db.sqlite_schema import migrate_sqlite

            path = Path(self.place.database.removeprefix("sqlite:"))
            await migrate_sqlite(path, clock=self.clock)
            local = LocalBus()
            sqlite = await SqliteDatabase.open(path, on_commit=local.publish)
            self._resources.push_async_callback(sqlite.close)
            return sqlite, local
        from approvals_hub.db.postgres import PostgresDatabase
        from approvals_hub.db.postgres_schema import migrate_postgres
        from approvals_hub.events.postgres import PostgresBus

        await migrate_postgres(self.place.database, clock=self.clock)
        shared = PostgresBus(self.place.database)
        await shared.start()
        self._resources.push_async_callback(shared.close)
        postgres = await PostgresDatabase.open(self.place.database, on_commit=shared.publish)
        self._resources.push_async_callback(postgres.close)
        return postgres, shared


async def _begin(db: Database, vault: Vault, public_url: str, now: int) -> tuple[bytes, Epoch, str]:
    """The hub's own data key, its epoch, and the host in its logs' names; made where this database is new.

    A log keeps its name for life: auditors pin it with its key. The public URL may change.
    """

    async def work(tx: Tx) -> tuple[bytes, Epoch, str]:
        await vault.create_in(tx, HUB, at=now)
        epoch = await begin_epoch_in(tx, now)
        await keys.add_setting(tx, "log_host", urlsplit(public_url).netloc)
        log_host = await keys.setting(tx, "log_host")
        assert log_host is not None
        return await vault.key_in(tx, HUB), epoch, log_host

    return await db.run(work)
