"""Lists of escalations, for the asking agent and for those who may read all."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound, Unauthenticated
from approvals_hub.escalations.escalation import Escalation
from tests.unit.hub_fixture import Bot, Person, StaffedHub


async def of_agent(bot: Bot, **wanted: object) -> list[Escalation]:
    members = {"states": (), "before": None, "limit": 50, **wanted}
    return await bot.house.hub.list_escalations.of_agent(bot.credential(), **members)


async def of_org(person: Person, **wanted: object) -> list[Escalation]:
    members = {"states": (), "before": None, "limit": 50, **wanted}
    return await person.house.hub.list_escalations.of_org(person.credential, **members)


async def test_an_agent_lists_its_own_newest_first(house: StaffedHub) -> None:
    other = await house.agent("other")
    first, second = (await house.bot.ask()).escalation.id, (await house.bot.ask()).escalation.id
    await other.ask()
    assert [one.id for one in await of_agent(house.bot)] == [second, first]


async def test_a_list_goes_on_where_a_page_ended(house: StaffedHub) -> None:
    asked = [(await house.bot.ask()).escalation.id for _ in range(5)]
    seen: list[str] = []
    while page := await of_agent(house.bot, before=seen[-1] if seen else None, limit=2):
        seen += [one.id for one in page]
    assert seen == asked[::-1]


async def test_a_list_can_hold_one_state_alone(house: StaffedHub) -> None:
    opened, denied = (await house.bot.ask()).escalation.id, (await house.bot.ask()).escalation.id
    await house.owner.answer(denied, "deny")
    assert [one.id for one in await of_agent(house.bot, states=("denied",))] == [denied]
    assert [one.id for one in await of_org(house.owner, states=("open",))] == [opened]


async def test_a_paused_agent_may_look_and_a_revoked_one_may_not(house: StaffedHub) -> None:
    await house.bot.ask()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    assert len(await of_agent(house.bot)) == 1
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await of_agent(house.bot)


@pytest.mark.parametrize(
    ("role", "may"), [("admin", True), ("auditor", True), ("approver", False), ("developer", False)]
)
async def test_only_roles_that_read_all_list_all(house: StaffedHub, role: str, may: bool) -> None:
    await house.bot.ask()
    member = await house.person("Ada", role)
    if may:
        assert len(await of_org(member)) == 1
    else:
        with pytest.raises(Forbidden):
            await of_org(member)


async def test_the_list_of_an_organisation_holds_no_others(house: StaffedHub) -> None:
    await house.bot.ask()
    await house.change("UPDATE escalations SET org_id = 'org_other'")
    assert await of_org(house.owner) == []


async def test_one_question_is_read_by_those_who_were_asked_and_by_role(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = await house.bot.ask()
    late = await house.person("Bo")
    read = house.hub.list_escalations.one_for_person
    for reader in (ada, house.owner):
        assert (await read(reader.credential, opened.escalation.id)).id == opened.escalation.id
    for wanted in (opened.escalation.id, "esc_unknown"):
        with pytest.raises(NotFound):
            await read(late.credential, wanted)
