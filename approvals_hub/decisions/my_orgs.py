"""The organisations of a person, and what waits for them in each: whoever looks at one misses nothing in another."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.escalations import inbox_store
from approvals_hub.escalations.others import others_in, soonest
from approvals_hub.orgs import store as orgs
from approvals_hub.people.session import PersonCredential, Session, admit_person_in

MOST_WAITING = 50
"""Questions that are named of one organisation."""


@dataclass(frozen=True, slots=True)
class MyOrg:
    """One organisation of a person. `waiting` are the questions that they have not answered, soonest first."""

    org_id: str
    name: str
    roles: tuple[str, ...]
    current: bool
    waiting: tuple[str, ...]
    next_expiry: int | None


@dataclass(frozen=True, slots=True)
class MyOrgs:
    """Reads them. A session that no key of the person opened sees its own organisation alone: whoever runs an
    organisation's identity provider can open one, and learns nothing of another organisation by it."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> list[MyOrg]:
        """List them, the first one first. Raises Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[MyOrg] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            rows = await orgs.memberships(tx, session.person_id)
            seen = [row for row in rows if session.only_in in (None, row["org_id"])]
            return [await _shown_in(tx, session, row, now) for row in seen]

        # Every statement names the person and the organisation.
        return settled(await self.db.read(work))


async def _shown_in(tx: Tx, session: Session, row: Row, now: int) -> MyOrg:
    there = replace(
        session, org_id=row["org_id"], roles=frozenset(row["roles"].split()), absent_until=row["absent_until"]
    )
    mine = await inbox_store.waiting(tx, person_id=there.person_id, org_id=there.org_id, now=now, limit=MOST_WAITING)
    others = await others_in(tx, there, now=now, limit=MOST_WAITING)
    found = soonest(mine, others.escalations, MOST_WAITING)
    answered = await store.answered(tx, there.person_id, [each.id for each in found])
    waiting = [each for each in found if each.id not in answered]
    return MyOrg(
        there.org_id,
        row["org_name"],
        tuple(sorted(there.roles)),
        there.org_id == session.org_id,
        tuple(each.id for each in waiting),
        min((each.expires_at for each in waiting), default=None),
    )
