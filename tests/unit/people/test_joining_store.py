"""Whom an address leads to."""

from __future__ import annotations

from typing import Any

from approvals_hub.people import joining_store as joining
from tests.unit.hub_fixture import StaffedHub


async def address(house: StaffedHub, person_id: str, email: str) -> None:
    await house.change("UPDATE people SET email = :email WHERE id = :id", email=email, id=person_id)


async def reader(house: StaffedHub, email: str) -> Any:
    row = await house.hub.db.read(lambda tx: joining.reader_of(tx, email))
    return None if row is None else row["id"]


async def test_a_link_is_for_who_showed_to_read_the_address_before_who_was_here_first(house: StaffedHub) -> None:
    ada = await house.person()
    for person_id in (house.owner.person_id, ada.person_id):
        await address(house, person_id, "Ada@Example.com")
    assert await reader(house, "ada@example.com") == house.owner.person_id
    await house.hub.db.run(lambda tx: joining.verify_email(tx, ada.person_id, "ADA@example.com", at=5))
    assert await reader(house, "ada@example.COM") == ada.person_id


async def test_a_link_is_for_nobody_who_is_disabled_or_in_no_organisation(house: StaffedHub) -> None:
    await address(house, house.owner.person_id, "ada@example.com")
    await house.change("UPDATE memberships SET removed_at = 1")
    assert await reader(house, "ada@example.com") is None
    await house.change("UPDATE memberships SET removed_at = NULL")
    await house.change("UPDATE people SET state = 'disabled'")
    assert await reader(house, "ada@example.com") is None


async def test_only_the_present_address_is_marked_as_read_and_once(house: StaffedHub) -> None:
    me = house.owner.person_id
    await address(house, me, "new@example.com")

    async def verify(email: str) -> bool:
        return await house.hub.db.run(lambda tx: joining.verify_email(tx, me, email, at=5))

    assert [await verify("old@example.com"), await verify("new@example.com"), await verify("new@example.com")] == [
        False,
        True,
        False,
    ]


async def test_members_are_found_by_address_with_the_keys_that_they_ever_had(house: StaffedHub) -> None:
    await address(house, house.owner.person_id, "ada@example.com")

    async def found(org_id: str) -> list[Any]:
        rows = await house.hub.db.read(lambda tx: joining.members_with_email(tx, org_id, "ADA@example.com"))
        return [(row["id"], row["ever"]) for row in rows]

    assert await found(house.org_id) == [(house.owner.person_id, 1)]
    assert await found("org_other") == []


async def test_a_key_that_was_revoked_was_one_and_a_key_that_never_counted_was_none(house: StaffedHub) -> None:
    async def ever() -> bool:
        return await house.hub.db.read(lambda tx: joining.ever_had_key(tx, house.owner.person_id))

    await house.change("UPDATE devices SET state = 'revoked'")
    assert await ever()
    await house.change("UPDATE devices SET confirmed_at = NULL")
    assert not await ever()
