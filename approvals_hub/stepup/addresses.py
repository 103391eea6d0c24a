"""The addresses that people proved to be theirs: linked ways to get codes, and a mail address that they read."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import HUB, Vault
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.people import joining_store
from approvals_hub.people.contact import Known
from approvals_hub.stepup.methods import Methods

MAIL, SMS = "email_otp", "sms_otp"


@dataclass(frozen=True, slots=True)
class ProvenAddresses:
    """Reads them where they lie sealed; nothing is asked of anybody."""

    methods: Methods
    vault: Vault

    async def addresses_in(self, tx: Tx, person_id: str, outlets: Outlets) -> list[Known]:
        """Those of one person for these channels. One that is linked and verified too is told once."""
        found: list[Known] = []
        if outlets.mail:
            mail = await self._mail_in(tx, person_id)
            found += [Known(source, channel, address) for channel in outlets.mail for source, address in mail]
        if outlets.sms:
            sms = await self._linked_in(tx, person_id, SMS)
            found += [Known(source, channel, address) for channel in outlets.sms for source, address in sms]
        return found

    async def _mail_in(self, tx: Tx, person_id: str) -> list[tuple[str, str]]:
        linked = await self._linked_in(tx, person_id, MAIL)
        email = await joining_store.verified_email(tx, person_id)
        if email is None or email.lower() in {address.lower() for _, address in linked}:
            return linked
        mark = await self.vault.keyed_in(tx, HUB, "mail", email.lower().encode())
        return [*linked, (f"mail:{mark.hex()[:32]}", email)]

    async def _linked_in(self, tx: Tx, person_id: str, method: str) -> list[tuple[str, str]]:
        """The confirmed address of one way to get codes; also where this hub sends none any more."""
        held = await self.methods.held_in(tx, person_id, method)
        if held is None or held.factor_id is None:
            return []
        address, confirmed = held.factor.data.get("address"), held.factor.data.get("confirmed_at")
        return [(held.factor_id, address)] if isinstance(address, str) and confirmed is not None else []
