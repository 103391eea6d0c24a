"""A hub without HTTP that has one channel of an installed package, whose vendor lives in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from approvals_hub.notifications.push_address import SealKey
from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_address_here, bad_settings
from notify.message import Notice
from tests.fakes.step_up_plugin.installed import with_entry_points
from tests.fakes.tls import Authority
from tests.unit.hub_fixture import Person, StaffedHub, staffed_hub

AUTHORITY = Authority()
SPEAKS: dict[str, Delivery] = {
    "gone": AddressGone("nobody is there"),
    "later": TryLater(30.0, "busy"),
    "refused": bad_settings("who are you"),
    "madeup": bad_address_here("no such token"),
}


class Pager:
    """Takes notices; an address that begins with a word of `SPEAKS` is answered so."""

    name = "pager"
    takes = Notice

    def __init__(self) -> None:
        self.took: list[tuple[str, Notice]] = []
        self.speaks = asyncio.Event()
        """While it is not set, nobody is answered."""
        self.speaks.set()

    async def send(self, address: str, message: Notice) -> Delivery:
        self.took.append((address, message))
        await self.speaks.wait()
        return SPEAKS.get(address.partition("-")[0], Delivered(f"id-{len(self.took)}"))

    def masked(self, address: str) -> str:
        return f"…{address[-2:]}" if len(address) > 4 else "…"

    async def close(self) -> None:
        """Nothing is open."""


def make(settings: object, given: object) -> Pager:
    """What the entry point names."""
    return Pager()


@asynccontextmanager
async def paged_hub(
    database: Path | str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[StaffedHub, Pager]]:
    """The hub, and what its pager took."""
    packages = folder / "packages"
    packages.mkdir()
    with_entry_points(packages, "pager", {"pager": "tests.unit.reach_house:make"}, group="approvals_hub.channel")
    monkeypatch.syspath_prepend(packages)
    # To read all whom this machine trusts takes longer than most tests, and each channel of a package reads for itself.
    (folder / "ca.pem").write_text(AUTHORITY.pem())
    async with staffed_hub(database, folder, channels={"pager": {"kind": "pager", "ca_file": "ca.pem"}}) as house:
        pager = house.hub.reach.dispatch.book.settings.channels["pager"]
        assert isinstance(pager, Pager)
        # What it was set up with is no news here.
        await house.change("DELETE FROM outbox")
        yield house, pager


async def registered(house: StaffedHub, address: str, *, by: Person | None = None, seal: SealKey | None = None) -> None:
    """The owner's device, or another's, has this address."""
    who = by or house.owner
    await house.hub.push_addresses.set(
        who.credential, who.device_id, channel="pager", address=address, language=None, seal=seal
    )
    await house.hub.reach.settled()


__all__ = ["Pager", "paged_hub", "registered"]
