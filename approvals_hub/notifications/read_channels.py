"""Shows an organisation's channels, its own and the operator's, and how they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications import channel_store as store
from approvals_hub.notifications import delivery_store as log
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.channel import (
    OPERATOR,
    ORGANISATION,
    SPANS,
    Health,
    LastError,
    Rate,
    ShownChannel,
    said_of_operators,
    unknown,
)
from approvals_hub.notifications.channel_use import used_by_in
from approvals_hub.notifications.outlets import Outlet, Outlets
from approvals_hub.notifications.reachable import APPROVERS, FewChannels, few_channels_in, few_of_people_in
from approvals_hub.notifications.rehearse import Rehearse
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential

Reader = PersonCredential | OperatorCredential


@dataclass(frozen=True, slots=True)
class ReadChannels:
    """Lists channels, shows one, and says who could be told on too few of them."""

    db: Database
    book: AddressBook
    clock: Clock
    rehearse: Rehearse

    async def __call__(self, reader: Reader) -> list[ShownChannel]:
        """All, the organisation's own first, by name. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[ShownChannel] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_CHANNELS)
            if isinstance(who, HubError):
                return who
            found = await self._shown_in(tx, who.org_id, now)
            return sorted(found, key=lambda each: (each.source == OPERATOR, each.name))

        return settled(await self.db.read(work, org=reader.org_id))

    async def one(self, reader: Reader, name: str) -> ShownChannel:
        """One of them. Raises NotFound, Unauthenticated, Forbidden."""
        found = next((each for each in await self(reader) if each.name == name), None)
        return settled(unknown() if found is None else found)

    async def warnings(self, reader: Reader) -> list[FewChannels]:
        """The groups, and those who may answer, whom fewer than two working channels reach; where these are told on two
        together, also each of them who is not."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[FewChannels] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_CHANNELS)
            if isinstance(who, HubError):
                return who
            outlets = await self.book.outlets_in(tx, who.org_id)
            health = await health_in(tx, who.org_id, outlets, self.rehearse, now)
            working = [key for key, each in outlets.by_key.items() if health[key].works()]
            found = await few_channels_in(tx, self.book.addresses, outlets, who.org_id, working, now)
            if found and found[0].whom == APPROVERS:
                return found
            return found + await few_of_people_in(tx, self.book.addresses, outlets, who.org_id, working, now)

        return settled(await self.db.read(work, org=reader.org_id))

    async def _shown_in(self, tx: Tx, org_id: str, now: int) -> list[ShownChannel]:
        outlets = await self.book.outlets_in(tx, org_id)
        used_by = await used_by_in(tx, org_id)
        health = await health_in(tx, org_id, outlets, self.rehearse, now)
        rows = {row["name"]: row for row in await store.of_org(tx, org_id)}
        return [
            _own(rows[each.name], used_by.get(each.name, []), health[key])
            if each.is_own
            else _operators(each, used_by.get(each.name, []), health[key])
            for key, each in outlets.by_key.items()
        ]


async def health_in(tx: Tx, org_id: str, outlets: Outlets, rehearse: Rehearse, now: int) -> dict[str, Health]:
    """Key → how the channel does."""
    alone: dict[str, int] = {}
    not_ready = rehearse.not_ready()
    for row in await store.left_alone(tx, list(outlets.by_key)):
        if row["until"] > now:
            alone[row["channel"]] = max(row["until"], alone.get(row["channel"], 0))
    found = {}
    for key in outlets.by_key:
        error = await log.last_error(tx, org_id, key)
        rates: dict[str, Any] = {
            name: Rate(*(await log.rate(tx, org_id, key, now - span))) for name, span in SPANS.items()
        }
        success = await log.last_success(tx, org_id, key)
        found[key] = Health(
            last_success_at=success,
            last_error=None if error is None else LastError(error["at"], error["status"], error["said"]),
            not_ready=not_ready.get(key),
            left_alone_until=alone.get(key),
            refuses_everybody=error is not None and await log.refuses_everybody(tx, org_id, key, success or 0),
            **rates,
        )
    return found


def _own(row: Row, used_by: list[str], health: Health) -> ShownChannel:
    return ShownChannel(
        name=row["name"],
        source=ORGANISATION,
        kind=row["kind"],
        takes=row["takes"],
        settings=msgspec.json.decode(row["settings"]),
        has_secret=row["secrets"] is not None,
        fingerprint=row["fingerprint"],
        rotated_at=row["rotated_at"],
        recipient=row["recipient"],
        public_key=row["public_key"],
        language=row["language"],
        version=row["version"],
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
        used_by=used_by,
        health=health,
    )


def _operators(outlet: Outlet, used_by: list[str], health: Health) -> ShownChannel:
    health = msgspec.structs.replace(
        health, last_error=_of_operators(health.last_error), not_ready=_of_operators(health.not_ready)
    )
    return ShownChannel(
        name=outlet.name, source=OPERATOR, kind=outlet.kind, takes=outlet.takes, used_by=used_by, health=health
    )


def _of_operators(error: LastError | None) -> LastError | None:
    return None if error is None else LastError(error.at, error.status, said_of_operators(error.status, error.said))
