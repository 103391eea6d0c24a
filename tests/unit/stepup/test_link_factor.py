"""Tying a way of proving to oneself, and taking it away: with a fresh factor, announced, one a method."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound, TooMany
from approvals_hub.hub import LinkAsked
from approvals_hub.stepup.step_up import BEGUN_LIMIT
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.prover import App, answer, begin_link, linked


async def test_an_app_is_linked_when_a_code_of_it_was_typed_and_not_before(house: StaffedHub) -> None:
    begun = await begin_link(house.owner)
    assert (await house.hub.factors.list(house.owner.credential)).linked == []
    app = App(house, begun.shown)
    await answer(house.owner, begun, app.code())
    [factor] = (await house.hub.factors.list(house.owner.credential)).linked
    assert (factor.method, factor.name) == ("totp", "mine")


async def test_a_stolen_session_without_a_fresh_factor_links_nothing(house: StaffedHub) -> None:
    with pytest.raises(Forbidden) as found:
        await house.hub.link_factor(house.owner.credential, LinkAsked("totp", "x", {}), None)
    assert code_of(found.value) == "fresh_factor_needed"


async def test_a_fresh_factor_works_for_one_link(house: StaffedHub) -> None:
    fresh = await house.owner.fresh()
    await house.hub.link_factor(house.owner.credential, LinkAsked("totp", "x", {}), fresh)
    with pytest.raises(Exception, match="challenge"):
        await house.hub.link_factor(house.owner.credential, LinkAsked("totp", "x", {}), fresh)


async def test_a_second_app_needs_the_first_one_removed(house: StaffedHub) -> None:
    await linked(house.owner)
    with pytest.raises(Conflict) as found:
        await begin_link(house.owner)
    assert code_of(found.value) == "factor_linked"


async def test_two_links_that_race_leave_one_factor(house: StaffedHub) -> None:
    one, two = await begin_link(house.owner), await begin_link(house.owner)
    await answer(house.owner, one, App(house, one.shown).code())
    with pytest.raises(Conflict) as found:
        await answer(house.owner, two, App(house, two.shown).code())
    assert code_of(found.value) == "factor_taken"
    assert len((await house.hub.factors.list(house.owner.credential)).linked) == 1


@pytest.mark.parametrize("method", ["webauthn", "bankid", "nothing"])
async def test_what_this_hub_does_not_link_is_not_found(house: StaffedHub, method: str) -> None:
    with pytest.raises(NotFound) as found:
        await begin_link(house.owner, method)
    assert code_of(found.value) == "method_unknown"


async def test_a_removed_factor_is_gone_with_what_was_kept_of_it_and_announced(house: StaffedHub) -> None:
    await linked(house.owner)
    [factor] = (await house.hub.factors.list(house.owner.credential)).linked
    await house.hub.factors.remove(house.owner.credential, factor.factor_id, await house.owner.fresh())
    assert (await house.hub.factors.list(house.owner.credential)).linked == []
    [row] = await house.rows("SELECT sealed FROM factors")
    assert bytes(row["sealed"]) == b""
    told = await house.rows("SELECT kind FROM outbox WHERE person_id = :id ORDER BY id", id=house.owner.person_id)
    assert {row["kind"] for row in told} >= {"factor.added", "factor.removed"}
    assert len(await house.events("factor.removed")) == len(await house.events("factor.added")) == 1


async def test_removing_needs_a_fresh_factor(house: StaffedHub) -> None:
    await linked(house.owner)
    [factor] = (await house.hub.factors.list(house.owner.credential)).linked
    with pytest.raises(Forbidden):
        await house.hub.factors.remove(house.owner.credential, factor.factor_id, None)
    assert len((await house.hub.factors.list(house.owner.credential)).linked) == 1


async def test_somebody_elses_factor_is_not_found(house: StaffedHub) -> None:
    await linked(house.owner)
    [factor] = (await house.hub.factors.list(house.owner.credential)).linked
    thief = await house.person("Thief")
    with pytest.raises(NotFound):
        await house.hub.factors.remove(thief.credential, factor.factor_id, await thief.fresh())


async def test_links_are_begun_so_often_and_no_more(house: StaffedHub) -> None:
    for _ in range(BEGUN_LIMIT):
        await begin_link(house.owner)
    with pytest.raises(TooMany):
        await begin_link(house.owner)
