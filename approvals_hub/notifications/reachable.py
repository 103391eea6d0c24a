"""Who could be told on too few channels: one that fails would leave them without any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.notifications.address_book import Addresses
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people import contact_store as contacts
from approvals_hub.routing.resolve import groups_in

ENOUGH: Final = 2
"""Working channels on which people should be told."""
PEOPLE_LIMIT: Final = 200
"""People whose addresses are looked at."""


class FewChannels(msgspec.Struct, frozen=True):
    """A group (`group:NAME`) or all who may answer (`approvers`), and the working channels that reach one of them."""

    whom: str
    channels: list[str]


async def few_channels_in(
    tx: Tx, addresses: Addresses, outlets: Outlets, org_id: str, working: Sequence[str], now: int
) -> list[FewChannels]:
    """Those whom fewer than `ENOUGH` of the working channels reach, the approvers first."""
    members = await orgs.members(tx, org_id)
    approvers = [
        row["id"]
        for row in members
        if row["state"] == "active" and Permission.ANSWER in permissions(frozenset(row["roles"].split()))
    ]
    named = {"approvers": approvers} | {
        f"group:{name}": list(people) for name, people in sorted((await groups_in(tx, org_id, members)).items())
    }
    everybody = list(dict.fromkeys(person for people in named.values() for person in people))[:PEOPLE_LIMIT]
    keys: dict[str, set[str]] = {person: set() for person in everybody}
    for row in await contacts.of_people(tx, everybody, since=now):
        if row["gone_at"] is None:
            keys[row["person_id"]].add(row["channel"])
    for person in everybody:
        keys[person] |= {known.channel for known in await addresses.addresses_in(tx, person, outlets)}
    found = []
    for whom, people in named.items():
        reached = set[str]().union(*(keys.get(person, set()) for person in people)) & set(working)
        if people and len(reached) < ENOUGH:
            found.append(FewChannels(whom, sorted(outlets.by_key[key].name for key in reached)))
    return found
