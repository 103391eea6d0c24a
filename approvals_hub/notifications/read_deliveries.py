"""Shows the delivery log of an organisation: every attempt to tell somebody, with what the provider said."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import delivery_store as store
from approvals_hub.notifications.channel import said_of_operators
from approvals_hub.notifications.outlets import key_of, name_of, org_of
from approvals_hub.notifications.telling import NOBODY
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which attempts; times in milliseconds, from the first on and before the second."""

    escalation_id: str | None = None
    person_id: str | None = None
    channel: str | None = None
    status: str | None = None
    since: int | None = None
    until: int | None = None


class Tried(msgspec.Struct, frozen=True):
    """One attempt, the `attempt`th of its telling. The recipient is masked; no person where a room was told."""

    delivery_id: str
    at: int
    telling_id: str
    escalation_id: str | None
    person_id: str | None
    channel: str
    recipient: str
    attempt: int
    status: str
    provider_id: str | None
    latency_ms: int
    said: str | None


@dataclass(frozen=True, slots=True)
class ReadDeliveries:
    """Newest first, by cursor: `before` is the id of the last one seen."""

    db: Database
    clock: Clock

    async def __call__(
        self,
        reader: PersonCredential | OperatorCredential,
        wanted: Wanted,
        *,
        before: str | None = None,
        limit: int = 100,
    ) -> list[Tried]:
        """At most `limit`. Raises Unauthenticated, Forbidden without a role that reads them."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Tried] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_DELIVERIES)
            if isinstance(who, HubError):
                return who
            name = wanted.channel
            rows = await store.page(
                tx,
                org_id=who.org_id,
                escalation_id=wanted.escalation_id,
                person_id=wanted.person_id,
                channels=None if name is None else (name, key_of(who.org_id, name)),
                status=wanted.status,
                since=wanted.since,
                until=wanted.until,
                before=before,
                limit=limit,
            )
            is_operator = isinstance(reader, OperatorCredential)
            return [_tried(row, is_operator=is_operator) for row in rows]

        return settled(await self.db.read(work, org=reader.org_id))


def _tried(row: Row, *, is_operator: bool) -> Tried:
    own = org_of(row["channel"]) is not None
    return Tried(
        row["id"],
        row["at"],
        row["telling_id"],
        row["escalation_id"],
        None if row["person_id"] == NOBODY else row["person_id"],
        name_of(row["channel"]),
        row["recipient"],
        row["attempt"],
        row["status"],
        row["provider_id"],
        row["latency_ms"],
        row["said"] if own or is_operator else said_of_operators(row["status"], row["said"]),
    )
