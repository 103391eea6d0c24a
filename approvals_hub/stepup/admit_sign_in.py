"""Who proved themselves to an identity provider, and the session that this opens. Inside a unit of work."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.assurance import level_of
from approvals_hub.orgs import store as orgs
from approvals_hub.people import joining_store as joining
from approvals_hub.people import store as people
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.person import ACTIVE
from approvals_hub.people.session import FULL
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup import expected_store, factor_store
from approvals_hub.stepup import sign_in_store as store
from approvals_hub.stepup import step_up_store as proofs
from approvals_hub.stepup.join_by_provider import JoinByProvider
from approvals_hub.stepup.open_session import SessionSecrets, Whose, new_session_secrets, open_session_in
from approvals_hub.stepup.sign_in import SignedIn
from approvals_hub.stepup.sign_in_attempt import DONE, Attempt, Proven, not_signed_in
from approvals_hub.stepup.sign_in_way import SignInWay
from approvals_hub.stepup.sign_in_ways import SignInWays
from approvals_hub.stepup.step_up import ENDED


@dataclass(frozen=True, slots=True)
class Chance:
    """Randomness that is taken before the unit of work."""

    secrets: SessionSecrets = field(default_factory=new_session_secrets)
    user_handle: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where the page is that takes the session."""

    visitor: Visitor
    native: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    person: Row
    membership: Row
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class AdmitSignIn:
    """Ends an attempt with a session, or with the one answer of everything that opens none."""

    ways: SignInWays
    join: JoinByProvider
    visits: KeepVisits

    async def open_in(
        self, tx: Tx, attempt: Attempt, proven: Proven, arrival: Arrival, chance: Chance, now: int
    ) -> SignedIn | HubError:
        """Open a session for whoever proved themselves. The attempt is over, whatever comes of it."""
        way = self.ways.ways.get(attempt.method)
        found = None if way is None else await self._find_in(tx, way, attempt, proven, arrival, chance, now)
        if way is None or found is None:
            await store.finish(tx, attempt.id, state=ENDED)
            return not_signed_in()
        await store.finish(tx, attempt.id, state=DONE)
        whose = Whose(
            found.membership["org_id"],
            found.person["id"],
            FULL,
            native=arrival.native,
            method=attempt.method,
            acr=level_of(proven.evidence(attempt.method)),
            amr=proven.amr,
            auth_ref=proven.auth_ref,
        )
        return SignedIn(
            session=await open_session_in(tx, self.visits, chance.secrets, whose, arrival.visitor, now),
            person_id=found.person["id"],
            person_name=found.person["name"],
            person_email=found.person["email"],
            org_id=found.membership["org_id"],
            org_name=found.membership["org_name"],
            roles=tuple(sorted(found.roles)),
            method=attempt.method,
        )

    async def _find_in(
        self,
        tx: Tx,
        way: SignInWay,
        attempt: Attempt,
        proven: Proven,
        arrival: Arrival,
        chance: Chance,
        now: int,
    ) -> _Found | None:
        subject = self.ways.methods.subject_hash(way.method, proven.subject)
        factor = await factor_store.of_subject(tx, way.method, subject)
        if factor is None:
            person_id = await self.join.join_in(tx, way, proven, chance.user_handle, now)
        else:
            person_id = str(factor["person_id"])
        if person_id is None:
            return None
        found = await self._checked_in(tx, way, attempt, proven, person_id, now)
        if isinstance(found, str):
            await self._refused_in(tx, way, attempt, person_id, found, arrival.visitor, now)
            return None
        if factor is not None:
            await factor_store.keep_data(tx, factor["id"], sealed=None, at=now)
        if proven.email is not None and way.org_id is not None:
            # The organisation's own provider vouches for it. A public one does for whoever opened an account there.
            await joining.verify_email(tx, person_id, proven.email, at=now)
        return found

    async def _checked_in(
        self, tx: Tx, way: SignInWay, attempt: Attempt, proven: Proven, person_id: str, now: int
    ) -> _Found | str:
        """The person with the roles of this moment, or the code of why they are not signed in."""
        for name in proven.once:
            if not await proofs.use_up(tx, person_id=person_id, method=way.method, name=name, at=now):
                return "proof_replayed"
        found = await self._standing_in(tx, way, attempt, person_id, now)
        if isinstance(found, str) or way.org_id is None or not way.roles:
            return found
        if proven.groups is None:
            # Taking none for an answer would take every role; taking the roles of before would keep what was withdrawn.
            return "groups_not_told"
        roles = await self.join.remap_in(tx, way, proven.groups, person_id, now)
        return _Found(found.person, found.membership, roles) if roles else "no_role"

    async def _standing_in(self, tx: Tx, way: SignInWay, attempt: Attempt, person_id: str, now: int) -> _Found | str:
        """The person and the one membership that this way may lead into, or why there is none."""
        person = await people.person(tx, person_id)
        if person is None or person["state"] != ACTIVE:
            return "person_disabled"
        for membership in await orgs.memberships(tx, person_id):
            org_id = membership["org_id"]
            # The way's own organisation first: one's provider never signs anybody in to another one.
            if way.org_id not in (None, org_id) or attempt.wanted_org not in (None, org_id):
                continue
            if not await expected_store.other_is_waited_for(tx, org_id, person_id, way.method, now):
                return _Found(person, membership, frozenset(membership["roles"].split()))
        return "no_organisation"

    async def _refused_in(
        self, tx: Tx, way: SignInWay, attempt: Attempt, person_id: str, code: str, visitor: Visitor, now: int
    ) -> None:
        """Recorded where somebody reads it: in the organisation of the way, else in the person's first."""
        memberships = await orgs.memberships(tx, person_id)
        org_id = way.org_id or (memberships[0]["org_id"] if memberships else None)
        if org_id is None:
            return
        await self.visits.record_in(
            tx,
            Event(
                kind="session.refused",
                org_id=org_id,
                at=now,
                actor_type="person",
                actor_id=person_id,
                decision=code,
                detail={"method": attempt.method, "sign_in_id": attempt.id},
            ),
            visitor,
        )
