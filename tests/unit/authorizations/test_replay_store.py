"""SQL of real decisions that are decided once more."""

from __future__ import annotations

from approvals_hub.authorizations import replay_store as store
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ASK, publish


async def test_a_question_is_one_decision_by_whichever_way_it_was_asked_and_other_organisations_have_none(
    house: StaffedHub,
) -> None:
    await publish(house, ASK)
    answer = (await house.hub.authorize(house.bot.credential(), house.bot.action())).told.decision_id
    direct = (await house.bot.ask()).escalation.id
    until = house.time.now + 1

    async def heads(org_id: str, most: int = 9) -> list[str]:
        found = await house.hub.db.read(lambda tx: store.heads(tx, org_id, since=0, until=until, most=most))
        return [each for _, each in found]

    assert sorted(await heads(house.org_id)) == sorted([answer, direct])
    assert len(await heads(house.org_id, most=1)) == 1
    assert await heads("org_other") == []
    rows = await house.hub.db.read(lambda tx: store.answers(tx, [answer, direct]))
    assert [(row["id"], row["decision"]) for row in rows] == [(answer, "REQUIRE_APPROVAL")]
    assert [row["id"] for row in await house.hub.db.read(lambda tx: store.questions(tx, [direct]))] == [direct]
