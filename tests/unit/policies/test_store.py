"""Rows of policies and totals: what one organisation writes another does not see."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.policies import store
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ASK, publish


async def test_another_organisation_has_none_of_it(house: StaffedHub) -> None:
    await publish(house, ASK)

    async def work(tx: Tx) -> tuple[list[Row], Row | None]:
        return await store.in_force(tx, "org_other"), await store.find(tx, "org_other", "main")

    assert await house.hub.db.read(work) == ([], None)


async def test_row_level_security_stands_behind_the_statements(house: StaffedHub) -> None:
    await publish(house, ASK)
    if house.place.database.startswith("sqlite"):
        return

    async def work(tx: Tx) -> Row | None:
        return await tx.row("SELECT (SELECT COUNT(*) FROM policies) + (SELECT COUNT(*) FROM policy_versions) AS n")

    row = await house.hub.db.read(work, org="org_other")
    assert row is not None
    assert row["n"] == 0


async def test_a_total_leaves_out_what_was_allowed_before_its_window_and_one_question(house: StaffedHub) -> None:
    now, open_one = house.time.now, (await house.bot.ask()).escalation.id
    rows = ((1, now - 10, None, "dcn_1"), (2, now, None, "dcn_2"), (4, now - 10, open_one, None))

    async def work(tx: Tx) -> list[int]:
        for number, (amount, at, question, answer) in enumerate(rows):
            await store.reserve(
                tx,
                reservation_id=f"rsv_{number}",
                org_id=house.org_id,
                counter="c",
                amount=amount,
                at=at,
                escalation_id=question,
                authorization_id=answer,
            )
        return [
            await store.total(tx, "c", since=now - 11, now=now, but=None),
            # What can still be spent counts however old it is.
            await store.total(tx, "c", since=now - 10, now=now, but=None),
            await store.total(tx, "c", since=now - 10, now=now, but=open_one),
            await store.total(tx, "other", since=0, now=now, but=None),
        ]

    assert await house.hub.db.run(work) == [7, 6, 2, 0]


async def test_what_no_window_reaches_any_more_is_dropped(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[int]:
        await store.reserve(
            tx,
            reservation_id="rsv_1",
            org_id=house.org_id,
            counter="c",
            amount=1,
            at=10,
            escalation_id=None,
            authorization_id="dcn_1",
        )
        return [await store.forget_old(tx, before=before, limit=10) for before in (10, 11, 11)]

    assert await house.hub.db.run(work) == [0, 1, 0]
