"""Whom too few channels reach."""

from __future__ import annotations

from collections.abc import Sequence

from approvals_hub.db.database import Tx
from approvals_hub.notifications import reachable
from approvals_hub.notifications.outlets import Outlet, Outlets
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.people.contact import STALE_AFTER, Known
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered
from tests.unit.two_orgs import second_org


async def test_two_working_channels_are_enough_and_one_that_fails_is_none(paged: tuple[StaffedHub, Pager]) -> None:
    house, _ = paged

    async def warned() -> list[tuple[str, list[str]]]:
        return [(few.whom, few.channels) for few in await house.hub.channels.read.warnings(house.operator)]

    assert await warned() == [("approvers", [])]
    ada = await house.person("Ada")
    owner, adas = f"person:{house.owner.person_id}", f"person:{ada.person_id}"
    await registered(house, "to-the-owner")
    await with_beeper(house)
    await at_beeper(house, "to-ada-1", by=ada)
    # Together they are told on two, and each on one.
    assert sorted(await warned()) == sorted([(owner, ["pager"]), (adas, ["beeper"])])
    second = await house.owner.further_device()
    await at_beeper(house, "to-the-owner-too", by=second)
    assert await warned() == [(adas, ["beeper"])]
    assert [few.name for few in await house.hub.channels.read.warnings(house.operator)] == ["Ada"]
    # A device of which nothing was heard for long is no way to reach anybody.
    long_ago = "UPDATE contacts SET registered_at = registered_at - :by WHERE device_id = :device"
    await house.change(long_ago, by=STALE_AFTER, device=second.device_id)
    assert sorted(await warned()) == sorted([(owner, ["pager"]), (adas, ["beeper"])])
    text = f"group: ops\nmembers: [{house.owner.person_id}]\n"
    await house.hub.keep_plans.put(house.operator, "group", "ops", text)
    assert [each for each in await warned() if each[0].startswith("group:")] == [("group:ops", ["pager"])]
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert await warned() == [("approvers", ["pager"]), ("group:ops", ["pager"])]


class Post:
    """Everybody's sealed addresses: those of whom it knows, and none of the others."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.asked: list[str] = []

    async def addresses_in(self, tx: Tx, person_id: str, outlets: Outlets) -> Sequence[Known]:
        self.asked.append(person_id)
        return [Known("x", key, "a@b.example") for key in outlets.mail if person_id in self.known]


async def many(house: StaffedHub, count: int) -> list[str]:
    """So many members who approve, without keys."""
    ids = [f"per_{number:05d}" for number in range(count)]
    await house.hub.db.run(lambda tx: add_in(tx, house.org_id, ids))
    return ids


async def add_in(tx: Tx, org_id: str, ids: list[str]) -> None:
    """As if each had been invited."""
    for person in ids:
        await people.add_person(tx, person_id=person, name=person, email=None, user_handle=person.encode(), at=1)
        await orgs.add_member(tx, org_id=org_id, person_id=person, roles="approver", at=1)


async def test_the_last_of_many_people_who_alone_has_two_channels_is_found_and_the_search_ends_there(
    house: StaffedHub,
) -> None:
    ids = await many(house, 220)
    post, outlets = Post(ids[210]), Outlets(own=(Outlet("mail", "smtp", "mail"), Outlet("post", "smtp", "mail")))

    async def work(tx: Tx) -> list[reachable.FewChannels]:
        return await reachable.few_channels_in(tx, post, outlets, house.org_id, ["mail", "post"], 1)  # type: ignore[arg-type]

    assert await house.hub.db.read(work) == []
    assert post.asked[-1] == ids[210]


async def test_of_many_people_whom_nothing_reaches_the_first_are_named(house: StaffedHub) -> None:
    await many(house, reachable.NAMED + 5)
    post, outlets = Post(), Outlets(own=(Outlet("mail", "smtp", "mail"), Outlet("post", "smtp", "mail")))

    async def work(tx: Tx) -> list[reachable.FewChannels]:
        return await reachable.few_of_people_in(tx, post, outlets, house.org_id, ["mail", "post"], 1)  # type: ignore[arg-type]

    found = await house.hub.db.read(work)
    assert (len(found), found[-1].channels) == (reachable.NAMED, [])
    assert [few.name for few in found] == sorted(few.name or "" for few in found)


async def test_whoever_was_not_looked_at_is_not_warned_about(house: StaffedHub) -> None:
    await many(house, 3)
    post, outlets = Post(), Outlets(own=(Outlet("mail", "smtp", "mail"),))

    async def work(tx: Tx) -> list[reachable.FewChannels]:
        return await reachable.few_channels_in(tx, post, outlets, house.org_id, ["mail"], 1, most=2)  # type: ignore[arg-type]

    assert await house.hub.db.read(work) == []
    assert len(post.asked) == 2


async def test_the_mailbox_of_their_inviter_elsewhere_reaches_nobody_who_joined_with_a_key(house: StaffedHub) -> None:
    other, ada = await second_org(house), await house.person("Ada")
    await other.lets_in(ada, "approver")
    outlets = Outlets(own=(Outlet("mail", "smtp", "mail"), Outlet("post", "smtp", "mail")))

    class Written(Post):
        async def addresses_in(self, tx: Tx, person_id: str, outlets: Outlets) -> Sequence[Known]:
            return [Known(f"mail:{person_id}", key, "a@b.example") for key in outlets.mail if person_id in self.known]

    async def warned(org_id: str) -> list[str]:
        async def work(tx: Tx) -> list[reachable.FewChannels]:
            post = Written(ada.person_id)
            return await reachable.few_channels_in(tx, post, outlets, org_id, ["mail", "post"], 1)  # type: ignore[arg-type]

        return [few.whom for few in await house.hub.db.read(work)]

    assert (await warned(house.org_id), await warned(other.org_id)) == ([], ["approvers"])
