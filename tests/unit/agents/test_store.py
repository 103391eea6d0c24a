"""SQL of agents, keys, invitations, nonces and idempotency keys, on both databases."""

from __future__ import annotations

import pytest

from approvals_hub.agents import store
from approvals_hub.db.database import Database, Tx


@pytest.fixture
async def db(database: Database) -> Database:
    async def work(tx: Tx) -> None:
        for number in range(3):
            await store.add_agent(
                tx, agent_id=f"agt_{number}", org_id="org_1", name="a", role="agent", owner_id="per_1", at=1
            )

    await database.run(work)
    return database


async def add_key(tx: Tx, number: int, key: bytes) -> bool:
    return await store.add_key(
        tx, key_id=f"key_{number}", org_id="org_1", agent_id="agt_0", public_key=key, thumbprint="t", at=1
    )


async def test_a_state_changes_only_from_the_states_that_were_named(db: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [
            await store.set_state(tx, "agt_0", old=old, new=new, cause=None, at=2) is not None
            for old, new in (
                (("paused",), "active"),
                (("active",), "paused"),
                (("active", "paused"), "revoked"),
                (("active", "paused"), "active"),
            )
        ]

    assert await db.run(work) == [False, True, True, False]


async def test_only_active_agents_of_an_owner_are_found(db: Database) -> None:
    async def work(tx: Tx) -> list[str]:
        await store.set_state(tx, "agt_1", old=("active",), new="paused", cause=None, at=2)
        return [row["id"] for row in await store.agents_of_owner(tx, "org_1", "per_1")]

    assert await db.run(work) == ["agt_0", "agt_2"]


async def test_a_public_key_is_stored_once(db: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [await add_key(tx, number, key) for number, key in enumerate((b"a", b"a", b"b"))]

    assert await db.run(work) == [True, False, True]


async def test_ending_keys_never_lengthens_a_life(db: Database) -> None:
    async def work(tx: Tx) -> list[int | None]:
        for number, key in enumerate((b"a", b"b", b"c")):
            await add_key(tx, number, key)
        await store.end_keys(tx, "agt_0", until=5, but="key_1")
        await store.end_keys(tx, "agt_0", until=9, but="key_1")
        return [row["valid_until"] for row in await store.keys(tx, "agt_0")]

    assert await db.run(work) == [5, None, 5]


async def test_an_invitation_is_used_once_and_not_after_its_end(db: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        for number in range(2):
            await store.add_invite(
                tx,
                invite_id=f"ain_{number}",
                org_id="org_1",
                token_hash=bytes([number]),
                name="a",
                role="agent",
                owner_id="per_1",
                invited_by="per_1",
                at=1,
                expires_at=10,
            )
        used = [("ain_0", 9), ("ain_0", 9), ("ain_1", 10)]
        return [await store.use_invite(tx, name, agent_id="agt_0", now=now) is not None for name, now in used]

    assert await db.run(work) == [True, False, False]


async def test_a_nonce_is_spent_once_for_each_key(db: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [
            await store.spend_nonce(tx, key_id=key, nonce=nonce, expires_at=1)
            for key, nonce in (("k", "n"), ("k", "n"), ("k", "m"), ("l", "n"))
        ]

    assert await db.run(work) == [True, False, True, True]


async def test_an_idempotency_key_is_of_its_caller_and_free_again_when_it_has_expired(db: Database) -> None:
    async def keep(tx: Tx, result: str, expires_at: int) -> None:
        await store.keep_idempotent_result(
            tx, caller="agt_0", key="k", request_hash=b"h", result=result, expires_at=expires_at
        )

    async def found(tx: Tx, caller: str, now: int) -> str | None:
        row = await store.idempotent_result(tx, caller=caller, key="k", now=now)
        return None if row is None else str(row["result"])

    async def work(tx: Tx) -> list[str | None]:
        await keep(tx, "esc_1", 10)
        told = [await found(tx, "agt_0", 9), await found(tx, "agt_1", 9), await found(tx, "agt_0", 10)]
        await keep(tx, "esc_2", 20)
        return [*told, await found(tx, "agt_0", 11)]

    assert await db.run(work) == ["esc_1", None, None, "esc_2"]


async def test_forgetting_takes_at_most_the_limit_of_each_kind(db: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        for number in range(5):
            await store.spend_nonce(tx, key_id="k", nonce=str(number), expires_at=number)
            await store.keep_idempotent_result(
                tx, caller="c", key=str(number), request_hash=b"", result="", expires_at=number
            )
        return [await store.forget_expired(tx, 4, 3) for _ in range(3)]

    assert await db.run(work) == [6, 2, 0]
