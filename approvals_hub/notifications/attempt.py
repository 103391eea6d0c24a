"""What became of one attempt to tell somebody, written down: the log's line, the telling, the address."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Row, Tx
from approvals_hub.notifications import delivery_store as log
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.compose import Subject
from approvals_hub.notifications.gone import gone_in
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.outbox import queue_again
from approvals_hub.notifications.outlets import name_of
from approvals_hub.notifications.own_channels import Ready
from approvals_hub.notifications.retry import next_try
from approvals_hub.notifications.seal import SealTo
from approvals_hub.notifications.telling import FAILED, OPENED, SENT
from approvals_hub.notifications.words import CHANNEL_REFUSED
from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater

LONGEST_SAID = 200
"""Characters of what a provider said."""
SETTINGS, REFUSED = "settings", "refused"
"""Words of the delivery log: the vendor refuses whoever is told, or this address because of the settings."""
ALARM_AGAIN_AFTER = DAY
"""How long after admins were told that a channel is refused it is no news, in milliseconds."""
UNSAVED = 0
"""The number of an attempt that tried values which were not saved."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A telling that this process has claimed."""

    row: Row
    recipient: str
    """Masked."""
    language: str
    address: str = field(repr=False)
    subject: Subject
    contact: Row | None = None
    """None where a room is told."""
    ready: Ready | None = field(default=None, repr=False)
    """The organisation's own channel, as it stands now; None for one of the settings."""

    def seal_to(self, audience: str) -> SealTo | None:
        """The device that opens what is sealed to it; `audience` is the hub's public URL."""
        contact = self.contact
        if contact is None or contact["device_id"] is None or contact["seal_key"] is None:
            return None
        return SealTo(audience, contact["device_id"], bytes(contact["seal_key"]))


async def attempt_in(tx: Tx, recorder: Recorder, attempt: Attempt, result: Delivery, *, latency: int, at: int) -> None:
    """Write it down: sent, tried again later, or never to arrive; `latency` in milliseconds."""
    row = attempt.row
    provider_id = result.id if isinstance(result, Delivered) else None
    await store.keep_attempt(
        tx,
        id=new_id("dlv"),
        org_id=row["org_id"],
        telling_id=row["id"],
        escalation_id=row["escalation_id"],
        person_id=row["person_id"],
        at=at,
        channel=row["channel"],
        recipient=attempt.recipient,
        attempt=row["attempts"],
        status=status_of(result),
        provider_id=provider_id,
        latency_ms=latency,
        said=None if isinstance(result, Delivered) else result.why[:LONGEST_SAID],
    )
    if isinstance(result, Delivered):
        await store.settle(tx, row["id"], state=SENT, provider_id=provider_id, at=at)
        return
    if isinstance(result, TryLater):
        again = next_try(attempts=row["attempts"], after=result.after, now=at, until=row["expires_at"])
        if again is not None:
            await store.try_again(tx, row["id"], attempts=row["attempts"], at=again)
            return
    contact = attempt.contact
    if isinstance(result, AddressGone) and contact is not None:
        await gone_in(tx, recorder, org_id=row["org_id"], contact=contact, at=at)
    await store.settle(tx, row["id"], state=FAILED, provider_id=None, at=at)
    if await _is_alarm_in(tx, row, status_of(result)):
        await alarm_in(tx, row["org_id"], name_of(row["channel"]), at=at)
    if row["kind"] == OPENED and contact is not None:
        await queue_again(tx, escalation_id=row["escalation_id"], at=at)


async def _is_alarm_in(tx: Tx, row: Row, status: str) -> bool:
    """Whether a failure says that the settings are wrong, and no address that somebody made up."""
    if status != REFUSED:
        return status == SETTINGS
    since = await log.last_success(tx, row["org_id"], row["channel"])
    return await log.refuses_everybody(tx, row["org_id"], row["channel"], since or 0)


async def alarm_in(tx: Tx, org_id: str, channel: str, *, at: int) -> None:
    """Owners and admins hear that the vendor refuses a channel whoever is told, once a day: whoever has no other hears
    of nothing."""
    # Of many that fail at once, one is news.
    await tx.lock("orgs", org_id)
    await add_notice_in(
        tx, org_id=org_id, kind=CHANNEL_REFUSED, subject_id=channel, by_id=None, at=at, once_in=ALARM_AGAIN_AFTER
    )


def status_of(result: Delivery) -> str:
    """One word for the delivery log."""
    if isinstance(result, Delivered):
        return "delivered"
    if isinstance(result, AddressGone):
        return "gone"
    if isinstance(result, Failed):
        if result.cause is Cause.SETTINGS:
            return REFUSED if result.of_address else SETTINGS
        return "permanent"
    return "later"
