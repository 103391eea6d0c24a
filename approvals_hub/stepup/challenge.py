"""Issues challenges: 256 random bits that a key signs once, within five minutes, for one purpose."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from approvals_hub.core.clock import MINUTE, Clock
from approvals_hub.core.errors import HubError, Unauthenticated, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import PASSKEY
from approvals_hub.people.session import ENROLMENT, FULL, PersonCredential, Session, admit_person_in
from approvals_hub.stepup import store
from identity.webauthn import RelyingParty, creation_options, request_options

CHALLENGE_LIFE = 5 * MINUTE
"""Milliseconds."""

SIGN_IN: Literal["sign_in"] = "sign_in"
ENROL: Literal["enrol"] = "enrol"
FRESH: Literal["fresh"] = "fresh"
Purpose = Literal["sign_in", "enrol", "fresh"]


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge, with the options that a browser's passkey dialogue takes."""

    challenge_id: str
    challenge: bytes
    expires_at: int
    public_key: dict[str, Any]


@dataclass(frozen=True, slots=True)
class IssueChallenge:
    """Stores a challenge. All but those for signing in belong to one session."""

    db: Database
    clock: Clock
    rp: RelyingParty

    async def __call__(self, purpose: Purpose, credential: PersonCredential | None = None) -> Challenge:
        """Issue one. Raises Unauthenticated where a session is needed and none counts, Forbidden for a too weak one."""
        now = self.clock.now()
        challenge_id, challenge = new_id("chl"), secrets.token_bytes(32)

        async def work(tx: Tx) -> Challenge | HubError:
            session: Session | None = None
            if purpose != SIGN_IN:
                admitted = await _admit_in(tx, purpose, credential, now)
                if isinstance(admitted, HubError):
                    return admitted
                session = admitted
            await store.add_challenge(
                tx,
                challenge_id=challenge_id,
                purpose=purpose,
                session_id=session.session_id if session else None,
                person_id=session.person_id if session else None,
                challenge=challenge,
                at=now,
                expires_at=now + CHALLENGE_LIFE,
            )
            options = await self._options_in(tx, purpose, session, challenge)
            return Challenge(challenge_id, challenge, now + CHALLENGE_LIFE, options)

        return settled(await self.db.run(work, org=credential.org_id if credential else None))

    async def _options_in(self, tx: Tx, purpose: Purpose, session: Session | None, challenge: bytes) -> dict[str, Any]:
        if session is None:
            return request_options(self.rp, challenge=challenge)
        devices = await people.active_devices(tx, session.person_id)
        passkeys = [bytes(row["credential_id"]) for row in devices if row["kind"] == PASSKEY]
        if purpose == FRESH:
            return request_options(self.rp, challenge=challenge, allow=passkeys)
        person = await people.person(tx, session.person_id)
        assert person is not None
        return creation_options(
            self.rp,
            challenge=challenge,
            user_handle=bytes(person["user_handle"]),
            user_name=person["email"] or person["name"],
            display_name=person["name"],
            exclude=passkeys,
        )


async def spend_challenge_in(
    tx: Tx, challenge_id: str, *, purpose: Purpose, session_id: str | None, now: int
) -> Row | HubError:
    """The challenge's row, spent by this unit of work; one refusal for every reason why it cannot be."""
    row = await store.use_challenge(tx, challenge_id, purpose=purpose, session_id=session_id, now=now)
    return challenge_refused() if row is None else row


def challenge_refused() -> Unauthenticated:
    """Unknown, spent, expired, of another purpose or of another session."""
    return Unauthenticated(
        "challenge_invalid",
        "this challenge is not valid here: it may have been used or have expired",
        next_step="Ask for a new challenge (POST /v1/challenges) and sign that.",
        field="$.challenge_id",
    )


async def _admit_in(tx: Tx, purpose: Purpose, credential: PersonCredential | None, now: int) -> Session | HubError:
    if credential is None:
        return Unauthenticated("session_missing", "this needs a session", next_step="Sign in first.")
    return await admit_person_in(tx, credential, now, scope=ENROLMENT if purpose == ENROL else FULL)
