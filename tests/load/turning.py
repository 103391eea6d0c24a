"""A key-encryption key that is exchanged again and again while its hub works, and what must open whenever it dies."""

from __future__ import annotations

from typing import Any

from approvals_hub.app import OpenHub, Place
from approvals_hub.core.sealing import read_key_file
from approvals_hub.db.database import Tx
from approvals_hub.hub import Hub

SPARE = 210
"""Further data keys, as of so many people: a rotation takes several units of work."""


async def add_spare_keys(place: Place) -> None:
    """Data keys that nobody uses, so that a kill falls between the pages of a rotation, too."""
    async with OpenHub(place) as hub:

        async def work(tx: Tx) -> None:
            for number in range(SPARE):
                await hub.vault.create_in(tx, f"per_spare{number}", at=hub.clock.now())

        await hub.db.run(work)


async def turn(hub: Hub) -> None:
    """One rotation behind the other, until the hub is killed."""
    while True:
        await hub.rotate_keys.key_encryption_key()


async def what_does_not_open(place: Place) -> tuple[list[str], dict[str, Any]]:
    """Of a hub that was killed: every data key and everything sealed with them is tried, then a rotation finishes.

    Also how many keys were in the file, as the kills left it, and how many rotations had come to their end.
    """
    broken: list[str] = []
    left = len(read_key_file(place.key_file).keys)
    async with OpenHub(place) as hub:
        await _open_all(hub, broken)
        counts = {
            "keys_left": left,
            "rotations": await _count(hub, "SELECT COUNT(*) AS n FROM audit_entries WHERE kind = 'data_key.rotated'"),
        }
        await hub.rotate_keys.key_encryption_key()
        await _open_all(hub, broken)
        [active] = read_key_file(place.key_file).keys
        if await _count(hub, "SELECT COUNT(*) AS n FROM data_keys WHERE kek_id <> :active", active=active):
            broken.append("a data key is not under the one that is left in the file")
    if place.key_file.with_name(place.key_file.name + ".new").exists():
        broken.append("a half written key file lies beside the whole one")
    return broken, counts


async def _open_all(hub: Hub, broken: list[str]) -> None:
    async def work(tx: Tx) -> None:
        for row in await tx.rows("SELECT scope FROM data_keys"):
            await _try(broken, row["scope"], hub.vault.key_in(tx, row["scope"]))
        for row in await tx.rows("SELECT id, org_id, sealed FROM escalations"):
            context = f"escalation:{row['id']}"
            await _try(broken, context, hub.vault.unseal_in(tx, row["org_id"], row["sealed"], context))
        for row in await tx.rows("SELECT id, approver_id, sealed FROM decisions"):
            context = f"decision:{row['id']}"
            await _try(broken, context, hub.vault.unseal_in(tx, row["approver_id"], row["sealed"], context))

    await hub.db.run(work)


async def _try(broken: list[str], what: str, opening: Any) -> None:
    try:
        await opening
    except Exception as error:
        broken.append(f"{what} does not open: {error}")


async def _count(hub: Hub, sql: str, **params: Any) -> int:
    async def work(tx: Tx) -> int:
        row = await tx.row(sql, **params)
        assert row is not None
        return int(row["n"])

    return await hub.db.read(work)
