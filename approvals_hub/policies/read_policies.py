"""Shows the organisation's policies, and what they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.policies import store
from approvals_hub.policies.kept import KeptPolicy, PolicyVersion, kept_of, policy_unknown, version_of

Published = TypeVar("Published", KeptPolicy, PolicyVersion)
Reader = PersonCredential | OperatorCredential
VERSIONS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ReadPolicies:
    """Lists policies, shows one, and its versions."""

    db: Database
    clock: Clock

    async def __call__(self, reader: Reader) -> list[KeptPolicy]:
        """All in force, by name. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[KeptPolicy] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            return await named_in(tx, who.org_id, [kept_of(row) for row in await store.in_force(tx, who.org_id)])

        return settled(await self.db.read(work, org=reader.org_id))

    async def one(self, reader: Reader, name: str) -> KeptPolicy:
        """One of them. Raises NotFound, Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> KeptPolicy | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            row = await store.find(tx, who.org_id, name)
            return policy_unknown() if row is None else (await named_in(tx, who.org_id, [kept_of(row)]))[0]

        return settled(await self.db.read(work, org=reader.org_id))

    async def versions(self, reader: Reader, name: str) -> list[PolicyVersion]:
        """What it is and was, newest first, the newest hundred. Raises NotFound, Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PolicyVersion] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            row = await store.find(tx, who.org_id, name)
            if row is None:
                return policy_unknown()
            found = [version_of(each) for each in await store.versions(tx, row["id"], VERSIONS_SHOWN)]
            return await named_in(tx, who.org_id, found)

        return settled(await self.db.read(work, org=reader.org_id))


async def named_in(tx: Tx, org_id: str, found: list[Published]) -> list[Published]:
    """The same with the names of those who published them."""
    names = await store.names_here(tx, org_id, [each.published_by for each in found])
    return [msgspec.structs.replace(each, publisher=names.get(each.published_by)) for each in found]
