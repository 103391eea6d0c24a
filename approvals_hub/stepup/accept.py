"""Somebody follows a link: a session that can enrol a first key, or the new one of a recovery, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Unauthenticated, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.epoch import read_epoch_in
from approvals_hub.orgs import store as orgs
from approvals_hub.people import invite_store as invites
from approvals_hub.people import store as people
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.session import ENROLMENT, INVITATION, token_hash
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup import recovery_store as recoveries
from approvals_hub.stepup.open_session import (
    OpenedSession,
    SessionSecrets,
    Whose,
    new_session_secrets,
    open_session_in,
)
from approvals_hub.stepup.recovery import ENROL_WITHIN, RECOVER


@dataclass(frozen=True, slots=True)
class Accepted:
    """The session, whom the link was for, and whether they have a key already (then they sign in instead).

    In a recovery `has_keys` is false: the keys that are there are those that were lost.
    """

    session: OpenedSession
    person_id: str
    person_name: str
    org_id: str
    org_name: str
    purpose: str
    has_keys: bool


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """Spends an invitation's token."""

    db: Database
    visits: KeepVisits
    clock: Clock

    async def __call__(self, token: str, visitor: Visitor) -> Accepted:
        """Accept, once.

        Raises Unauthenticated with one and the same answer for a token that is unknown, used, expired or not open yet,
        and for a person who was disabled or removed meanwhile.
        """
        now = self.clock.now()
        secrets = new_session_secrets()

        async def work(tx: Tx) -> Accepted | HubError:
            invite = await invites.invite(tx, token_hash(token))
            if invite is None:
                return _refusal()
            accepted = await self._accept_in(tx, invite, secrets, visitor, now)
            if accepted is None:
                await self._refused_in(tx, invite, visitor, now)
                return _refusal()
            return accepted

        return settled(await self.db.run(work))

    async def _accept_in(
        self, tx: Tx, invite: Row, secrets: SessionSecrets, visitor: Visitor, now: int
    ) -> Accepted | None:
        org_id, person_id = invite["org_id"], invite["person_id"]
        org = await orgs.find(tx, org_id)
        member = await orgs.member(tx, org_id, person_id)
        if org is None or member is None or member["state"] != "active":
            return None
        if invite["purpose"] == RECOVER and not await self._follow_in(tx, invite["id"], now):
            return None
        if await invites.use_invite(tx, invite["id"], now=now) is None:
            return None
        whose = Whose(org_id, person_id, ENROLMENT, invite_id=invite["id"])
        session = await open_session_in(tx, self.visits, secrets, whose, visitor, now)
        return Accepted(
            session=session,
            person_id=person_id,
            person_name=member["name"],
            org_id=org_id,
            org_name=org["name"],
            purpose=invite["purpose"],
            has_keys=invite["purpose"] != RECOVER and bool(await people.active_devices(tx, person_id)),
        )

    @staticmethod
    async def _follow_in(tx: Tx, invite_id: str, now: int) -> bool:
        """Whether the link's recovery takes a key now; from here on it has to come soon.

        In a restored copy none does: what was cancelled since would come back to life.
        """
        recovery, epoch = await recoveries.of_invite(tx, invite_id), await read_epoch_in(tx)
        if recovery is None or not recovery.takes_key(now) or now < recovery.usable_from:
            return False
        if epoch is None or recovery.epoch != epoch.epoch_id:
            return False
        await recoveries.followed(tx, recovery.id, expires_at=now + ENROL_WITHIN)
        return True

    async def _refused_in(self, tx: Tx, invite: Row, visitor: Visitor, now: int) -> None:
        """A link that is followed twice may have been read by somebody else: worth an entry."""
        await self.visits.record_in(
            tx,
            Event(
                kind="session.refused",
                org_id=invite["org_id"],
                at=now,
                actor_type="person",
                actor_id=invite["person_id"],
                decision="invite_invalid",
                detail={"invite_id": invite["id"], "method": INVITATION, "used": invite["used_at"] is not None},
            ),
            visitor,
        )


def _refusal() -> Unauthenticated:
    return Unauthenticated(
        "invite_invalid",
        "this invitation is not valid: it may have been used, replaced, have expired, or not have opened yet",
        next_step="Ask whoever invited you for a new link.",
        field="$.token",
    )
