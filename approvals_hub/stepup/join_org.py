"""A person of this hub follows an invitation into another organisation with the key that they have."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import HOUR, Clock
from approvals_hub.core.errors import Conflict, HubError, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people import invite_store as invites
from approvals_hub.people import joining_store as joining
from approvals_hub.people import joinings_store as store
from approvals_hub.people.session import PersonCredential, Session, admit_person_in, token_hash
from approvals_hub.stepup import recovery_store as recoveries
from approvals_hub.stepup.fresh import Fresh, FreshFactor

WAITS = 24 * HOUR
"""How long whoever may invite has to compare the digits, in milliseconds."""
INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation is to. Reading it spends nothing."""

    org_id: str
    org_name: str
    roles: tuple[str, ...]
    expires_at: int


@dataclass(frozen=True, slots=True)
class Joining:
    """The person has accepted, and is a member once somebody there has compared the digits."""

    joining_id: str
    org_id: str
    org_name: str
    digits: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True)
class JoinOrg:
    """Spends an invitation without a second account: the keys, factors and addresses of the person are theirs.

    The inviter compares six digits here too, once, as for every invited person: otherwise whoever read the mail and is
    on the hub would be let in, and that may be anybody's organisation.
    """

    db: Database
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock

    async def look(self, credential: PersonCredential, token: str) -> Invited:
        """Where the link leads. Raises NotFound with one answer for whatever it does not open, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> Invited | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            found = await self._open_in(tx, token, now)
            if found is None:
                return _not_open()
            invite, member, org = found
            return Invited(org["id"], org["name"], tuple(sorted(member["roles"].split())), invite["expires_at"])

        return settled(await self.db.read(work))

    async def __call__(self, credential: PersonCredential, token: str, fresh: Fresh | None) -> Joining:
        """Accept, once.

        Raises Forbidden without a fresh factor, NotFound as `look` does, Conflict for who is a member there, and while
        a recovery of the person runs: the colleagues who decide about it are those of one organisation.
        """
        now = self.clock.now()
        joining_id, digits = new_id("joi"), f"{secrets.randbelow(1_000_000):06d}"

        async def work(tx: Tx) -> Joining | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
            if refusal is not None:
                return refusal
            await tx.lock("people", session.person_id)
            found = await self._open_in(tx, token, now)
            if found is None:
                return _not_open()
            invite, _, org = found
            refusal = await _refuse_in(tx, session, org["id"])
            if refusal is not None:
                return refusal
            if await invites.use_invite(tx, invite["id"], now=now) is None:
                return _not_open()
            expires_at = now + WAITS
            await store.add(
                tx,
                joining_id=joining_id,
                org_id=org["id"],
                invite_id=invite["id"],
                invited_id=invite["person_id"],
                person_id=session.person_id,
                digits=digits,
                at=now,
                expires_at=expires_at,
            )
            await self._record_in(tx, session, invite, joining_id, now)
            tx.changed(f"pending:{org['id']}")
            return Joining(joining_id, org["id"], org["name"], digits, expires_at)

        # It is the other organisation's invitation, joining and log.
        return settled(await self.db.run(work))

    async def state(self, credential: PersonCredential, joining_id: str) -> str:
        """What has become of one's own: `pending`, `joined` or `ended`. Raises NotFound, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> str | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await store.of_person(tx, session.person_id, joining_id)
            if row is None:
                return NotFound("joining_unknown", "you join nothing by this id", next_step="Follow an invitation.")
            return "ended" if row["state"] == "pending" and now >= row["expires_at"] else str(row["state"])

        return settled(await self.db.read(work))

    async def _open_in(self, tx: Tx, token: str, now: int) -> tuple[Row, Row, Row] | None:
        """The invitation, whom it made up, and the organisation; None where nobody can follow it with a key."""
        invite = await invites.invite(tx, token_hash(token))
        if (
            invite is None
            or invite["purpose"] != INVITE
            or invite["used_at"] is not None
            or now >= invite["expires_at"]
        ):
            return None
        member = await orgs.member(tx, invite["org_id"], invite["person_id"])
        org = await orgs.find(tx, invite["org_id"])
        if org is None or member is None or member["state"] != "active":
            return None
        return None if await joining.ever_had_key(tx, invite["person_id"]) else (invite, member, org)

    async def _record_in(self, tx: Tx, session: Session, invite: Row, joining_id: str, now: int) -> None:
        event = Event(
            kind="person.accepted",
            org_id=invite["org_id"],
            at=now,
            actor_type="person",
            actor_id=session.person_id,
            signature_valid=True,
            detail={"joining_id": joining_id, "invite_id": invite["id"], "person_id": invite["person_id"]},
        )
        await self.recorder.record(tx, event)


async def _refuse_in(tx: Tx, session: Session, org_id: str) -> HubError | None:
    if await orgs.member(tx, org_id, session.person_id) is not None:
        return Conflict("already_member", "you are in this organisation already", next_step="Go on.")
    if await recoveries.live_of_person(tx, session.person_id) is not None:
        return Conflict(
            "recovery_runs",
            "a recovery of your keys is running, and colleagues of one organisation decide about it",
            next_step="Cancel it (DELETE /v1/recoveries/{id}), or wait until it has ended.",
        )
    return None


def _not_open() -> NotFound:
    return NotFound(
        "invitation_unknown",
        "this invitation cannot be followed: it may have been used, replaced, or have expired",
        next_step="Ask whoever invited you for a new link.",
        field="$.token",
    )
