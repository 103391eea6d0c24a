"""Whoever asks learns nothing from how long it takes: the same work for people who are here and for who are not.

Only a link by mail takes something that a stranger can say of somebody else, an address. Everything else begins with a
secret of 256 random bits, or with what its own holder proved.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.core.ids import new_secret
from approvals_hub.stepup.recover_by_code import CodeGiven
from approvals_hub.stepup.sign_in_link import PERSON_LIMIT
from tests.fakes.lost_keys import ELSEWHERE, lost_phone
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import SignIns
from tests.unit.stepup.links import ADA, Links
from tests.unit.work_done import OPENS, Watched

ABOUT_PEOPLE = ("people", "memberships", "factors", "devices", "expected_factors")


@pytest.fixture
def watched(house: StaffedHub) -> Watched:
    return Watched(house.hub.db)


@pytest.fixture
async def links(house: StaffedHub, watched: Watched) -> Links:
    links = Links(house)
    await links.settle()
    links.asks = replace(links.asks, db=watched)
    return links


def statements(work: list[str]) -> list[str]:
    """The SQL of it."""
    return [step for step in work if step.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]


async def test_a_link_costs_the_same_statements_and_hashes_for_an_address_that_nobody_has(
    links: Links, watched: Watched
) -> None:
    known = await watched.work_of(lambda: links.ask(ADA, "192.0.2.1"))
    unknown = await watched.work_of(lambda: links.ask("nobody@example.com", "192.0.2.2"))
    assert known == unknown
    assert [step.split()[0] for step in statements(known)] == ["SELECT"] * 4 + ["INSERT"]
    assert {"hmac_digest", "openssl_sha256"} <= set(known)


async def test_a_link_costs_the_same_for_who_was_disabled_and_for_who_asked_too_often(
    links: Links, watched: Watched
) -> None:
    house = links.house
    known = await watched.work_of(lambda: links.ask(ADA, "192.0.2.1"))
    for number in range(PERSON_LIMIT):
        await links.ask(source=f"192.0.2.{10 + number}")
    assert await watched.work_of(lambda: links.ask(ADA, "192.0.2.2")) == known
    await house.change("UPDATE people SET state = 'disabled' WHERE email = :email", email=ADA)
    assert await watched.work_of(lambda: links.ask(ADA, "192.0.2.3")) == known


async def test_beginning_to_sign_in_with_an_eid_looks_at_nobody(house: StaffedHub, watched: Watched) -> None:
    ins = SignIns(house)
    ins.begin_sign_in = replace(ins.begin_sign_in, db=watched)
    words = {word for step in statements(await watched.work_of(ins.begin)) for word in step.split()}
    assert "sign_ins" in words
    assert words.isdisjoint(ABOUT_PEOPLE)


async def test_an_account_that_is_nobodys_here_costs_the_same_however_many_people_there_are(
    house: StaffedHub, watched: Watched
) -> None:
    ins = SignIns(house)
    ins.complete = replace(ins.complete, db=watched)

    async def refused() -> list[str]:
        begun = await ins.begin()

        async def answer() -> None:
            with pytest.raises(Unauthenticated):
                await ins.answer(begun, {"subject": "stranger"})

        return await watched.work_of(answer)

    empty = await refused()
    await ins.link((await house.person("Ada")).person_id, "ada")
    assert await refused() == empty


async def test_an_unknown_refresh_token_costs_one_look_that_names_nobody(house: StaffedHub, watched: Watched) -> None:
    renew = replace(house.hub.renew_session, db=watched)

    async def guess() -> None:
        with pytest.raises(Unauthenticated):
            await renew(new_secret("rft"))

    first = await watched.work_of(guess)
    await house.person("Ada")
    assert await watched.work_of(guess) == first
    [statement] = statements(first)
    assert "WHERE r.token_hash = :hash" in statement


async def test_a_wrong_recovery_code_costs_the_same_for_who_has_codes_who_has_none_and_who_is_not_here(
    house: StaffedHub, watched: Watched
) -> None:
    lost = await lost_phone(house)
    [used, *_] = await lost.codes()
    await lost.by_code(used)
    recover = replace(house.hub.recover_by_code, db=watched)

    async def work(**who: str) -> list[str]:
        async def attempt() -> None:
            with pytest.raises(Unauthenticated):
                await recover(CodeGiven("0000-0000-0000-0000", **who), ELSEWHERE, source="192.0.2.1")

        return await watched.work_of(attempt)

    await work(email="somebody@example.com")
    by_address = await work(email="ada@example.com")
    assert await work(email="nobody@example.com") == by_address
    # The person's or the hub's own key is opened, and with it the record; the code is compared with each of ten.
    assert (by_address.count(OPENS), by_address.count("compare_digest")) == (2, 10)
    by_id = await work(person_id=lost.ada.person_id)
    assert await work(person_id=lost.bo.person_id) == by_id
    assert await work(person_id="per_unknown") == by_id


async def test_what_is_counted_tells_one_way_from_another(house: StaffedHub, links: Links, watched: Watched) -> None:
    ins = SignIns(house)
    ins.begin_sign_in = replace(ins.begin_sign_in, db=watched)
    assert await watched.work_of(ins.begin) != await watched.work_of(links.ask)
