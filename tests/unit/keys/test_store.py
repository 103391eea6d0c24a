"""SQL of data keys, signing keys and the hub's facts about itself, on both databases."""

from __future__ import annotations

from approvals_hub.db.database import Database, Tx
from approvals_hub.keys import store


async def test_a_scope_has_one_data_key_and_the_first_writer_wins(database: Database) -> None:
    async def work(tx: Tx) -> bytes:
        for wrapped in (b"first", b"second"):
            await store.add_data_key(
                tx, key_id=f"dek_{wrapped.hex()}", scope="org_1", kek_id="k", wrapped=wrapped, at=1
            )
        row = await store.data_key(tx, "org_1")
        assert row is not None
        return bytes(row["wrapped"])

    assert await database.run(work) == b"first"


async def test_a_key_is_wrapped_anew_only_by_whoever_saw_the_old_wrapping(database: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        await store.add_data_key(tx, key_id="dek_1", scope="org_1", kek_id="old", wrapped=b"a", at=1)
        return [await store.rewrap(tx, "dek_1", old="old", new="new", wrapped=b"b") for _ in range(2)]

    assert await database.run(work) == [1, 0]


async def test_a_fact_is_kept_once_or_replaced(database: Database) -> None:
    async def work(tx: Tx) -> list[str | None]:
        found = [await store.setting(tx, "rp")]
        await store.add_setting(tx, "rp", "a")
        await store.add_setting(tx, "rp", "b")
        found.append(await store.setting(tx, "rp"))
        await store.put_setting(tx, "rp", "c")
        return [*found, await store.setting(tx, "rp")]

    assert await database.run(work) == [None, "a", "c"]


async def test_retiring_leaves_other_purposes_and_keys_that_are_retired_already(database: Database) -> None:
    async def work(tx: Tx) -> dict[str, int | None]:
        for kid, purpose in (("a", "token"), ("b", "token"), ("c", "log")):
            await store.add_signing_key(
                tx, kid=kid, purpose=purpose, public_key=kid.encode(), sealed_seed=b"s", at=1, active_from=1
            )
        await store.retire_others(tx, kid="b", purpose="token", at=5, valid_until=9)
        await store.retire_others(tx, kid="b", purpose="token", at=6, valid_until=10)
        return {row["kid"]: row["retired_at"] for row in await store.signing_keys(tx)}

    assert await database.run(work) == {"a": 5, "b": None, "c": None}


async def test_forgetting_the_seeds_leaves_what_verifies(database: Database) -> None:
    async def work(tx: Tx) -> tuple[int, list[bytes | None], int]:
        await store.add_signing_key(
            tx, kid="a", purpose="token", public_key=b"p", sealed_seed=b"s", at=1, active_from=1
        )
        dropped = await store.forget_seeds(tx)
        rows = await store.signing_keys(tx)
        return dropped, [row["sealed_seed"] for row in rows], len(rows)

    assert await database.run(work) == (1, [None], 1)
