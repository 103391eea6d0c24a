"""SQL of redemption, on both databases."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.tokens import store
from tests.unit.hub_fixture import StaffedHub


async def test_only_one_caller_ever_gets_the_row_of_a_token(house: StaffedHub) -> None:
    token = await house.bot.approved()
    epoch = house.hub.epoch.epoch_id

    async def work(tx: Tx) -> list[bool]:
        return [await store.spend(tx, jti=token.jti, epoch=name) is not None for name in ("epo_other", epoch, epoch)]

    assert await house.hub.db.run(work) == [False, True, False]


async def test_a_key_is_found_for_its_own_agent_alone(house: StaffedHub) -> None:
    other = await house.agent("other")
    mine = house.bot.key.public.thumbprint

    async def work(tx: Tx) -> list[bool]:
        agents = (house.bot.agent_id, other.agent_id)
        return [await store.key_of_thumbprint(tx, agent, mine) is not None for agent in agents]

    assert await house.hub.db.read(work) == [True, False]


async def test_nobody_counts_where_nobody_is_asked_for(house: StaffedHub) -> None:
    assert await house.hub.db.read(lambda tx: store.counting(tx, house.org_id, [])) == {}


async def test_people_count_in_their_own_organisation_alone(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[dict[tuple[str, str], tuple[str, int | None]]]:
        devices = [house.owner.device_id, "dev_unknown"]
        found = [await store.counting(tx, org_id, devices) for org_id in (house.org_id, "org_other")]
        return [{key: (row["roles"], row["counts_from"]) for key, row in each.items()} for each in found]

    assert await house.hub.db.read(work) == [{(house.owner.person_id, house.owner.device_id): ("owner", None)}, {}]


async def test_a_report_is_stored_once(house: StaffedHub) -> None:
    jti = (await (await house.bot.approved()).redeem()).jti

    async def work(tx: Tx) -> list[bool]:
        return [
            await store.report(tx, jti, status=status, detail=None, at=1) is not None for status in ("done", "failed")
        ]

    assert await house.hub.db.run(work) == [True, False]
