"""Whoever invited compares the six digits on both screens: then the invited person's first key may sign."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import store as people
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.device import ACTIVE, PENDING, TELL_WITHIN, WRONG_DIGITS_LIMIT, Device, device_of
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import refuse_stale_in
from approvals_hub.stepup import store
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.joined import record_joined
from approvals_hub.stepup.let_in import REFUSAL, refuse_alone_in
from approvals_hub.stepup.revoke_device import revoke_device_in


@dataclass(frozen=True, slots=True)
class PendingDevice:
    """A key that waits, with the digits that its own screen shows as well."""

    device_id: str
    person_id: str
    person_name: str
    kind: str
    digits: str = field(repr=False)
    created_at: int


@dataclass(frozen=True, slots=True)
class ListPendingDevices:
    """The keys that wait for an owner or admin."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential | OperatorCredential) -> list[PendingDevice]:
        """List those of the organisation, oldest first. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PendingDevice] | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.INVITE_PEOPLE)
            if isinstance(by, HubError):
                return by
            return [
                PendingDevice(
                    device_id=row["id"],
                    person_id=row["person_id"],
                    person_name=row["person_name"],
                    kind=row["kind"],
                    digits=row["digits"],
                    created_at=row["created_at"],
                )
                for row in await people.pending_devices(tx, by.org_id)
            ]

        return settled(await self.db.read(work, org=credential.org_id))


@dataclass(frozen=True, slots=True)
class ConfirmDevice:
    """Makes a pending device active, for the right digits alone, by somebody who shows that they are there."""

    db: Database
    recorder: Recorder
    fresh: FreshFactor
    clock: Clock

    async def __call__(
        self,
        credential: PersonCredential | OperatorCredential,
        device_id: str,
        digits: str,
        fresh: Fresh | None = None,
    ) -> Device:
        """Confirm. The fifth wrong try revokes the device, so the sixth fails even if it is right.

        A person's word takes a fresh factor: whoever stole a session would invite, compare with themselves and answer.
        Confirming again with an active device answers the same, without. Raises Invalid for wrong digits, NotFound,
        Conflict for a revoked device and for the key of a recovery, Forbidden for one's own device, for an owner's or
        admin's by whoever invited them where publishing takes a second person, and without a fresh factor,
        Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Device | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.INVITE_PEOPLE)
            if isinstance(by, HubError):
                return by
            found = await _device_in(tx, by, device_id)
            if isinstance(found, HubError):
                return found
            await tx.lock("people", found["person_id"])
            return await self._confirm_in(tx, by, credential, device_id, digits, fresh, now)

        # Who is refused here loses the key, which is theirs in every organisation, and so are their sessions.
        return settled(await self.db.run(work))

    async def _confirm_in(
        self,
        tx: Tx,
        by: Acting,
        credential: PersonCredential | OperatorCredential,
        device_id: str,
        digits: str,
        fresh: Fresh | None,
        now: int,
    ) -> Device | HubError:
        row = await people.device(tx, device_id)
        assert row is not None
        if row["state"] == ACTIVE:
            return device_of(row)
        if row["state"] != PENDING:
            return _revoked()
        if row["recovery_id"] is not None:
            await self._record_in(tx, by, row, "recovery_decides", now)
            return _recovery_decides()
        alone = await refuse_alone_in(tx, by, row["person_id"], row["invited_by"])
        if alone is not None:
            await self._record_in(tx, by, row, REFUSAL, now)
            return alone
        stale = await refuse_stale_in(tx, self.fresh, credential, fresh, now)
        if stale is not None:
            await self._record_in(tx, by, row, stale.code, now)
            return stale
        if not hmac.compare_digest(row["digits"].encode(), digits.encode()):
            return await self._wrong_in(tx, by, row, now)
        await people.confirm_device(tx, device_id, by=by.actor_id, at=now)
        await self._record_in(tx, by, row, None, now)
        await record_joined(
            tx,
            self.recorder,
            org_id=by.org_id,
            person_id=row["person_id"],
            by=by.actor_id,
            actor_type=by.actor_type,
            now=now,
        )
        await queue_person(
            tx,
            kind="device.confirmed",
            org_id=by.org_id,
            person_id=row["person_id"],
            at=now,
            until=now + TELL_WITHIN,
        )
        self._publish(tx, by, row)
        confirmed = await people.device(tx, device_id)
        assert confirmed is not None
        return device_of(confirmed)

    async def _wrong_in(self, tx: Tx, by: Acting, row: Row, now: int) -> HubError:
        tries = await store.count_wrong_digits(tx, row["id"])
        await self._record_in(tx, by, row, "digits_wrong", now)
        if tries < WRONG_DIGITS_LIMIT:
            return Invalid(
                "digits_wrong",
                "these are not the digits on the other screen",
                next_step="Compare both screens. If they differ, do not confirm: somebody else may hold the link.",
                field="$.digits",
                extra={"tries_left": WRONG_DIGITS_LIMIT - tries},
            )
        await revoke_device_in(
            tx,
            self.recorder,
            row,
            org_id=by.org_id,
            by=by.actor_id,
            actor_type=by.actor_type,
            cause="wrong_digits",
            now=now,
        )
        # Whoever followed the link is not who was meant: the invitation's session must not try another key.
        await people.end_sessions_of(tx, row["person_id"], at=now)
        self._publish(tx, by, row)
        return _revoked()

    async def _record_in(self, tx: Tx, by: Acting, row: Row, refusal: str | None, now: int) -> None:
        await self.recorder.record(
            tx,
            Event(
                kind="device.confirmed" if refusal is None else "device.refused",
                org_id=by.org_id,
                at=now,
                actor_type=by.actor_type,
                actor_id=by.actor_id,
                decision=refusal,
                detail={"device_id": row["id"], "person_id": row["person_id"], "key_hash": row["key_hash"]},
            ),
        )

    def _publish(self, tx: Tx, by: Acting, row: Row) -> None:
        tx.changed(f"person:{row['person_id']}")
        tx.changed(f"pending:{by.org_id}")


async def _device_in(tx: Tx, by: Acting, device_id: str) -> Row | HubError:
    """A device of somebody else in the same organisation."""
    row = await people.device(tx, device_id)
    if row is None or await orgs.member(tx, by.org_id, row["person_id"]) is None:
        return NotFound("device_unknown", "no such device here", next_step="Look at the list of pending devices.")
    if row["person_id"] == by.actor_id:
        return Forbidden(
            "own_device", "nobody confirms their own device", next_step="Ask another owner or admin to compare."
        )
    return row


def _revoked() -> Conflict:
    return Conflict(
        "device_revoked",
        "this device is revoked; it cannot be confirmed any more",
        next_step="Make a new link for this person, and compare the digits of the new key.",
    )


def _recovery_decides() -> Conflict:
    return Conflict(
        "recovery_decides",
        "this key replaces one that counted: colleagues decide about it, and it waits",
        next_step="See the recovery. Nobody lets such a key in alone.",
    )
