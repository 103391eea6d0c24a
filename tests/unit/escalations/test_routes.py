"""Which route a question gets, and what is frozen of it."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub.core.errors import Conflict, Invalid
from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.freeze import Frozen, freeze_in
from approvals_hub.escalations.routes import NOWHERE, Routes, follow_in, frozen_text, read_frozen
from approvals_hub.routing.plan import GROUP, ROUTE
from approvals_hub.routing.stages import Stages
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.reach_house import Pager, registered
from tests.unit.routing.plans import group

Paged = tuple[StaffedHub, Pager]
OPS = "route: ops\nlevels:\n  - groups: [ops]\n    channels: [pager]\nthen: keep_waiting\n"


async def frozen(house: StaffedHub, escalation: Escalation, *barred: str) -> Stages:
    async def work(tx: Tx) -> Stages | None:
        return await Routes(house.hub.push_addresses.book).stages_in(tx, escalation, Beside(barred=barred))

    found = await house.hub.db.read(work)
    assert found is not None
    return found


async def by_the_group(house: StaffedHub, *people: Person) -> None:
    """The organisation tells a group of these people first and last."""
    await group(house, *(person.person_id for person in people))
    await house.hub.keep_plans.put(house.operator, ROUTE, "ops", OPS)
    await house.hub.set_default_route(house.operator, "ops")


async def test_without_a_channel_nobody_is_told_and_the_question_is_in_the_inbox(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    assert opened.delivery == "inbox"
    assert await house.rows("SELECT 1 AS one FROM escalations WHERE routing IS NOT NULL") == []


async def test_what_is_frozen_is_read_again(paged: Paged) -> None:
    house, _ = paged
    opened = (await house.bot.ask()).escalation
    assert opened.delivery == "trying"
    stages = await frozen(house, opened)
    assert read_frozen(frozen_text(stages)) == stages
    assert stages.begun[0].people == (house.owner.person_id,)
    assert stages.route == stages.built_in


async def test_what_a_hub_froze_that_knew_no_stages_is_read_as_one(paged: Paged) -> None:
    house, _ = paged
    [question] = (await frozen(house, (await house.bot.ask()).escalation)).begun
    read = read_frozen(msgspec.json.encode(question).decode())
    assert (read.begun, read.route, read.built_in) == ((question,), question.route, question.route)


async def test_the_default_route_of_the_organisation_tells_whom_it_names(paged: Paged) -> None:
    house, pager = paged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await registered(house, "ada-1", by=ada)
    await registered(house, "bo-11", by=bo)
    await by_the_group(house, ada)
    pager.took.clear()
    await house.bot.ask()
    await house.hub.reach.settled()
    assert [address for address, _ in pager.took] == ["ada-1"]


async def test_the_channels_that_a_route_names_are_frozen_by_their_keys_and_one_that_is_not_there_tells_nobody(
    paged: Paged,
) -> None:
    house, _ = paged
    level = f"  - people: [{house.owner.person_id}]\n    channels: [pager, fax]\n"
    text = f"route: ladder\nlevels:\n{level}then: keep_waiting\n"
    with pytest.raises(Invalid) as refused:
        await house.hub.keep_plans.put(house.operator, ROUTE, "ladder", text)
    assert (refused.value.field, "known are pager" in refused.value.detail) == ("$.levels[0].channels[1]", True)
    # As a hub wrote it whose settings had that channel.
    await house.hub.keep_plans.put(house.operator, ROUTE, "ladder", text.replace(", fax", ""))
    await house.change("UPDATE plans SET body = :text WHERE name = 'ladder'", text=text)
    await house.hub.set_default_route(house.operator, "ladder")
    [question] = (await frozen(house, (await house.bot.ask()).escalation)).begun
    assert question.route.name == "ladder"
    assert [step.channel for level in question.route.levels for step in level.steps] == ["pager", NOWHERE]
    assert not question.tells_rooms_at_once
    foreseen = await house.hub.preview_route(house.owner.credential, "ladder")
    [gone] = foreseen.missing
    assert (gone.path, gone.name) == ("$.levels[0].channels[1]", "fax")
    assert {each.channel for each in foreseen.told} == {"pager"}
    assert (await house.hub.read_plans.one(house.operator, ROUTE, "ladder")).missing == [gone]


async def test_a_route_that_names_nobody_who_is_asked_leaves_nobody_untold(paged: Paged) -> None:
    house, pager = paged
    ada = await house.person("Ada")
    await registered(house, "ada-1", by=ada)
    await by_the_group(house, house.owner)  # whose own agent asks
    pager.took.clear()
    await house.bot.ask()
    await house.hub.reach.settled()
    assert [address for address, _ in pager.took] == ["ada-1"]


async def test_somebody_who_joins_the_group_later_is_not_told_of_a_question_that_is_open(paged: Paged) -> None:
    house, pager = paged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await registered(house, "bo-11", by=bo)
    await by_the_group(house, ada)
    opened = await house.bot.ask()
    await group(house, ada.person_id, bo.person_id, version=1)
    pager.took.clear()
    await house.change("UPDATE outbox SET due_at = 0 WHERE escalation_id = :id", id=opened.escalation.id)
    await house.hub.reach.settled()
    assert pager.took == []


async def test_who_asks_for_their_own_agent_never_stands_in(paged: Paged) -> None:
    house, _ = paged
    await house.person("Ada")
    opened = (await house.bot.ask()).escalation
    assert (await frozen(house, opened, house.owner.person_id)).begun[0].barred == (house.owner.person_id,)


async def test_a_later_stage_is_told_when_it_begins_and_by_the_route_of_the_opening(paged: Paged) -> None:
    house, pager = paged
    ada, bo = await house.person("Ada"), await house.person("Bo", "admin")
    await registered(house, "ada-1", by=ada)
    await registered(house, "bo-11", by=bo)
    pager.took.clear()
    await house.hub.set_requirement(
        house.operator, {"quorum": {"stages": [{"of": ["role:approver"]}, {"of": ["role:admin"]}]}}
    )
    opened = await house.bot.ask()
    await house.hub.reach.settled()
    assert [address for address, _ in pager.took] == ["ada-1"]
    house.time.now += 300_000
    await ada.answer(opened.escalation.id)
    await house.hub.reach.settled()
    assert [address for address, _ in pager.took] == ["ada-1", "bo-11"]
    [row] = await house.rows("SELECT routing FROM escalations")
    assert [asked.opened_at for asked in read_frozen(row["routing"]).begun] == [
        opened.escalation.created_at,
        opened.escalation.created_at + 300_000,
    ]


async def test_a_question_that_nobody_is_told_of_follows_nothing(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    await house.hub.db.run(lambda tx: follow_in(tx, opened, (house.owner.person_id,), house.time.now))
    assert await house.rows("SELECT 1 AS one FROM escalations WHERE routing IS NOT NULL") == []


async def test_a_group_that_the_requirement_names_is_asked_and_cannot_be_deleted(house: StaffedHub) -> None:
    ada, bo, _ = await house.person("Ada"), await house.person("Bo"), await house.person("Cy")
    await group(house, ada.person_id, bo.person_id)
    await house.hub.set_requirement(house.operator, {"quorum": {"of": ["group:ops"], "approvals": 2}})
    opened = (await house.bot.ask()).escalation
    assert opened.asked().people == tuple(sorted((ada.person_id, bo.person_id)))
    with pytest.raises(Conflict) as refused:
        await house.hub.keep_plans.delete(house.operator, GROUP, "ops", version=1)
    assert (refused.value.code, refused.value.extra) == ("group_in_use", {"used_by": ["requirement"]})


async def test_a_request_that_calls_itself_critical_is_not_urgent_and_an_organisation_that_does_is(
    house: StaffedHub,
) -> None:
    async def urgent(default: Requirement, tighter: dict[str, str] | None) -> bool:
        async def work(tx: Tx) -> bool:
            asked = await freeze_in(
                tx,
                org_id=house.org_id,
                owner_id=house.owner.person_id,
                default=default.text().decode(),
                expires_in=None,
                tighter=tighter,
            )
            assert isinstance(asked, Frozen)
            return asked.urgent

        return await house.hub.db.read(work)

    assert not await urgent(Requirement(), {"risk": "critical"})
    assert await urgent(Requirement(risk="critical"), None)
    assert not await urgent(Requirement(), None)
