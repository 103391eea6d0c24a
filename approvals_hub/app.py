"""The wiring, read top to bottom: settings → database → keys → Hub → aiohttp application."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from approvals_hub.agents.invite import InviteAgent
from approvals_hub.agents.lookup import AgentKeys
from approvals_hub.agents.read import ReadAgents
from approvals_hub.agents.register import RegisterAgent
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.compare import refuse_smaller_tree
from approvals_hub.audit.entry import Chain
from approvals_hub.audit.export import Export
from approvals_hub.audit.note import Signer, Verifier
from approvals_hub.audit.prove import Prove
from approvals_hub.audit.record import Recorder
from approvals_hub.audit.seal import Sealer
from approvals_hub.audit.search import Search
from approvals_hub.audit.watch import LogWatch
from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.core.sealing import derive, read_key_file
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, Tx
from approvals_hub.decisions.decide import Decide
from approvals_hub.decisions.inbox import Inbox
from approvals_hub.decisions.settle import Settle
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalate import Escalate
from approvals_hub.escalations.extend import Extend
from approvals_hub.escalations.follow import Follow
from approvals_hub.escalations.govern import Govern
from approvals_hub.escalations.listing import ListEscalations
from approvals_hub.escalations.nonce import Nonces
from approvals_hub.escalations.opening import Opening
from approvals_hub.escalations.present import Present
from approvals_hub.escalations.quarantine import Quarantine
from approvals_hub.escalations.recall import Recall
from approvals_hub.escalations.revise import Revise
from approvals_hub.escalations.wait import Wait
from approvals_hub.escalations.withdraw import Withdraw
from approvals_hub.events.bus import Bus, LocalBus
from approvals_hub.hub import Hub
from approvals_hub.keys import store as keys
from approvals_hub.keys.epoch import Epoch, begin_epoch_in
from approvals_hub.keys.key import LOG, TOKEN
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.rotate import RotateKeys
from approvals_hub.keys.vault import HUB, Vault
from approvals_hub.notifications.forget import Forget
from approvals_hub.people.invite import InvitePerson
from approvals_hub.people.lookup import SessionOrgs
from approvals_hub.people.members import ListMembers
from approvals_hub.people.notices import ListNotices
from approvals_hub.people.read_audit import ReadAudit
from approvals_hub.people.requirement import SetRequirement
from approvals_hub.stepup.accept import AcceptInvitation
from approvals_hub.stepup.challenge import IssueChallenge
from approvals_hub.stepup.confirm import ConfirmDevice, ListPendingDevices
from approvals_hub.stepup.enrol import EnrolDevice
from approvals_hub.stepup.fresh import FreshFactor
from approvals_hub.stepup.passkey import relying_party
from approvals_hub.stepup.revoke_device import ListDevices, RevokeDevice
from approvals_hub.stepup.sessions import CurrentSession, EndSession, ListSessions, SignOut
from approvals_hub.stepup.set_up import SetUp
from approvals_hub.stepup.sign_in import SignIn
from approvals_hub.stepup.verify import DeviceSignatures
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.redeem import Redeem
from approvals_hub.tokens.report import Report
from approvals_hub.tokens.verify import VerifyProof
from approvals_hub_client.keys import Ed25519SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a hub keeps what, and what it is called from outside."""

    public_url: str
    key_file: Path
    checkpoints: Path
    database: str = field(repr=False)
    """`sqlite:PATH` or `postgresql://…`."""


@dataclass(slots=True)
class OpenHub:
    """A hub with its resources open; use it in an `async with` block."""

    place: Place
    clock: Clock = field(default_factory=system_clock)
    _resources: AsyncExitStack = field(default_factory=AsyncExitStack)

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
        rotate = RotateKeys(db, vault, ring, recorder, self.clock, self.place.key_file)
        await ring.load()
        for purpose in (TOKEN, LOG):
            if not any(key.may_sign(self.clock.now()) for key in ring.all(purpose)):
                await rotate.signing_key(purpose)
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
        )
        await refuse_smaller_tree(db, hub.sealer.outside, hub.read_audit.export.keys)
        return hub

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


def log_origin(log_host: str, org_id: str) -> str:
    """The name of an organisation's log: the hub's first host and the organisation (C2SP tlog-checkpoint origin)."""
    return f"{log_host}/{org_id}"


def wire(
    *,
    public_url: str,
    db: Database,
    bus: Bus,
    clock: Clock,
    vault: Vault,
    ring: KeyRing,
    rotate: RotateKeys,
    recorder: Recorder,
    epoch: Epoch,
    hub_key: bytes,
    log_host: str,
    checkpoints: CheckpointFolder,
) -> Hub:
    """Build every use case from what the hub stands on."""
    stopping = Stopping()

    def present_epoch() -> Epoch:
        return epoch

    def log_signer(org_id: str) -> Signer:
        key = ring.signer(LOG, clock.now())
        assert key.seed is not None
        return Signer(Verifier(log_origin(log_host, org_id), key.public.raw), Ed25519SigningKey(key.seed).sign)

    def log_keys(org_id: str) -> list[Verifier]:
        return [Verifier(log_origin(log_host, org_id), key.public.raw) for key in ring.all(LOG)]

    sealer = Sealer(db, clock, Chain(derive(hub_key, "audit-mac")), log_signer, checkpoints)
    log_watch = LogWatch(sealer, clock)
    mint = Mint(ring, clock, public_url)
    rp = relying_party(public_url)
    signatures = DeviceSignatures(db, rp)
    nonces = Nonces(derive(hub_key, "nonces"), present_epoch)
    advance = Advance(db, recorder, clock)
    recall = Recall(db, recorder, clock)
    quarantine = Quarantine(advance, recorder)
    settle = Settle(vault, advance, recall, quarantine)
    opening = Opening(vault, recorder, present_epoch)
    fresh = FreshFactor(recorder, rp, public_url)
    wait = Wait(db, bus, vault, mint, advance, clock, present_epoch, stopping)
    return Hub(
        public_url=public_url,
        db=db,
        bus=bus,
        clock=clock,
        stopping=stopping,
        epoch=epoch,
        vault=vault,
        ring=ring,
        mint=mint,
        agent_keys=AgentKeys(db),
        session_orgs=SessionOrgs(db),
        signatures=signatures,
        invite_agent=InviteAgent(db, recorder, clock),
        register_agent=RegisterAgent(db, recorder, clock, present_epoch),
        read_agents=ReadAgents(db, clock, present_epoch),
        escalate=Escalate(db, opening, recorder, clock, present_epoch),
        wait=wait,
        follow=Follow(db, bus, wait, clock, present_epoch, stopping),
        list_escalations=ListEscalations(db, clock, present_epoch),
        withdraw=Withdraw(db, vault, advance, recall, recorder, clock, present_epoch),
        revise=Revise(db, opening, advance, recall, recorder, clock, present_epoch),
        extend=Extend(db, vault, recorder, advance, clock, present_epoch),
        set_up=SetUp(db, vault, recorder, clock, public_url),
        invite_person=InvitePerson(db, vault, recorder, clock, public_url),
        list_members=ListMembers(db, clock),
        accept_invitation=AcceptInvitation(db, recorder, clock),
        issue_challenge=IssueChallenge(db, clock, rp),
        enrol_device=EnrolDevice(db, signatures, recorder, clock),
        confirm_device=ConfirmDevice(db, recorder, clock),
        list_devices=ListDevices(db, clock),
        revoke_device=RevokeDevice(db, signatures, recorder, clock),
        list_pending_devices=ListPendingDevices(db, clock),
        current_session=CurrentSession(db, clock),
        list_sessions=ListSessions(db, clock),
        end_session=EndSession(db, signatures, recorder, clock),
        sign_out=SignOut(db, signatures, recorder, clock),
        sign_in=SignIn(db, signatures, recorder, clock, public_url),
        inbox=Inbox(db, bus, clock, stopping, Prove(db)),
        present=Present(db, vault, recorder, advance, nonces, clock, public_url),
        decide=Decide(db, signatures, nonces, vault, advance, settle, recorder, clock, public_url, log_watch),
        recall=recall,
        redeem=Redeem(db, mint, recorder, clock, present_epoch),
        report=Report(db, vault, mint, recorder, clock),
        verify_proof=VerifyProof(mint, clock),
        list_notices=ListNotices(db, clock),
        set_requirement=SetRequirement(db, recorder, fresh, clock),
        govern=Govern(db, quarantine, recorder, fresh, clock),
        rotate_keys=rotate,
        read_audit=ReadAudit(db, Export(db, clock, log_signer, log_keys), Search(db), recorder, clock),
        advance=advance,
        sealer=sealer,
        log_watch=log_watch,
        forget=Forget(db, clock),
    )
