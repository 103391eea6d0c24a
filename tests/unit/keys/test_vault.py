"""Data keys on both engines: made once, opened by their scope alone, and rotated without losing any."""

from __future__ import annotations

import asyncio
import hmac

import pytest

from approvals_hub.core.sealing import KeyEncryptionKeys, SealBroken, new_key, with_new_active
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys import store
from approvals_hub.keys.vault import HUB, Vault, rewrap_all
from tests.conftest import OpenDatabase


def keys() -> KeyEncryptionKeys:
    return KeyEncryptionKeys({"kek_first": new_key()})


async def make(db: Database, vault: Vault, *scopes: str) -> None:
    async def work(tx: Tx) -> None:
        for scope in scopes:
            await vault.create_in(tx, scope, at=1)

    await db.run(work)


async def key_of(db: Database, vault: Vault, scope: str) -> bytes:
    return await db.run(lambda tx: vault.key_in(tx, scope))


async def wrapping(db: Database) -> dict[str, str]:
    rows = await db.read(lambda tx: tx.rows("SELECT scope, kek_id FROM data_keys"))
    return {row["scope"]: row["kek_id"] for row in rows}


async def test_what_one_scope_sealed_opens_there(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB, "org_1")

    async def work(tx: Tx) -> bytes:
        return await vault.unseal_in(tx, "org_1", await vault.seal_in(tx, "org_1", b"x", "a"), "a")

    assert await database.run(work) == b"x"


async def test_a_row_swapped_between_tenants_does_not_open(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB, "org_1", "org_2")
    sealed = await database.run(lambda tx: vault.seal_in(tx, "org_1", b"x", "a"))
    with pytest.raises(SealBroken):
        await database.run(lambda tx: vault.unseal_in(tx, "org_2", sealed, "a"))


async def test_a_data_key_swapped_between_tenants_does_not_open(database: Database) -> None:
    kek = keys()
    await make(database, Vault(kek), HUB, "org_1", "org_2")

    async def swap(tx: Tx) -> None:
        row = await store.data_key(tx, "org_1")
        assert row is not None
        await tx.execute("UPDATE data_keys SET wrapped = :wrapped WHERE scope = 'org_2'", wrapped=row["wrapped"])

    await database.run(swap)
    with pytest.raises(SealBroken):
        await key_of(database, Vault(kek), "org_2")


async def test_a_scope_without_a_key_opens_nothing(database: Database) -> None:
    with pytest.raises(LookupError):
        await key_of(database, Vault(keys()), "org_1")


async def test_no_data_key_lies_in_the_clear(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB)
    key = await key_of(database, vault, HUB)
    [row] = await database.read(lambda tx: tx.rows("SELECT wrapped FROM data_keys"))
    assert key not in row["wrapped"]


async def test_a_scope_keeps_its_first_key(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB)
    first = await key_of(database, vault, HUB)
    await make(database, vault, HUB)
    assert await key_of(database, Vault(vault.keks), HUB) == first


async def test_a_key_whose_making_was_rolled_back_is_not_remembered(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB)

    async def fails(tx: Tx) -> None:
        await vault.create_in(tx, "org_1", at=1)
        await vault.key_in(tx, "org_1")
        raise RuntimeError("the unit fails")

    with pytest.raises(RuntimeError, match="fails"):
        await database.run(fails)
    await make(database, vault, "org_1")
    assert await key_of(database, vault, "org_1") == await key_of(database, Vault(vault.keks), "org_1")


async def test_rotation_wraps_every_key_anew_and_changes_none(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB, *(f"org_{number}" for number in range(7)))
    before = {scope: await key_of(database, vault, scope) for scope in await wrapping(database)}
    both = with_new_active(vault.keks)
    assert await rewrap_all(database.run, both, page=3) == 8
    assert set((await wrapping(database)).values()) == {both.active}
    only = Vault(KeyEncryptionKeys({both.active: both.keys[both.active]}))
    assert {scope: await key_of(database, only, scope) for scope in before} == before


async def test_a_rotation_killed_half_way_leaves_every_key_open_and_is_finished_by_the_next(
    database: Database,
) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB, *(f"org_{number}" for number in range(7)))
    both = with_new_active(vault.keks)
    runs = iter(range(2))

    async def dying(work: object) -> int:
        if next(runs, None) is None:
            raise KeyboardInterrupt
        return await database.run(work)  # type: ignore[arg-type] # the same work that the database takes

    with pytest.raises(KeyboardInterrupt):
        await rewrap_all(dying, both, page=3)
    assert set((await wrapping(database)).values()) == {"kek_first", both.active}
    restarted = Vault(both)
    for scope in await wrapping(database):
        assert await key_of(database, restarted, scope) == await key_of(database, vault, scope)
    again = with_new_active(both)
    await rewrap_all(database.run, again, page=3)
    assert set((await wrapping(database)).values()) == {again.active}


async def test_keys_made_by_another_process_during_a_rotation_are_not_lost(database: Database) -> None:
    """Another process that still has the old file in memory wraps under the key that the hub's own row names."""
    first = keys()
    ours, theirs = Vault(first), Vault(first)
    await make(database, ours, HUB)
    ours.keks = with_new_active(first)
    theirs.reread = lambda: ours.keks
    await asyncio.gather(
        rewrap_all(database.run, ours.keks, page=1),
        *(make(database, theirs, f"org_{number}") for number in range(20)),
    )
    await rewrap_all(database.run, ours.keks, page=1)
    await make(database, theirs, "org_late")
    assert set((await wrapping(database)).values()) == {ours.keks.active}


async def test_a_process_with_the_old_key_file_reads_it_again_where_a_key_is_missing(database: Database) -> None:
    first = keys()
    await make(database, Vault(first), HUB)
    both = with_new_active(first)
    await rewrap_all(database.run, both)
    with pytest.raises(SealBroken, match="not in the key file"):
        await key_of(database, Vault(first), HUB)
    late = Vault(first, lambda: both)
    assert await key_of(database, late, HUB) == await key_of(database, Vault(both), HUB)


async def test_nothing_is_made_under_a_key_that_the_key_file_does_not_hold(database: Database) -> None:
    first = keys()
    await make(database, Vault(first), HUB)
    await rewrap_all(database.run, with_new_active(first))
    with pytest.raises(SealBroken, match="not in the key file"):
        await make(database, Vault(first), "org_1")
    assert set(await wrapping(database)) == {HUB}


async def test_two_processes_that_start_at_once_agree_on_the_hubs_key(database: Database) -> None:
    kek = keys()

    async def begin() -> bytes:
        vault = Vault(kek)

        async def work(tx: Tx) -> bytes:
            await vault.create_in(tx, HUB, at=1)
            return await vault.key_in(tx, HUB)

        return await database.run(work)

    assert len(set(await asyncio.gather(*(begin() for _ in range(4))))) == 1


async def keyed(db: Database, vault: Vault, scope: str, use: str, value: bytes) -> bytes:
    return await db.run(lambda tx: vault.keyed_in(tx, scope, use, value))


async def test_equal_values_have_one_keyed_hash_on_every_connection(open_database: OpenDatabase) -> None:
    vault, first, second = Vault(keys()), await open_database(), await open_database()
    await make(first, vault, HUB, "org_1")
    assert await keyed(first, vault, "org_1", "a", b"x") == await keyed(second, vault, "org_1", "a", b"x")
    assert await keyed(first, vault, "org_1", "a", b"x") != await keyed(first, vault, "org_1", "a", b"y")


async def test_a_value_tried_out_in_another_organisation_or_for_another_use_gives_another_hash(
    database: Database,
) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB, "org_1", "org_2")
    tried = [("org_1", "a", b"x"), ("org_2", "a", b"x"), ("org_1", "b", b"x"), ("org_1", "", b"a\0x")]
    assert len({await keyed(database, vault, *one) for one in tried}) == 4


async def test_the_key_of_keyed_hashes_is_not_the_one_that_seals(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB, "org_1")
    plain = hmac.digest(await key_of(database, vault, "org_1"), b"a\0x", "sha256")
    assert await keyed(database, vault, "org_1", "a", b"x") != plain


async def test_a_scope_that_was_rolled_back_leaves_no_key_to_hash_with(database: Database) -> None:
    vault = Vault(keys())
    await make(database, vault, HUB)

    async def undone(tx: Tx) -> None:
        await vault.create_in(tx, "org_1", at=1)
        await vault.keyed_in(tx, "org_1", "a", b"x")
        raise LookupError("undone")

    with pytest.raises(LookupError, match="undone"):
        await database.run(undone)
    with pytest.raises(LookupError, match="no data key"):
        await keyed(database, vault, "org_1", "a", b"x")
