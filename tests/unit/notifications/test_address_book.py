"""Proven addresses become contacts. That they are told: tests/flows/test_reach.py."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.people.contact import Known
from notify.message import Mail
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager


class Letters(Pager):
    name = "letters"
    takes = Mail  # type: ignore[assignment]  # what a pager takes, this takes by mail


class Proven:
    """Somebody's addresses, as a test says."""

    def __init__(self) -> None:
        self.known: list[Known] = []

    async def addresses_in(self, tx: Tx, person_id: str, outlets: Outlets) -> list[Known]:
        return self.known


async def test_a_proven_address_is_a_contact_as_long_as_it_is_theirs(house: StaffedHub) -> None:
    vault: Vault = house.hub.vault
    proven, person = Proven(), house.owner.person_id
    outlets = Outlets({"mail": Letters()})
    own: Any = None  # nothing of it is needed here
    book = AddressBook(outlets, own, vault, proven)

    async def masked() -> list[str]:
        async def work(tx: Tx) -> None:
            await book.complete_in(tx, outlets, [person], 5)

        await house.hub.db.run(work)
        rows = await house.rows("SELECT masked FROM contacts WHERE gone_at IS NULL ORDER BY id")
        return [row["masked"] for row in rows]

    proven.known = [Known("fac_1", "mail", "ada@example.com")]
    assert await masked() == await masked() == ["…om"]
    proven.known = []
    assert await masked() == []
    proven.known = [Known("fac_2", "mail", "ada@example.se")]
    assert await masked() == ["…se"]
