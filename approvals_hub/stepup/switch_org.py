"""A person goes on in another of their organisations: a new session there, and the one before is over."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people import session_store
from approvals_hub.people import store as people
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.session import FULL, PersonCredential, Session, admit_person_in
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup.end_session import end_session_in
from approvals_hub.stepup.open_session import SessionSecrets, Whose, new_session_secrets, open_session_in
from approvals_hub.stepup.sign_in import SignedIn


@dataclass(frozen=True, slots=True)
class SwitchOrg:
    """Which organisation a session looks at never changes; what changes is the session."""

    db: Database
    visits: KeepVisits
    clock: Clock

    async def __call__(self, credential: PersonCredential, org_id: str, visitor: Visitor) -> SignedIn:
        """Open a session in `org_id` with a new id and new tokens, as strong and lasting as this one, which ends.

        Only for a session that a key of the person opened: an organisation's own identity provider signs nobody in to
        another one, and neither does a session that it opened. Raises Forbidden, Conflict for the present
        organisation, Unauthenticated.
        """
        now, secrets = self.clock.now(), new_session_secrets()

        async def work(tx: Tx) -> SignedIn | HubError:
            session = await self._held_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            if session.org_id == org_id:
                return Conflict("same_organisation", "this session is there already", next_step="Go on.")
            if session.only_in is not None:
                return key_needed()
            chosen = next(
                (row for row in await orgs.memberships(tx, session.person_id) if row["org_id"] == org_id), None
            )
            if chosen is None:
                return Forbidden(
                    "no_organisation",
                    "you are not in the organisation that you named",
                    next_step="See yours: GET /v1/orgs.",
                )
            return await self._move_in(tx, session, chosen, secrets, visitor, now)

        return settled(await self.db.run(work))

    async def _held_in(self, tx: Tx, credential: PersonCredential, now: int) -> Session | HubError:
        """The session, with its person's row held: whoever ends all sessions, or the key, ends the new one too."""
        session = await admit_person_in(tx, credential, now)
        if isinstance(session, HubError):
            return session
        await tx.lock("people", session.person_id)
        return await admit_person_in(tx, credential, now)

    async def _move_in(
        self, tx: Tx, session: Session, chosen: Row, secrets: SessionSecrets, visitor: Visitor, now: int
    ) -> SignedIn | HubError:
        device = await people.device(tx, session.device_id or "")
        assert device is not None
        whose = Whose(
            chosen["org_id"],
            session.person_id,
            FULL,
            device_id=device["id"],
            device_kind=device["kind"],
            native=await session_store.is_native(tx, session.session_id),
            before=session,
        )
        opened = await open_session_in(tx, self.visits, secrets, whose, visitor, now)
        ended = await end_session_in(tx, self.visits.recorder, session, session.session_id, now)
        if isinstance(ended, HubError):
            return ended
        return SignedIn(
            session=opened,
            person_id=session.person_id,
            person_name=session.person_name,
            person_email=session.person_email,
            org_id=chosen["org_id"],
            org_name=chosen["org_name"],
            roles=tuple(sorted(chosen["roles"].split())),
            method=device["kind"],
        )


def key_needed() -> Forbidden:
    """What an organisation's provider, or a mailbox, opened is good for that organisation alone."""
    return Forbidden(
        "key_needed",
        "this session was not opened by a key of yours, so it leads into no other organisation",
        next_step="Sign in with your key, naming the organisation: POST /v1/sessions with `org_id`.",
    )
