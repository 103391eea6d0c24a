"""Links are sent by a worker, with a token that is made for the mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.stepup.sign_in_link import LIFE
from identity.one_time_code import NotSent, Sent
from tests.unit.hub_fixture import StaffedHub
from tests.unit.stepup.links import ADA, Links


@pytest.fixture
async def links(house: StaffedHub) -> Links:
    links = Links(house)
    await links.settle()
    return links


async def test_a_link_is_sent_once_to_the_persons_own_address(links: Links) -> None:
    await links.ask("ADA@example.com")
    assert [await links.sends(), await links.sends()] == [1, 0]
    assert [address for address, _ in links.box] == [ADA]


async def test_no_token_lies_in_the_database_before_or_after(links: Links) -> None:
    await links.ask()
    [before] = await links.house.rows("SELECT token_hash FROM sign_in_links")
    await links.sends()
    [after] = await links.house.rows("SELECT * FROM sign_in_links")
    assert before["token_hash"] is None
    assert links.box[0][1] not in str(dict(after))


async def test_a_mail_that_was_not_taken_is_sent_again_with_another_token(links: Links) -> None:
    links.result = NotSent(retry_after=5)
    await links.ask()
    await links.sends()
    links.result = Sent()
    links.house.time.now += 4999
    assert await links.sends() == 0
    links.house.time.now += 1
    await links.sends()
    assert len({token for _, token in links.box}) == 2


async def test_an_address_that_takes_no_mail_is_given_up(links: Links) -> None:
    links.result = NotSent(permanent=True)
    await links.ask()
    await links.sends()
    links.house.time.now += LIFE - 1
    assert await links.sends() == 0


async def test_nobody_who_was_disabled_meanwhile_is_sent_one(links: Links) -> None:
    await links.ask()
    await links.house.change("UPDATE people SET state = 'disabled'")
    await links.sends()
    assert links.box == []


async def test_links_whose_time_is_over_are_dropped(links: Links) -> None:
    await links.ask("nobody@example.com")
    links.house.time.now += LIFE
    assert await links.sends() == 1
    assert await links.house.rows("SELECT id FROM sign_in_links") == []


async def test_without_a_way_to_send_mail_nothing_happens(links: Links) -> None:
    await links.ask()
    assert await replace(links.sends, send=None)() == 0
