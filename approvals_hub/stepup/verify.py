"""Verifies what a device signed: a device key's signature, or a passkey's assertion."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import COUNTER_REGRESSION, DEVICE_KEY
from approvals_hub.stepup import passkey
from approvals_hub_client.canonical import loads
from approvals_hub_client.keys import BadSignature, VerifyingKey, key_of
from identity.webauthn import BadPasskey, RelyingParty, verify_assertion, warm_up

REMEMBERED = 10_000
"""Device keys kept in memory; one is about a kilobyte."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A device signed these very bytes. Whether it may still do so is for the unit of work to ask."""

    device_id: str
    person_id: str
    kind: str
    key_hash: str
    new_sign_count: int
    """What to keep of a passkey's counter; it never goes back. 0 for device keys."""
    flagged: str | None
    """`counter_regression`, or None."""
    backup_eligible: bool = False
    backed_up: bool = False
    """What a passkey's authenticator signed about copies of the key (WebAuthn Level 3, section 6.1.3)."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The part of a device key that never changes after enrolment."""

    device_id: str
    person_id: str
    key_hash: str
    key: VerifyingKey


@dataclass(slots=True)
class DeviceSignatures:
    """Knows the device keys in use; a passkey is read each time, for its counter."""

    db: Database
    rp: RelyingParty
    _keys: OrderedDict[str, DeviceKey] = field(default_factory=OrderedDict)

    async def check(
        self,
        device_id: str,
        message: bytes,
        signature: bytes | None,
        assertion: dict[str, Any] | None,
        *,
        challenge: bytes | None = None,
    ) -> Verified | HubError:
        """Whether this device signed `message`: a device key by `signature`, a passkey by `assertion`.

        A passkey signs `challenge`, which is the SHA-256 of `message` where none is given. The refusal is the same for
        an unknown device, the wrong kind of proof and a bad one. Known device keys are verified without a database.
        """
        known = self._keys.get(device_id)
        if known is None:

            async def work(tx: Tx) -> Row | None:
                return await people.device(tx, device_id)

            row = await self.db.read(work)
            if row is None:
                return not_signed()
            if row["kind"] != DEVICE_KEY:
                return passkey_asserted(self.rp, row, assertion, challenge or sha256(message).digest())
            known = self._remember(row)
        else:
            self._keys.move_to_end(device_id)
        return _signed(known, message, signature)

    @staticmethod
    def warm_up() -> None:
        """Load what the first passkey needs, off the event loop and before anybody waits for it."""
        warm_up()

    def forget(self, device_id: str) -> None:
        """Drop a revoked device. It could not have signed anything valid: its state is asked for in each unit."""
        self._keys.pop(device_id, None)

    def _remember(self, row: Row) -> DeviceKey:
        known = self._keys[row["id"]] = device_key(row)
        if len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)
        return known


def check_row(
    rp: RelyingParty,
    row: Row,
    message: bytes,
    signature: bytes | None,
    assertion: dict[str, Any] | None,
    *,
    challenge: bytes | None = None,
) -> Verified | HubError:
    """The same as `DeviceSignatures.check` for a device that has been read already."""
    if row["kind"] != DEVICE_KEY:
        return passkey_asserted(rp, row, assertion, challenge or sha256(message).digest())
    return _signed(device_key(row), message, signature)


def device_key(row: Row) -> DeviceKey:
    """The key of a device's row; it was checked when it was enrolled."""
    return DeviceKey(row["id"], row["person_id"], row["key_hash"], key_of(loads(row["jwk"])))


def passkey_asserted(
    rp: RelyingParty, row: Row, assertion: dict[str, Any] | None, challenge: bytes
) -> Verified | HubError:
    """Whether the passkey of this row signed `challenge`, on a page of this hub, with the person verified."""
    if assertion is None:
        return not_signed()
    known = passkey.known(row)
    try:
        found = verify_assertion(rp, assertion, challenge=challenge, known=known)
    except BadPasskey:
        return not_signed()
    return Verified(
        device_id=row["id"],
        person_id=row["person_id"],
        kind=row["kind"],
        key_hash=row["key_hash"],
        new_sign_count=max(found.sign_count, known.sign_count),
        flagged=COUNTER_REGRESSION if found.counter_regressed else None,
        backup_eligible=known.backup_eligible,
        backed_up=found.backed_up,
    )


def not_signed() -> Forbidden:
    """One answer for every signature that is not the device's over these bytes."""
    return Forbidden(
        "invalid_signature",
        "the signature is not this device's over exactly these bytes",
        next_step="Sign again, with the device that is named, what the hub sent.",
    )


def _signed(known: DeviceKey, message: bytes, signature: bytes | None) -> Verified | HubError:
    if signature is None:
        return not_signed()
    try:
        known.key.verify(message, signature)
    except BadSignature:
        return not_signed()
    return Verified(known.device_id, known.person_id, DEVICE_KEY, known.key_hash, 0, None)
