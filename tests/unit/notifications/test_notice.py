"""A notice stands in the list and goes out to the admins' addresses."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.clock import HOUR
from approvals_hub.db.database import Tx
from approvals_hub.notifications.notice import add_notice_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered


async def noticed(house: StaffedHub, **changes: Any) -> list[str]:
    """Who is told of a notice."""

    async def work(tx: Tx) -> None:
        members = {"kind": "codes_guessed", "subject_id": "per_x", "by_id": None, "at": house.time.now, **changes}
        await add_notice_in(tx, org_id=house.org_id, **members)

    await house.hub.db.run(work, org=house.org_id)
    rows = await house.rows("SELECT person_id FROM outbox WHERE kind LIKE 'admin.%' ORDER BY person_id")
    return [row["person_id"] for row in rows]


async def test_owners_and_admins_are_told_and_nobody_else(house: StaffedHub) -> None:
    admin = await house.person("Dan", "admin")
    for role in ("approver", "auditor", "developer"):
        await house.person(role.title(), role)
    gone = await house.person("Eve", "admin")
    await house.hub.govern.set_person_state(house.operator, house.org_id, gone.person_id, "disabled")
    await house.change("DELETE FROM outbox")
    assert await noticed(house) == sorted([house.owner.person_id, admin.person_id])


async def test_whoever_did_it_or_hears_of_it_otherwise_is_told_nothing_more(house: StaffedHub) -> None:
    admin = await house.person("Dan", "admin")
    await house.change("DELETE FROM outbox")
    assert await noticed(house, by_id=admin.person_id, told=[house.owner.person_id]) == []


async def test_what_an_attacker_can_repeat_mails_the_admins_once_an_hour(house: StaffedHub) -> None:
    await house.change("DELETE FROM outbox")
    for later, told in ((0, 1), (1, 1), (HOUR - 2, 1), (2, 2)):
        house.time.now += later
        assert len(await noticed(house, once_in=HOUR)) == told, later


async def test_a_notice_reaches_an_admins_address_with_a_link_to_the_list_and_no_name(
    paged: tuple[StaffedHub, Pager],
) -> None:
    house, pager = paged
    await registered(house, "owners-pager")
    await house.change("DELETE FROM outbox")
    await noticed(house)
    await house.hub.reach.settled()
    [(_, said)] = pager.took
    assert (said.title, said.link) == ("Somebody guesses a member's codes", "https://hub.example/app/notices")
