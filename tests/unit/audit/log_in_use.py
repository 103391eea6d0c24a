"""A recorder and a sealer over a database, as the hub wires them, for the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nacl.signing import SigningKey

from approvals_hub.audit import store, tiles
from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.audit.entry import Chain
from approvals_hub.audit.event import Event
from approvals_hub.audit.export import Export
from approvals_hub.audit.filter import EVERYTHING, Filter
from approvals_hub.audit.record import Recorder
from approvals_hub.audit.seal import Sealer
from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub_client import note
from approvals_hub_client.tree import leaf_hash, root_of

MAC_KEY = bytes(range(32))
SEED = SigningKey(bytes(range(32)))
ORG = "org_1"
START = 1_763_689_228_123


def verifier(org_id: str = ORG) -> note.Verifier:
    return note.Verifier(f"hub.example/{org_id}", bytes(SEED.verify_key))


def signer(org_id: str = ORG) -> note.Signer:
    return note.Signer(verifier(org_id), lambda data: SEED.sign(data).signature)


def event(number: int = 0, *, org_id: str = ORG, at: int | None = None) -> Event:
    return Event(
        kind="escalation.opened",
        org_id=org_id,
        at=START + number if at is None else at,
        actor_type="agent",
        actor_id=f"agt_{number % 3}",
        agent_id=f"agt_{number % 3}",
        escalation_id=f"esc_{number}",
        action_id=f"act-{number}",
        action_type="payments.transfer",
        trust="signed",
        detail={"number": number},
    )


@dataclass
class Log:
    db: Database
    folder: Path
    now: list[int] = field(default_factory=lambda: [START + 1_000_000])
    batch: int = 1_000

    def __post_init__(self) -> None:
        self.recorder = Recorder(mac_key=MAC_KEY)
        self.outside = CheckpointFolder(self.folder / "log")
        self.sealer = Sealer(
            self.db, Clock(lambda: self.now[0]), Chain(MAC_KEY), signer, self.outside, batch=self.batch
        )

    async def record(self, *events: Event) -> None:
        async def work(tx: Tx) -> None:
            for one in events:
                await self.recorder.record(tx, one)

        await self.db.run(work)

    async def grow(self, count: int, *, first: int = 0, org_id: str = ORG) -> None:
        """Record so many events and seal them."""
        await self.record(*(event(number, org_id=org_id) for number in range(first, first + count)))
        while await self.sealer.seal(org_id):
            pass

    async def export(self, wanted: Filter = EVERYTHING, org_id: str = ORG) -> bytes:
        export = Export(self.db, Clock(lambda: self.now[0]), signer, lambda org_id: [verifier(org_id)])
        return b"".join([piece async for piece in export.lines(org_id, wanted)])

    async def head(self, org_id: str = ORG) -> store.Head:
        async def read(tx: Tx) -> store.Head:
            return await store.head(tx, org_id)

        return await self.db.read(read)

    async def bodies(self, org_id: str = ORG) -> list[bytes]:
        async def read(tx: Tx) -> list[bytes]:
            rows = await tx.rows(
                "SELECT body FROM audit_entries WHERE org_id = :o AND idx IS NOT NULL ORDER BY idx", o=org_id
            )
            return [row["body"] for row in rows]

        return await self.db.read(read)

    async def root(self, org_id: str = ORG) -> bytes:
        """The root over the stored entries, made anew."""
        return root_of(map(leaf_hash, await self.bodies(org_id)))

    async def root_of_tiles(self, size: int) -> bytes:
        async def read(tx: Tx) -> bytes:
            return tiles.root(size, await store.tiles(tx, ORG, tiles.edge(size)))

        return await self.db.read(read)

    async def attack(self, sql: str, **params: object) -> int:
        """Change the database behind the hub's back."""

        async def work(tx: Tx) -> int:
            return await tx.execute(sql, **params)

        return await self.db.run(work)
