"""A name belongs to one agent, and is freed by its own organisation's revocation alone."""

from __future__ import annotations

from approvals_hub.agents import handle_store
from approvals_hub.db.database import Tx
from tests.unit.hub_fixture import StaffedHub
from tests.unit.openleash_bot import openleash_bot


async def test_a_name_finds_its_agent_and_the_keys_newest_first(house: StaffedHub) -> None:
    bot = await openleash_bot(house)

    async def work(tx: Tx) -> tuple[list[str], str | None, str | None]:
        keys = await handle_store.keys(tx, "shopper", limit=4)
        return (
            [row["id"] for row in keys],
            await handle_store.agent_of(tx, "shopper"),
            await handle_store.agent_of(tx, "Shopper"),
        )

    assert await house.hub.db.read(work) == ([bot.key_id], bot.agent_id, None)


async def test_a_name_is_freed_where_its_agent_is_revoked_and_of_that_organisation(house: StaffedHub) -> None:
    bot = await openleash_bot(house)

    async def work(tx: Tx) -> list[str | None]:
        found = []
        for org_id in ("org_other", house.org_id):
            await handle_store.release(tx, "shopper", org_id=org_id)
            found.append(await handle_store.agent_of(tx, "shopper"))
        return found

    assert await house.hub.db.run(work) == [bot.agent_id, bot.agent_id]
    await house.change("UPDATE agents SET state = 'revoked' WHERE id = :id", id=bot.agent_id)
    assert await house.hub.db.run(work) == [bot.agent_id, None]
