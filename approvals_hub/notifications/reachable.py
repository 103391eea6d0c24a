"""Who could be told on too few channels: one that fails would leave them without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from approvals_hub.db.database import Row, Tx
from approvals_hub.notifications.address_book import Addresses
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.orgs import membership_store as memberships
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.contact import is_stale
from approvals_hub.routing.resolve import groups_in

ENOUGH: Final = 2
"""Working channels on which people should be told."""
LOOKED_AT: Final = 1000
"""People whose sealed addresses are looked at, at one time: each costs some reads. Whoever could be reached by those of
the others is not warned about."""


NAMED: Final = 50
"""People who are named by themselves; beyond them it is no list that anybody goes through."""
APPROVERS: Final = "approvers"


class FewChannels(msgspec.Struct, frozen=True):
    """A group (`group:NAME`) or all who may answer (`approvers`), and the working channels that reach one of them; or
    one who may answer (`person:ID`), and those that reach this one."""

    whom: str
    channels: list[str]
    name: str | None = None
    """The person's."""


async def few_channels_in(
    tx: Tx,
    addresses: Addresses,
    outlets: Outlets,
    org_id: str,
    working: Sequence[str],
    now: int,
    *,
    most: int = LOOKED_AT,
) -> list[FewChannels]:
    """The groups whom fewer than `ENOUGH` of the working channels reach, the approvers first.

    `most` people's sealed addresses are looked at.
    """
    members = await orgs.members(tx, org_id)
    named = {APPROVERS: list(_approvers(members))} | {
        f"group:{name}": list(people) for name, people in sorted((await groups_in(tx, org_id, members)).items())
    }
    everybody = list(dict.fromkeys(person for people in named.values() for person in people))
    reach = await _reach_in(tx, addresses, outlets, org_id, working, everybody, now, most)
    found = []
    for whom, people in named.items():
        reached = await reach.of_in(tx, people)
        if people and reached is not None and len(reached) < ENOUGH:
            found.append(FewChannels(whom, reach.names(reached)))
    return found


async def few_of_people_in(
    tx: Tx, addresses: Addresses, outlets: Outlets, org_id: str, working: Sequence[str], now: int
) -> list[FewChannels]:
    """Those who may answer whom fewer than `ENOUGH` of the working channels reach, by name, at most `NAMED`."""
    people = _approvers(await orgs.members(tx, org_id))
    reach = await _reach_in(tx, addresses, outlets, org_id, working, list(people), now, LOOKED_AT)
    found = []
    for person_id, name in sorted(people.items(), key=lambda each: (each[1], each[0])):
        reached = await reach.of_in(tx, [person_id])
        if reached is not None and len(reached) < ENOUGH:
            found.append(FewChannels(f"person:{person_id}", reach.names(reached), name))
        if len(found) == NAMED:
            break
    return found


async def channels_to_in(
    tx: Tx, addresses: Addresses, outlets: Outlets, org_id: str, working: Sequence[str], now: int, person_id: str
) -> list[str]:
    """The working channels that reach somebody, by name: `ENOUGH` where there are so many, and none beyond."""
    reach = await _reach_in(tx, addresses, outlets, org_id, working, [person_id], now, LOOKED_AT)
    return reach.names(await reach.of_in(tx, [person_id]) or set())


def _approvers(members: Sequence[Row]) -> dict[str, str]:
    """Id → name of the active members who may answer."""
    return {
        row["id"]: row["name"]
        for row in members
        if row["state"] == "active" and Permission.ANSWER in permissions(frozenset(row["roles"].split()))
    }


async def _reach_in(
    tx: Tx,
    addresses: Addresses,
    outlets: Outlets,
    org_id: str,
    working: Sequence[str],
    people: list[str],
    now: int,
    most: int,
) -> _Reach:
    """What is known of these people without looking at sealed addresses. One of a device that has been silent for long
    is not counted: whether it works is found out by a question that nobody hears of."""
    with_a_key = await memberships.with_a_key(tx, org_id, people)
    reach = _Reach(addresses, outlets, frozenset(working), {person: set() for person in people}, with_a_key, most)
    for row in await contacts.of_people(tx, people, org_id=org_id, since=now):
        is_silent = row["device_id"] is not None and is_stale(row["registered_at"], row["last_used_at"], now)
        if row["gone_at"] is None and not is_silent:
            reach.keys[row["person_id"]].add(row["channel"])
    return reach


@dataclass(slots=True)
class _Reach:
    """The channels on which people can be told, as far as they were looked at."""

    addresses: Addresses
    outlets: Outlets
    working: frozenset[str]
    keys: dict[str, set[str]]
    with_a_key: frozenset[str]
    """Who hears nothing here at the mailbox that their inviter elsewhere wrote down."""
    most: int
    looked_at: set[str] = field(default_factory=set)

    def names(self, keys: set[str]) -> list[str]:
        """As people call them."""
        return sorted(self.outlets.by_key[key].name for key in keys)

    async def of_in(self, tx: Tx, people: Sequence[str]) -> set[str] | None:
        """The working ones that reach one of them, at least `ENOUGH` where there are; None where it is not known."""
        reached = set[str]().union(*(self.keys[person] for person in people)) & self.working
        sealed = self.working & {*self.outlets.mail, *self.outlets.sms}
        for person in people:
            if len(reached) >= ENOUGH or sealed <= reached:
                return reached
            if person not in self.looked_at:
                if len(self.looked_at) >= self.most:
                    return None
                self.looked_at.add(person)
                known = await self.addresses.addresses_in(tx, person, self.outlets)
                here = [each for each in known if person not in self.with_a_key or not each.source.startswith("mail:")]
                self.keys[person] |= {each.channel for each in here}
            reached |= self.keys[person] & self.working
        return reached
