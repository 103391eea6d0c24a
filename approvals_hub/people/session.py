"""Sessions: how a person stays signed in, and what a caller with one may do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import DAY, HOUR, MINUTE
from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.db.database import Row, Tx
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people import session_store, store

IDLE_LIMIT = 12 * HOUR
"""A session that nobody used this long is over, in milliseconds."""
ABSOLUTE_LIMIT = 30 * DAY
"""A session ends this long after sign-in, however much it is used, in milliseconds."""
ENROLMENT_LIMIT = 30 * MINUTE
"""How long an invitation's session may take to enrol a key, in milliseconds."""
TOUCH_AFTER = 5 * MINUTE
"""How old `last_seen_at` must be before a request writes it again, in milliseconds: not every read is a write."""
FRESH = 5 * MINUTE
"""How long ago a factor may have been used where a fresh one is asked for, in milliseconds."""
PLACE_KEPT = 30 * DAY
"""How long after its end a session keeps its address and what its client called itself, in milliseconds: as long as the
same sign-in again is no news to its person."""

NATIVE_TOKEN_LIFE = 15 * MINUTE
"""How long a native client's session token lasts before it is refreshed, in milliseconds."""

INVITATION = "invitation"
"""How a session was opened that came from an invitation's link."""
EMAIL_LINK = "email_link"
"""How a session was opened that came from a link by mail."""

FULL = "full"
ENROLMENT = "enrolment"


def token_hash(token: str) -> bytes:
    """What is stored of a session's or an invitation's token: SHA-256; the token has 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class PersonCredential:
    """What a request brought: the hash of its session token, and the organisation if it is known already.

    `changes`: whether the request may change anything. A token from before a step-up is taken for none that may.
    """

    token_hash: bytes
    org_id: str | None = None
    changes: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """A person's verified session, with the roles it has in its organisation at this moment."""

    session_id: str
    org_id: str
    org_name: str
    person_id: str
    person_name: str
    person_email: str | None
    device_id: str | None
    method: str | None
    """How it was opened: a kind of device, a provider's name, `email_link` or `invitation`."""
    scope: str
    invite_id: str | None
    acr: str
    amr: str
    authenticated_at: int
    created_at: int
    last_seen_at: int
    expires_at: int
    roles: frozenset[str]
    absent_until: int | None = None
    """When the last absence with a delegate ends that the organisation knows of; None where it never had one."""

    @property
    def only_in(self) -> str | None:
        """The one organisation of whose sessions, ways and questions it may know; None where a key of the person opened
        it, who may know all of theirs.

        An organisation's own identity provider can open a session as anybody who signs in by it: it learns nothing of
        another organisation, and ends nothing there.
        """
        return None if self.device_id is not None else self.org_id

    def allows(self, permission: Permission) -> bool:
        """Whether one of the roles allows it, and the session is more than an enrolment."""
        return self.scope == FULL and permission in permissions(self.roles)


def _refused(code: str, detail: str) -> Unauthenticated:
    return Unauthenticated(code, detail, next_step="Sign in again.")


def judge(row: Row | None, now: int, *, of_token: bool = True) -> Session | HubError:
    """The session of a stored row, or why it does not count any more. A returned refusal can be recorded.

    `of_token` False: a native client's token may be over, as it is about to get the next one.
    """
    if row is None:
        return _refused("session_unknown", "there is no such session")
    if row["ended_at"] is not None:
        return _refused("session_ended", "this session was ended")
    if now >= row["expires_at"] or now >= row["last_seen_at"] + IDLE_LIMIT:
        return _refused("session_expired", "this session has expired")
    if row["person_state"] != "active":
        return _refused("person_disabled", "this account is disabled")
    if of_token and row["token_expires_at"] is not None and now >= row["token_expires_at"]:
        return Unauthenticated(
            "token_expired", "this session token is over", next_step="Refresh it: POST /v1/sessions/refresh."
        )
    return Session(
        session_id=row["id"],
        org_id=row["org_id"],
        org_name=row["org_name"],
        person_id=row["person_id"],
        person_name=row["person_name"],
        person_email=row["person_email"],
        device_id=row["device_id"],
        method=row["method"],
        scope=row["scope"],
        invite_id=row["invite_id"],
        acr=row["acr"],
        amr=row["amr"],
        authenticated_at=row["authenticated_at"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        expires_at=row["expires_at"],
        roles=frozenset(row["roles"].split()),
        absent_until=row["absent_until"],
    )


async def admit_person_in(
    tx: Tx, credential: PersonCredential, now: int, permission: Permission | None = None, *, scope: str = FULL
) -> Session | HubError:
    """The session behind a credential, if it counts and allows `permission`.

    Runs inside the unit of work that it guards, so that a session ended a moment ago does nothing any more.
    """
    session = await session_in(tx, credential, now)
    if isinstance(session, HubError):
        return session
    if session.scope != scope and scope == FULL:
        return enrolment_only()
    if permission is not None and not session.allows(permission):
        return Forbidden(
            "role_missing",
            f"none of your roles allows {permission.value}",
            next_step="Ask an owner or admin of the organisation.",
        )
    return session


def enrolment_only() -> Forbidden:
    """What an invitation's session is told that asks for more than its own key."""
    return Forbidden(
        "enrolment_only",
        "this session came from an invitation and can only enrol a key",
        next_step="Enrol a passkey or a device key first.",
    )


async def session_in(tx: Tx, credential: PersonCredential, now: int) -> Session | HubError:
    """The session of a credential, if it counts.

    The token before the last step-up reads for a moment longer, as a long-poll is on its way with it. Whoever planted
    or stole it changes nothing by it from the step-up on (docs/decisions/0061).
    """
    row = await store.session(tx, credential.token_hash)
    if row is None and (present := await session_store.session_of_previous(tx, credential.token_hash, now)) is not None:
        if credential.changes:
            return _renewed()
        row = await store.session(tx, present)
    return judge(row, now)


def _renewed() -> Unauthenticated:
    return Unauthenticated(
        "session_renewed",
        "a step-up has put another token in this one's place, which changes nothing any more",
        next_step="Nothing was done. Send it again with the token that the step-up brought, or sign in again.",
    )


def new_session_row(
    *,
    session_id: str,
    token: str,
    org_id: str,
    person_id: str,
    device_id: str | None,
    scope: str,
    acr: str,
    amr: str,
    now: int,
    method: str | None = None,
    invite_id: str | None = None,
    client: str | None = None,
    address: str | None = None,
    token_expires_at: int | None = None,
) -> dict[str, Any]:
    """The columns of a new session for `store.add_session`."""
    return {
        "id": session_id,
        "token_hash": token_hash(token),
        "org_id": org_id,
        "person_id": person_id,
        "device_id": device_id,
        "scope": scope,
        "method": method,
        "invite_id": invite_id,
        "acr": acr,
        "amr": amr,
        "authenticated_at": now,
        "created_at": now,
        "expires_at": now + (ENROLMENT_LIMIT if scope == ENROLMENT else ABSOLUTE_LIMIT),
        "token_expires_at": token_expires_at,
        "client": client,
        "address": address,
    }
