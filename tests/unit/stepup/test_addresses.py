"""Addresses that people proved to be theirs. Linked ones over the wire: tests/flows/test_reach.py."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.people.contact import Known
from approvals_hub.stepup.addresses import ProvenAddresses
from notify.message import Mail
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager


class Letters(Pager):
    name = "letters"
    takes = Mail  # type: ignore[assignment]  # a pager that takes letters


async def found(house: StaffedHub) -> list[Known]:
    addresses = ProvenAddresses(house.hub.factors.methods, house.hub.vault)

    async def work(tx: Tx) -> list[Known]:
        return await addresses.addresses_in(tx, house.owner.person_id, Outlets({"mail": Letters()}))

    return await house.hub.db.read(work)


async def test_a_mail_address_counts_once_its_person_showed_to_read_it(house: StaffedHub) -> None:
    await house.change("UPDATE people SET email = 'ada@example.com' WHERE id = :id", id=house.owner.person_id)
    assert await found(house) == []
    await house.change("UPDATE people SET email_verified_at = 1 WHERE id = :id", id=house.owner.person_id)
    [known] = await found(house)
    assert (known.channel, known.address, "ada" in known.source) == ("mail", "ada@example.com", False)
