"""Whom an organisation's own provider lets in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_way import MAPPED
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import SignIns


def company(house: StaffedHub) -> SignIns:
    return SignIns(house, way={"org_id": house.org_id, "roles": {"it": frozenset({"developer"})}, "join": MAPPED})


EVA: dict[str, Any] = {
    "subject": "eva",
    "claims": {"email": "eva@example.com", "email_verified": True, "name": "Eva", "groups": ["it"]},
}


async def test_two_pages_of_one_new_person_at_once_make_one_member(house: StaffedHub) -> None:
    ins = company(house)
    results = await asyncio.gather(*(ins.sign_in(**EVA) for _ in range(4)))
    assert len({result.person_id for result in results if isinstance(result, SignedIn)}) == 1
    [row] = await house.rows("SELECT COUNT(*) AS n FROM people")
    assert row["n"] == 2


async def test_a_name_that_cannot_be_shown_is_replaced(house: StaffedHub) -> None:
    ins = company(house)
    signed_in = await ins.sign_in(subject="x", claims={"name": "\x1b[2J", "groups": ["it"]})
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.person_name, signed_in.person_email) == ("New member", None)


async def test_two_members_with_one_address_are_nobody(house: StaffedHub) -> None:
    ins = company(house)
    for _ in range(2):
        await house.person()
    await house.change("UPDATE people SET email = 'eva@example.com'")
    with pytest.raises(Unauthenticated):
        await ins.sign_in(**EVA)


async def test_somebody_who_was_removed_does_not_join_again_by_a_group(house: StaffedHub) -> None:
    ins = company(house)
    signed_in = await ins.sign_in(**EVA)
    assert isinstance(signed_in, SignedIn)
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=signed_in.person_id)
    with pytest.raises(Unauthenticated):
        await ins.sign_in(**EVA)


async def test_the_news_of_the_linked_account_is_queued_for_its_person(house: StaffedHub) -> None:
    signed_in = await company(house).sign_in(**EVA)
    assert isinstance(signed_in, SignedIn)
    rows = await house.rows("SELECT kind FROM outbox WHERE person_id = :id", id=signed_in.person_id)
    assert {row["kind"] for row in rows} == {"factor.added", "session.new"}
