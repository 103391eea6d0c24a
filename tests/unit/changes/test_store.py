"""SQL of break-glass, on both engines."""

from __future__ import annotations

from approvals_hub.changes import store
from approvals_hub.changes.break_glass import BreakGlass
from approvals_hub.db.database import Database, Tx


async def added(tx: Tx, glass_id: str, expires_at: int = 100) -> None:
    await store.add(
        tx,
        id=glass_id,
        org_id="org_1",
        recovery_id=f"rec_{glass_id}",
        reason=b"sealed",
        asked_by="per_1",
        asked_at=1,
        expires_at=expires_at,
    )


async def test_the_first_person_does_not_join_in_the_database_either(database: Database) -> None:
    async def work(tx: Tx) -> list[BreakGlass | None]:
        await added(tx, "brk_1")
        return [await store.join(tx, "brk_1", by=by, at=2) for by in ("per_1", "per_2", "per_3")]

    first, second, third = await database.run(work)
    assert (first, second is None, third) == (None, False, None)
    assert second is not None
    assert (second.state, second.joined_by) == ("open", "per_2")


async def test_nobody_joins_after_its_time(database: Database) -> None:
    async def work(tx: Tx) -> BreakGlass | None:
        await added(tx, "brk_1", expires_at=5)
        return await store.join(tx, "brk_1", by="per_2", at=5)

    assert await database.run(work) is None


async def test_it_ends_once_and_those_whose_time_is_over_are_found(database: Database) -> None:
    async def work(tx: Tx) -> tuple[list[str], list[bool]]:
        await added(tx, "brk_1", expires_at=5)
        await added(tx, "brk_2", expires_at=50)
        due = [glass.id for glass in await store.overdue(tx, 10, 10)]
        ended = [
            await store.end(tx, "brk_1", state="ended", cause="expired", by="hub", at=10) is not None for _ in "ab"
        ]
        return due, ended

    assert await database.run(work) == (["brk_1"], [True, False])


async def test_the_live_one_of_a_recovery_and_those_of_an_organisation_are_found(database: Database) -> None:
    async def work(tx: Tx) -> tuple[BreakGlass | None, list[str], bytes]:
        await added(tx, "brk_1")
        live = await store.live_of_recovery(tx, "rec_brk_1")
        return live, [glass.id for glass in await store.of_org(tx, "org_1", 5)], await store.sealed_reason(tx, "brk_1")

    live, listed, reason = await database.run(work)
    assert live is not None
    assert (live.id, listed, reason) == ("brk_1", ["brk_1"], b"sealed")
