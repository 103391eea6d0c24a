"""Channels live as long as nobody changes them, and are closed when nobody uses them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.own_channels import MOST_KEPT, Made, OwnChannels, Ready, outlets_of_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import with_beeper
from tests.unit.reach_house import Pager


class Workshop:
    """Makes pagers, and remembers which were closed."""

    def __init__(self) -> None:
        self.made: list[Mapping[str, Any]] = []
        self.closed: list[Mapping[str, Any]] = []
        self.prepared: list[str] = []

    def form(self, kind: str) -> type[msgspec.Struct] | None:
        return None

    async def prepare(self, kind: str, settings: Mapping[str, Any]) -> None:
        self.prepared.append(kind)
        await asyncio.sleep(0)

    async def make(self, kind: str, settings: Mapping[str, Any]) -> Made:
        self.made.append(settings)

        async def close() -> None:
            self.closed.append(settings)

        return Made(Pager(), close)


def ready(revision: str, key: str = "org_1/beeper") -> Ready:
    return Ready(key, revision, "pager", {"revision": revision, "key": key})


async def test_a_channel_is_made_once_and_anew_when_it_was_changed() -> None:
    workshop = Workshop()
    own = OwnChannels(Vault({}), workshop)  # type: ignore[arg-type]  # no key is needed
    async with own.lent(ready("1")) as first:
        async with own.lent(ready("1")) as same:
            assert same is first
        async with own.lent(ready("2")) as second:
            assert second is not first
        assert workshop.closed == []
    assert [each["revision"] for each in workshop.closed] == ["1"]
    await own.close()
    assert [each["revision"] for each in workshop.closed] == ["1", "2"]


async def test_two_who_want_a_channel_while_it_is_prepared_make_it_once() -> None:
    workshop = Workshop()
    own = OwnChannels(Vault({}), workshop)  # type: ignore[arg-type]  # no key is needed

    async def lent() -> object:
        async with own.lent(ready("1")) as channel:
            return channel

    one, other = await asyncio.gather(lent(), lent())
    assert one is other
    assert (len(workshop.made), workshop.prepared) == (1, ["pager", "pager"])
    async with own.tried("pager", {}):
        assert len(workshop.prepared) == 3


async def test_only_so_many_are_kept_that_nobody_uses() -> None:
    workshop = Workshop()
    own = OwnChannels(Vault({}), workshop)  # type: ignore[arg-type]  # no key is needed
    for number in range(MOST_KEPT + 5):
        async with own.lent(ready("1", f"org_{number}/beeper")):
            pass
    assert len(workshop.closed) == 5


def test_rooms_have_an_address_of_their_own_and_nothing_of_it_is_printed() -> None:
    hook = Ready("k", "1", "webhook", {"url": "https://a.example/x", "secrets": ["whsec_a"]})
    assert hook.address == '{"url":"https://a.example/x","secrets":["whsec_a"]}'
    assert Ready("k", "1", "slack", {"url": "https://hooks.slack.com/1"}).address == "https://hooks.slack.com/1"
    assert ready("1").address is None
    assert "example" not in repr(hook)


async def test_a_stored_channel_opens_with_its_organisations_key_alone(paged: tuple[StaffedHub, Pager]) -> None:
    house, _ = paged
    await with_beeper(house, server="beeper.example")
    own = house.hub.push_addresses.book.own

    async def work(tx: Tx) -> tuple[Any, list[str]]:
        [row] = await tx.rows("SELECT * FROM channels")
        return (await own.read_in(tx, row)).settings, [each.key for each in await outlets_of_in(tx, house.org_id)]

    assert await house.hub.db.read(work) == ({"server": "beeper.example"}, [f"{house.org_id}/beeper"])
