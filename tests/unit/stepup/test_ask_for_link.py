"""Asking for a link tells nobody whether anybody has the address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import Invalid, NotFound, TooMany
from approvals_hub.stepup.sign_in_link import LIFE, PERSON_LIMIT, SOURCE_LIMIT
from tests.unit.hub_fixture import StaffedHub
from tests.unit.stepup.links import Links
from tests.unit.two_orgs import second_org


@pytest.fixture
async def links(house: StaffedHub) -> Links:
    links = Links(house)
    await links.settle()
    return links


async def test_an_unknown_address_gets_a_row_and_an_answer_like_a_known_one(links: Links) -> None:
    known, unknown = await links.ask(), await links.ask("nobody@example.com")
    assert (len(known.secret), len(known.code)) == (len(unknown.secret), len(unknown.code))
    rows = await links.house.rows("SELECT person_id, send_at FROM sign_in_links ORDER BY id")
    assert [(row["person_id"] is None, row["send_at"] is None) for row in rows] == [(False, False), (True, True)]


async def test_a_person_is_sent_few_links_and_nobody_hears_of_the_limit(links: Links) -> None:
    for number in range(PERSON_LIMIT + 1):
        await links.ask(source=f"192.0.2.{number}")
    [row] = await links.house.rows("SELECT COUNT(*) AS n FROM sign_in_links WHERE person_id IS NOT NULL")
    assert row["n"] == PERSON_LIMIT


async def test_one_address_asks_for_few_links_whoever_they_are_for(links: Links) -> None:
    for number in range(SOURCE_LIMIT):
        await links.ask(f"nobody-{number}@example.com")
    with pytest.raises(TooMany):
        await links.ask()
    links.house.time.now += LIFE
    await links.ask()


@pytest.mark.parametrize("email", ["ada", "a@b@c", "ada@example.com\r\nBcc: eve@example.com", "a" * 250 + "@x.se"])
async def test_what_is_no_address_is_refused(links: Links, email: str) -> None:
    with pytest.raises(Invalid):
        await links.ask(email)


async def test_where_it_is_not_offered_nothing_is_written(links: Links) -> None:
    with pytest.raises(NotFound):
        await replace(links.asks, offered=False)("ada@example.com", language="en", source="192.0.2.1")
    assert await links.house.rows("SELECT id FROM sign_in_links") == []


async def test_the_mailbox_that_one_organisation_wrote_down_leads_into_none_that_its_person_joined_with_a_key(
    links: Links,
) -> None:
    house = links.house
    ada, other = await house.person("Ada"), await second_org(house)
    await house.change("UPDATE people SET email = 'chosen@evil.example' WHERE id = :id", id=ada.person_id)
    await other.lets_in(ada, "admin")
    await links.ask("chosen@evil.example")
    [row] = await house.rows("SELECT org_id FROM sign_in_links WHERE person_id IS NOT NULL")
    assert row["org_id"] == house.org_id
    # Whoever invited her with that address takes her out: it is good for nothing any more.
    await house.hub.orgs.members.remove(house.owner.credential, house.org_id, ada.person_id, await house.owner.fresh())
    await links.ask("chosen@evil.example")
    # So it is where she made the organisation herself.
    await house.change("UPDATE joinings SET state = 'ended'")
    await house.change("UPDATE orgs SET made_by = :id WHERE id = :org", id=ada.person_id, org=other.org_id)
    await links.ask("chosen@evil.example")
    rows = await house.rows("SELECT org_id FROM sign_in_links WHERE person_id IS NOT NULL")
    assert [row["org_id"] for row in rows] == [house.org_id]
