"""A session gets a new token: a native client's by its refresh token, anybody's after a step-up."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, replace

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import HubError, Unauthenticated, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people import session_store
from approvals_hub.people import store as people
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.people.session import NATIVE_TOKEN_LIFE, PersonCredential, admit_person_in, judge, token_hash
from approvals_hub.stepup.open_session import OpenedSession, SessionSecrets, new_session_secrets
from approvals_hub_client.canonical import b64u

PREVIOUS_LIFE = 90 * SECOND
"""How long a token from before a step-up still reads, in milliseconds: the longest poll (60 s) is on its way with it.
It changes nothing any more (docs/decisions/0061)."""


@dataclass(frozen=True, slots=True)
class RenewSession:
    """Rotates tokens (OAuth 2.0 Security BCP, RFC 9700 section 4.14.2: reuse ends the whole family)."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, refresh_token: str, retry_key: str | None = None) -> OpenedSession:
        """The session's next token and refresh token; both before are worth nothing from then on.

        `retry_key`: 128 random bits or more that the client makes for this one refresh. Where the answer was lost, the
        same token and key give the same tokens again, until these were used or are over. Raises Unauthenticated for a
        token that is unknown, whose session is over, or that was used before by whoever has not this key: then somebody
        has stolen one of the two, nobody knows who, and the session ends for both.
        """
        now, given = self.clock.now(), token_hash(refresh_token)
        secrets, salt = new_session_secrets(), os.urandom(32)
        if retry_key is not None:
            secrets = _derived(refresh_token, retry_key, salt)

        async def work(tx: Tx) -> OpenedSession | HubError:
            found = await session_store.refresh_token(tx, given)
            if found is None:
                return _refused("refresh_unknown", "there is no such refresh token")
            await tx.lock("sessions", found["session_id"])
            found = await session_store.refresh_token(tx, given)
            assert found is not None
            if found["used_at"] is not None:
                again = await self._again_in(tx, found, refresh_token, retry_key, now)
                return await self._reused_in(tx, found, now) if again is None else again
            if found["ends_at"] is not None and now >= found["ends_at"]:
                # Its thief and a client that lost the answer look the same: neither gets in, and neither is accused.
                return _refused("refresh_ended", "a step-up has put another refresh token in this one's place")
            retry_hash = None if retry_key is None else token_hash(retry_key)
            await session_store.use_refresh_token(
                tx, given, at=now, retry_hash=retry_hash, salt=None if retry_hash is None else salt
            )
            await session_store.use_others_up(tx, found["session_id"], at=now)
            session = judge(await people.session(tx, bytes(found["token_hash"])), now, of_token=False)
            if isinstance(session, HubError):
                return session
            until = now + NATIVE_TOKEN_LIFE
            row = await session_store.rotate(
                tx,
                session.session_id,
                token_hash=token_hash(secrets.token),
                token_expires_at=until,
                previous_until=None,
            )
            assert row is not None
            await session_store.add_refresh_token(
                tx, token_hash=token_hash(secrets.refresh_token), session_id=session.session_id, at=now
            )
            await people.touch_session(tx, session.session_id, at=now)
            return _opened(row, secrets.token, until, secrets.refresh_token)

        return settled(await self.db.run(work))

    async def after_step_up(self, credential: PersonCredential) -> OpenedSession | None:
        """A new token for a session whose person has just proven more: whoever had the old one has it not.

        A native client's gets a new refresh token with it; the one before is over at once, the token before reads for
        `PREVIOUS_LIFE` and changes nothing. Where this answer is lost, its client signs in again. None
        where another answer has brought the new token meanwhile: whoever comes with one from before gets none. Raises
        Unauthenticated.
        """
        return await self._rotate(replace(credential, changes=False), owed_only=False)

    async def owed(self, credential: PersonCredential) -> OpenedSession | None:
        """The same where the hub itself found out that the person has proven more, once; otherwise None.

        Only for the present token: whoever comes with one from before gets none of what takes its place. Raises
        Unauthenticated.
        """

        async def look(tx: Tx) -> bool:
            return await session_store.is_present(tx, credential.token_hash, owed_only=True)

        if not await self.db.read(look, org=credential.org_id):
            return None
        return await self._rotate(replace(credential, changes=False), owed_only=True)

    async def _rotate(self, credential: PersonCredential, *, owed_only: bool) -> OpenedSession | None:
        now, secrets = self.clock.now(), new_session_secrets()

        async def work(tx: Tx) -> OpenedSession | HubError | None:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            await tx.lock("sessions", session.session_id)
            if not await session_store.is_present(tx, credential.token_hash, owed_only=owed_only):
                return None  # another answer to the same client was faster
            native = await session_store.is_native(tx, session.session_id)
            until = now + NATIVE_TOKEN_LIFE if native else None
            row = await session_store.rotate(
                tx,
                session.session_id,
                token_hash=token_hash(secrets.token),
                token_expires_at=until,
                previous_until=now + PREVIOUS_LIFE,
            )
            assert row is not None
            if not native:
                return _opened(row, secrets.token, None, None)
            await session_store.end_refresh_tokens(tx, session.session_id, ends_at=now)
            await session_store.add_refresh_token(
                tx, token_hash=token_hash(secrets.refresh_token), session_id=session.session_id, at=now
            )
            return _opened(row, secrets.token, until, secrets.refresh_token)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _again_in(
        self, tx: Tx, found: Row, refresh_token: str, retry_key: str | None, now: int
    ) -> OpenedSession | HubError | None:
        """What this refresh gave before, for who asked for it; None where it is somebody else's, or was used since."""
        if retry_key is None or found["retry_hash"] is None:
            return None
        if not hmac.compare_digest(bytes(found["retry_hash"]), token_hash(retry_key)):
            return None
        secrets, until = _derived(refresh_token, retry_key, bytes(found["salt"])), found["token_expires_at"]
        if not hmac.compare_digest(bytes(found["token_hash"]), token_hash(secrets.token)) or now >= until:
            return None
        row = await people.session(tx, bytes(found["token_hash"]))
        session = judge(row, now)
        if isinstance(session, HubError):
            return session
        assert row is not None
        return _opened(row, secrets.token, until, secrets.refresh_token)

    async def _reused_in(self, tx: Tx, found: Row, now: int) -> HubError:
        session_id, person_id, org_id = found["session_id"], found["person_id"], found["org_id"]
        if await people.end_session(tx, session_id, person_id=person_id, at=now) is not None:
            await self.recorder.record(
                tx,
                Event(
                    kind="session.ended",
                    org_id=org_id,
                    at=now,
                    actor_type="hub",
                    actor_id="hub",
                    decision="refresh_reused",
                    detail={"session_id": session_id},
                ),
            )
            await queue_person(
                tx, kind="session.stolen", org_id=org_id, person_id=person_id, at=now, until=now + TELL_WITHIN
            )
            tx.changed(f"person:{person_id}")
            tx.changed(f"inbox:{person_id}")
        return _refused("refresh_reused", "this refresh token was used before, so the session was ended")


def _derived(refresh_token: str, retry_key: str, salt: bytes) -> SessionSecrets:
    """The tokens of one refresh. Whoever has the database has the salt, and neither the token nor the key."""

    def secret(prefix: str) -> str:
        message = b"\0".join((b"approvals-hub.refresh.v1", prefix.encode(), salt, retry_key.encode()))
        return f"{prefix}_{b64u(hmac.digest(refresh_token.encode(), message, 'sha256'))}"

    return SessionSecrets("", secret("ses"), secret("rft"))


def _opened(row: Row, token: str, until: int | None, refresh_token: str | None) -> OpenedSession:
    return OpenedSession(row["id"], token, row["scope"], row["acr"], row["expires_at"], until, refresh_token)


def _refused(code: str, detail: str) -> Unauthenticated:
    return Unauthenticated(code, detail, next_step="Sign in again.")
