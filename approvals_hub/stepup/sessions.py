"""A person's sessions: the present one, and all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import store as people
from approvals_hub.people.session import ENROLMENT, TOUCH_AFTER, PersonCredential, Session, admit_person_in
from approvals_hub.people.visit import near


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One live session, without its token."""

    session_id: str
    device_id: str | None
    method: str | None
    """How it was opened: a kind of device, a provider's name, `email_link` or `invitation`."""
    client: str | None
    network: str | None
    """Where from, as little as helps to know the place again."""
    scope: str
    acr: str
    created_at: int
    last_seen_at: int
    expires_at: int
    current: bool


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """Who is signed in; an invitation's session counts here too."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> Session:
        """The session, its idle limit moved now and then. Raises Unauthenticated, also for a token from before a
        step-up: its page is to find out that it lost the answer with the new one."""
        now, credential = self.clock.now(), replace(credential, changes=True)

        async def look(tx: Tx) -> Session | HubError:
            return await admit_person_in(tx, credential, now, scope=ENROLMENT)

        session = settled(await self.db.read(look, org=credential.org_id))
        if now - session.last_seen_at >= TOUCH_AFTER:

            async def touch(tx: Tx) -> None:
                await people.touch_session(tx, session.session_id, at=now)

            await self.db.run(touch, org=session.org_id)
        return session


@dataclass(frozen=True, slots=True)
class ListSessions:
    """A person's live sessions."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> list[ListedSession]:
        """List them, oldest first. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[ListedSession] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            return [
                ListedSession(
                    session_id=row["id"],
                    device_id=row["device_id"],
                    method=row["method"],
                    client=row["client"],
                    network=near(row["address"]),
                    scope=row["scope"],
                    acr=row["acr"],
                    created_at=row["created_at"],
                    last_seen_at=row["last_seen_at"],
                    expires_at=row["expires_at"],
                    current=row["id"] == session.session_id,
                )
                for row in await people.sessions(tx, session.person_id, now, org_id=session.only_in)
            ]

        return settled(await self.db.read(work))
