"""SQL of calls back that its users do not show: who made the last attempt settles it."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications import callback_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_an_attempt_that_lost_its_lease_settles_nothing(house: StaffedHub) -> None:
    escalation_id = (await house.bot.ask()).escalation.id

    async def late(tx: Tx) -> list[int]:
        await store.plan(
            tx,
            call_id="cbk_1",
            org_id=house.org_id,
            escalation_id=escalation_id,
            agent_id=house.bot.agent_id,
            url=b"sealed",
            masked="hooks.example",
            at=1,
        )
        assert await store.due(tx, escalation_id, at=1, until=1000)
        assert not await store.due(tx, escalation_id, at=1, until=1000)
        claimed = [row["attempts"] for now in (1, 10) for row in await store.claim(tx, now=now, until=now + 9, limit=5)]
        await store.settle(tx, "cbk_1", attempts=1, state="failed", said="late", at=11)
        await store.try_again(tx, "cbk_1", attempts=1, said="late", at=500)
        return claimed

    assert await house.hub.db.run(late) == [1, 2]
    row = await house.hub.db.read(lambda tx: store.of_escalation(tx, escalation_id))
    assert row is not None
    assert (row["state"], row["said"], row["send_at"]) == ("due", None, 19)
