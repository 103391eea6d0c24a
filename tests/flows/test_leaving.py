"""Who leaves a group that a frozen rule names, or loses the role that it names, stops counting at once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Conflict
from approvals_hub.hub import Hub
from approvals_hub.orgs import store as orgs
from approvals_hub.routing.plan import GROUP
from tests.flows.test_standing_in import asked, code, inbox, people, require, spendable
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import away, group

OPS: dict[str, Any] = {"of": ["group:ops"]}


async def leaves(house: StaffedHub, *who_stays: Person, version: int, name: str = "ops") -> int:
    """Only these are in the group from now on; returns its version."""
    return (await group(house, *(one.person_id for one in who_stays), name=name, version=version)).version


async def gets(house: StaffedHub, person: Person, *roles: str) -> None:
    """Other roles, as an identity provider gives and takes them."""

    async def work(tx: Any) -> None:
        from approvals_hub.escalations.leave import left_in, put_back_in

        row = await orgs.member(tx, house.org_id, person.person_id)
        assert row is not None
        await orgs.set_roles(tx, house.org_id, person.person_id, old=row["roles"], new=" ".join(roles))
        await left_in(tx, house.org_id, [person.person_id], house.time.now)
        await put_back_in(tx, person.person_id, house.time.now)

    await house.hub.db.run(work)


async def test_who_leaves_the_group_neither_sees_answers_nor_counts(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await group(house, ada.person_id, bo.person_id, cy.person_id)
    await require(house, quorum={**OPS, "approvals": 2})
    question = await asked(house)
    assert await code(ada.answer(question)) == "open"
    with house.hub.bus.subscribe(f"inbox:{ada.person_id}") as ear:
        await leaves(house, bo, cy, version=1)
        assert await ear.wait(10)
    assert (await inbox(ada), await inbox(bo)) == ([], [question])
    assert await code(ada.answer(question, "deny")) == "escalation_unknown"
    assert await code(bo.answer(question)) == "open"
    assert (await house.hub.read_progress(bo.credential, question)).approved == 1  # type: ignore[union-attr]
    assert await code(cy.answer(question)) == "approved"
    assert await spendable(house, question)


async def test_a_token_whose_group_lost_somebody_is_not_spent_and_coming_back_is_no_way_round(
    house: StaffedHub,
) -> None:
    ada, bo = await people(house, "Ada", "Bo")
    await group(house, ada.person_id, bo.person_id)
    await require(house, quorum=OPS)
    token = await house.bot.approved(by=ada)
    kept = await house.bot.approved(by=bo)
    house.time.now += SECOND
    version = await leaves(house, bo, version=1)
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            await token.redeem()
        assert refused.value.code == "approver_gone"
        house.time.now += SECOND
        version = await leaves(house, ada, bo, version=version)  # who joins later does not count
    await kept.redeem()


async def test_somebody_counts_on_whom_the_same_part_names_in_another_way(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await group(house, ada.person_id, bo.person_id, cy.person_id)
    await group(house, bo.person_id, name="night")
    named = {"of": ["group:ops", ada.person_id, "group:night"], "approvals": 3}
    await require(house, quorum=named)
    question = await asked(house)
    for person in (ada, bo, cy):
        await house.hub.present(person.credential, question)
    assert await code(cy.answer(question)) == "open"
    await leaves(house, house.owner, version=1)
    assert (await inbox(ada), await inbox(bo), await inbox(cy)) == ([question], [question], [])
    assert await code(ada.answer(question)) == "open"
    assert await code(bo.answer(question)) == "open"  # Cy's seat is empty, and will stay so
    # Another part of the rule that names somebody else keeps nobody in this one.
    both = {"all": [{"of": ["group:night"]}, {"of": [cy.person_id]}]}
    await require(house, quorum=both)
    question = await asked(house)
    await leaves(house, cy, version=1, name="night")
    assert await code(cy.answer(question)) == "open"


async def test_a_veto_goes_with_the_group_that_gave_it(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await group(house, cy.person_id, house.owner.person_id)
    await require(house, quorum={"of": [ada.person_id, bo.person_id]}, veto=["group:ops"])
    question = await asked(house)
    assert await inbox(cy) == [question]
    await leaves(house, house.owner, version=1)
    assert (await inbox(cy), await code(cy.answer(question, "deny"))) == ([], "escalation_unknown")
    assert await code(ada.answer(question)) == "approved"


async def test_who_loses_the_role_that_is_named_stops_counting_until_they_have_it_again(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada", "admin", "approver"), await house.person("Bo", "admin")
    await require(house, quorum={"of": ["role:admin"], "approvals": 2})
    question = await asked(house)
    await ada.answer(question)
    await gets(house, ada, "approver")
    assert (await inbox(ada), await code(ada.answer(question, "deny"))) == ([], "escalation_unknown")
    assert await code(bo.answer(question)) == "open"
    await gets(house, ada, "admin")
    assert await inbox(ada) == [question]


async def test_who_loses_every_role_that_answers_counts_in_no_rule_and_for_nobody(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await require(house, approvals=2)
    question = await asked(house)
    await ada.answer(question)
    token = (await house.bot.ask()).escalation.id
    await gets(house, ada, "auditor")
    assert await inbox(ada) == []
    assert await code(ada.answer(question, "deny")) == "not_eligible"  # auditors read every question
    assert await code(bo.answer(question)) == "open"
    assert await code(cy.answer(question)) == "approved"
    await gets(house, cy, "developer")
    assert not await spendable(house, question)
    await away(house, bo, house.owner)
    await gets(house, bo, "developer")
    assert await code(house.owner.answer(token)) == "not_eligible"


async def test_somebody_who_left_before_their_stage_is_not_asked_when_it_begins(house: StaffedHub) -> None:
    ada, bo, cy = await people(house, "Ada", "Bo", "Cy")
    await group(house, bo.person_id, cy.person_id)
    await require(house, quorum={"stages": [{"of": [ada.person_id]}, OPS]})
    question = await asked(house)
    await leaves(house, cy, version=1)
    await ada.answer(question)
    assert (await inbox(bo), await inbox(cy)) == ([], [question])
    assert await code(cy.answer(question)) == "approved"


async def test_a_time_lock_waits_for_votes_again_when_one_of_them_left(house: StaffedHub) -> None:
    ada, bo = await people(house, "Ada", "Bo")
    await group(house, ada.person_id, bo.person_id)
    await require(house, quorum=OPS, wait=60)
    question = await asked(house)
    await ada.answer(question)
    await leaves(house, bo, version=1)
    house.time.now += 60 * SECOND
    hub: Hub = house.hub
    assert await hub.complete() == 0
    assert await code(bo.answer(question)) == "approved"


async def test_a_group_that_is_deleted_while_a_question_names_it_leaves_nobody_in_it(house: StaffedHub) -> None:
    ada, bo = await people(house, "Ada", "Bo")
    await group(house, ada.person_id)
    await require(house, quorum=OPS)
    question = await asked(house)
    await require(house)
    await house.hub.keep_plans.delete(house.operator, GROUP, "ops", version=1)
    assert (await inbox(ada), await code(ada.answer(question))) == ([], "escalation_unknown")
    assert await code(bo.answer(question)) == "escalation_unknown"
