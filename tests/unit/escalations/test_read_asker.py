"""Who asked: an agent as the hub knows it, or the hub itself."""

from __future__ import annotations

import msgspec

from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.read_asker import Asker, asker_in
from tests.unit.hub_fixture import StaffedHub


async def asker(house: StaffedHub, escalation: Escalation) -> Asker:
    return await house.hub.db.read(lambda tx: asker_in(tx, escalation))


async def test_an_agent_is_named_with_who_answers_for_it(house: StaffedHub) -> None:
    escalation = (await house.bot.ask()).escalation
    found = await asker(house, escalation)
    assert (found.agent_id, found.name, found.owner_id, found.trust) == (
        house.bot.agent_id,
        "bot",
        house.owner.person_id,
        "signed",
    )


async def test_the_hub_answers_for_its_own_questions(house: StaffedHub) -> None:
    escalation = msgspec.structs.replace((await house.bot.ask()).escalation, agent_id="hub", trust="hub")
    assert await asker(house, escalation) == Asker("hub", "Approvals Hub", "hub", "Approvals Hub", "hub")


async def test_no_agent_asks_in_the_hubs_name(house: StaffedHub) -> None:
    rows = await house.rows("SELECT id FROM agents")
    assert all(row["id"].startswith("agt_") for row in rows)
