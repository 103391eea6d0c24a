"""A link signs in who asked for it, once."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Forbidden, Unauthenticated
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_link import LIFE, MOST_TRIES
from tests.unit.hub_fixture import StaffedHub
from tests.unit.stepup.links import Links


@pytest.fixture
async def links(house: StaffedHub) -> Links:
    links = Links(house)
    await links.settle()
    return links


async def test_the_browser_that_asked_and_whoever_sees_its_screen_get_a_low_session(links: Links) -> None:
    page, token = await links.asked()
    first = await links.use(token, secret=page.secret)
    page, token = await links.asked()
    second = await links.use(token, code=page.code)
    assert {signed_in.session.acr for signed_in in (first, second)} == {"LOW"}
    assert first.person_id == second.person_id == links.house.owner.person_id


async def test_the_link_alone_is_not_enough_and_is_not_used_up_by_it(links: Links) -> None:
    page, token = await links.asked()
    with pytest.raises(Forbidden) as refused:
        await links.use(token)
    assert refused.value.code == "code_needed"
    assert isinstance(await links.use(token, code=page.code), SignedIn)


async def test_the_page_alone_is_not_enough(links: Links) -> None:
    page, _ = await links.asked()
    with pytest.raises(Unauthenticated):
        await links.use(page.secret, secret=page.secret)


async def test_another_pages_secret_and_digits_are_wrong_for_this_link(links: Links) -> None:
    _, token = await links.asked()
    other, _ = await links.asked()
    for proof in ({"secret": other.secret}, {"code": other.code}):
        with pytest.raises(Forbidden):
            await links.use(token, **proof)


async def test_after_as_many_wrong_digits_as_are_allowed_the_right_ones_are_refused(links: Links) -> None:
    page, token = await links.asked()
    wrong = f"{(int(page.code) + 1) % 1_000_000:06d}"
    for _ in range(MOST_TRIES):
        with pytest.raises(Forbidden):
            await links.use(token, code=wrong)
    with pytest.raises(Unauthenticated):
        await links.use(token, code=page.code)


async def test_wrong_digits_at_once_are_no_more_than_a_few(links: Links) -> None:
    page, token = await links.asked()
    wrong = [f"{(int(page.code) + number) % 1_000_000:06d}" for number in range(1, 21)]
    results = await asyncio.gather(*(links.use(token, code=code) for code in wrong), return_exceptions=True)
    assert sum(isinstance(result, Forbidden) for result in results) == MOST_TRIES


async def test_uses_at_once_open_one_session(links: Links) -> None:
    page, token = await links.asked()
    results = await asyncio.gather(*(links.use(token, secret=page.secret) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, SignedIn) for result in results) == 1


async def test_an_old_link_and_one_of_a_removed_member_get_the_answer_of_an_unknown_one(links: Links) -> None:
    page, token = await links.asked()
    answers = []
    await links.house.change("UPDATE memberships SET removed_at = 1")
    for one in (token, "lnk_unknown"):
        with pytest.raises(Unauthenticated) as refused:
            await links.use(one, secret=page.secret)
        answers.append((refused.value.code, str(refused.value)))
    await links.house.change("UPDATE memberships SET removed_at = NULL")
    links.house.time.now += LIFE
    with pytest.raises(Unauthenticated) as refused:
        await links.use(token, secret=page.secret)
    answers.append((refused.value.code, str(refused.value)))
    assert len(set(answers)) == 1


async def test_a_link_that_is_followed_twice_is_recorded(links: Links) -> None:
    page, token = await links.asked()
    await links.use(token, secret=page.secret)
    with pytest.raises(Unauthenticated):
        await links.use(token, secret=page.secret)
    [event] = await links.house.events("session.refused")
    assert (event["decision"], event["detail"]["used"]) == ("link_invalid", True)
