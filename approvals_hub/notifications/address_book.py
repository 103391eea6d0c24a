"""Where people are told: what they proved to be theirs becomes a contact, beside their devices' addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.outlets import MAIL, Outlets
from approvals_hub.notifications.own_channels import OwnChannels, outlets_of_in
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.contact import LANGUAGES, Known
from notify import mail_address, telephone

CONTEXT = "contact:"
"""A sealed address opens as this contact's alone."""


class Addresses(Protocol):
    """Knows the addresses that people proved to be theirs."""

    async def addresses_in(self, tx: Tx, person_id: str, outlets: Outlets) -> list[Known]:
        """Those of one person, for these channels."""


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Reads and completes people's contacts."""

    settings: Outlets
    """The channels of the settings."""
    own: OwnChannels
    """Those that organisations set up."""
    vault: Vault
    addresses: Addresses

    async def outlets_in(self, tx: Tx, org_id: str) -> Outlets:
        """The channels that an organisation's people are told on, as they are now."""
        return self.settings.beside([] if self.own.off else await outlets_of_in(tx, org_id))

    async def names_in(self, tx: Tx, org_id: str) -> tuple[str, ...]:
        """The same, as routes name them."""
        return tuple(each.name for each in (await self.outlets_in(tx, org_id)).by_key.values())

    async def complete_in(self, tx: Tx, outlets: Outlets, people: Sequence[str], now: int) -> None:
        """Make contacts of addresses that are new, and end those of addresses that are not theirs any more."""
        if not outlets.mail and not outlets.sms:
            return
        own = [*outlets.mail, *outlets.sms]
        for person_id in people:
            known = await self.addresses.addresses_in(tx, person_id, outlets)
            there = await contacts.sources(tx, person_id)
            await contacts.end_sources(tx, person_id, channels=own, but=[each.source for each in known], at=now)
            for each in known:
                if (each.channel, each.source) not in there:
                    await self._add_in(tx, outlets, person_id, each, now)

    async def _add_in(self, tx: Tx, outlets: Outlets, person_id: str, known: Known, now: int) -> None:
        contact_id = new_id("con")
        languages = [row["language"] for row in await contacts.of_devices(tx, person_id)]
        await contacts.add(
            tx,
            contact_id=contact_id,
            person_id=person_id,
            channel=known.channel,
            source=known.source,
            device_id=None,
            address=await self.vault.seal_in(tx, person_id, known.address.encode(), CONTEXT + contact_id),
            address_hash=None,
            masked=self.masked(outlets, known),
            language=languages[-1] if languages else LANGUAGES[0],
            at=now,
        )

    def masked(self, outlets: Outlets, known: Known) -> str:
        """As much of an address as its owner needs to know it again."""
        if known.channel in outlets.channels:
            return outlets.channels[known.channel].masked(known.address)
        takes_mail = outlets.by_key[known.channel].takes == MAIL
        return mail_address.masked(known.address) if takes_mail else telephone.masked(known.address)
