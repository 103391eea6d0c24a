"""Which ways of proving who one is are enough for a question, and open to this person: easiest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain.assurance import (
    SIGNED,
    Assurance,
    Evidence,
    combined,
    copies_of,
    named,
    of_device,
    takes_passkey,
)
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.eligible import refuse_unasked
from approvals_hub.escalations.place import readable_in
from approvals_hub.escalations.refusals import unknown
from approvals_hub.people import store as people
from approvals_hub.people.device import PASSKEY
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.methods import WEBAUTHN, Methods

EASIEST_FIRST = (WEBAUTHN, "bankid", "freja", "totp", "email_otp", "sms_otp")
"""A touch before an app, an app before copying digits. Others follow in the order of the settings."""
NEEDS_MEMORY_OR_COPYING = frozenset({"totp", "email_otp", "sms_otp", "recovery_codes"})
"""Cognitive function tests (WCAG 2.2, 3.3.8): never the only way where another exists."""
NOT_FOR_DECISIONS = frozenset({"recovery_codes"})


class Way(msgspec.Struct, frozen=True):
    """One way. `linked`: the person can take it now; otherwise they link it first."""

    method: str
    name: str
    """As policies and tokens call it."""
    linked: bool
    copies: bool
    """Whether a code has to be remembered or copied."""


class Offer(msgspec.Struct, frozen=True):
    """What a question asks of the person with one of their devices."""

    needed: bool
    """Whether the device's own signature is not enough."""
    ways: list[Way]
    min_assurance: str
    methods: list[str]
    fresh_within: int | None
    passkeys: str
    """Which passkeys count."""


@dataclass(frozen=True, slots=True)
class OfferStepUps:
    """Reads; begins nothing."""

    db: Database
    methods: Methods
    clock: Clock

    async def __call__(self, credential: PersonCredential, escalation_id: str, device_id: str) -> Offer:
        """The ways for a signature by this device of theirs. Raises NotFound, Forbidden for whoever is not asked."""
        now = self.clock.now()

        async def work(tx: Tx) -> Offer | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            escalation = await escalations.find(tx, escalation_id)
            place = None if escalation is None else await readable_in(tx, session, escalation, now)
            if escalation is None or place is None:
                return unknown()
            refusal = refuse_unasked(place, escalation.stage)
            if refusal is not None:
                return refusal
            device = await people.device(tx, device_id)
            if device is None or device["person_id"] != session.person_id:
                return NotFound("device_unknown", "no such device of yours", next_step="Look at the list of devices.")
            linked = {row["method"] for row in await factor_store.of_person(tx, session.person_id)}
            devices = await people.active_devices(tx, session.person_id)
            asked = escalation.asked()
            if any(row["kind"] == PASSKEY and takes_passkey(asked.passkeys, copies_in(row)) for row in devices):
                linked.add(WEBAUTHN)
            return self.offer(asked, worth_of(asked, device), linked)

        return settled(await self.db.read(work, org=credential.org_id))

    def offer(self, asked: Requirement, device: Assurance, linked: set[str]) -> Offer:
        """The same, from what is known. Pure."""
        enough = asked.satisfied_by(device.acr, device.methods)
        ways = [
            Way(method, named(method), method in linked, method in NEEDS_MEMORY_OR_COPYING)
            for method in easiest_first(self.methods.for_decisions())
            if method not in NOT_FOR_DECISIONS and would_satisfy(asked, device, method)
        ]
        return Offer(
            needed=not enough,
            ways=[] if enough else ways,
            min_assurance=asked.min_assurance,
            methods=list(asked.methods),
            fresh_within=asked.fresh_within,
            passkeys=asked.passkeys,
        )


def easiest_first(methods: Iterable[str]) -> list[str]:
    """Providers' names in the order in which people are offered them."""
    order = {method: place for place, method in enumerate(EASIEST_FIRST)}
    return sorted(methods, key=lambda name: order.get(name, len(order)))


def copies_in(row: Row) -> str | None:
    """What is known of copies of a device's key: None for one that is no passkey."""
    if row["kind"] != PASSKEY:
        return None
    return copies_of(backup_eligible=bool(row["backup_eligible"]), backed_up=bool(row["backed_up"]))


def worth_of(requirement: Requirement, device: Row) -> Assurance:
    """What a signature of this device is worth here, by what its authenticator said last."""
    return of_device(device["kind"], copies_in(device), requirement.passkeys)


def would_satisfy(requirement: Requirement, device: Assurance, method: str) -> bool:
    """Whether a device's signature, worth this, with a proof of this method, can be enough.

    A provider that reports levels itself may report the highest: what it reported is judged when it has.
    """
    if method in NOT_FOR_DECISIONS:
        return False
    best = combined(device, [Evidence(method, (), SIGNED, "HIGH")])
    return requirement.satisfied_by(best.acr, best.methods)
