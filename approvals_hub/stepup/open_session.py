"""Opens sessions, always with a new id and a new token, inside the unit of work that verified the person."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Tx
from approvals_hub.domain.assurance import LOW, of_device
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people import session_store
from approvals_hub.people import store as people
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.session import (
    FULL,
    INVITATION,
    NATIVE_TOKEN_LIFE,
    PLACE_KEPT,
    Session,
    new_session_row,
    token_hash,
)
from approvals_hub.people.visit import Visitor, cut


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session. The token is given to the client once; only its hash is kept."""

    session_id: str
    token: str = field(repr=False)
    scope: str
    acr: str
    expires_at: int
    token_expires_at: int | None = None
    """For native clients: when the token is over and has to be refreshed."""
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SessionSecrets:
    """Id and tokens of a session to come: randomness is taken before the unit of work."""

    session_id: str
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)


def new_session_secrets() -> SessionSecrets:
    """A fresh id and tokens of 256 random bits."""
    return SessionSecrets(new_id("ses"), new_secret("ses"), new_secret("rft"))


@dataclass(frozen=True, slots=True)
class Whose:
    """The person a session is for, in which organisation, by which device, invitation, provider or link."""

    org_id: str
    person_id: str
    scope: str
    device_id: str | None = None
    device_kind: str | None = None
    invite_id: str | None = None
    native: bool = False
    """Whether the client is an app that refreshes a short-lived token."""
    method: str = INVITATION
    """How the person proved who they are, where it was no device: a provider's name, `email_link`, `invitation`."""
    acr: str = LOW
    """What that is worth."""
    amr: tuple[str, ...] = ()
    auth_ref: str | None = None
    """The provider's public reference of this one act."""
    before: Session | None = None
    """The session of which it is a continuation elsewhere: it proves no more, and lasts no longer."""


async def open_session_in(
    tx: Tx, visits: KeepVisits, secrets: SessionSecrets, whose: Whose, visitor: Visitor, now: int
) -> OpenedSession:
    """Store the session and record it with where it came from; a device's has the assurance that its kind is worth.

    The person is told of one that no device opened, where this client was not signed in this way lately: everybody who
    gets hold of a mailbox or an account elsewhere begins like that. A new device is told of when it is enrolled.
    """
    assurance = of_device(whose.device_kind) if whose.device_kind is not None else None
    method = whose.device_kind or whose.method
    client = cut(visitor.client)
    is_news = (
        assurance is None
        and whose.scope == FULL
        and not await session_store.opened_before(
            tx, whose.person_id, method=method, client=client, since=now - PLACE_KEPT
        )
    )
    row = new_session_row(
        session_id=secrets.session_id,
        token=secrets.token,
        org_id=whose.org_id,
        person_id=whose.person_id,
        device_id=whose.device_id,
        scope=whose.scope,
        method=method,
        acr=assurance.acr if assurance else whose.acr,
        amr=" ".join(assurance.amr if assurance else whose.amr),
        now=now,
        invite_id=whose.invite_id,
        client=client,
        address=visitor.address,
        token_expires_at=now + NATIVE_TOKEN_LIFE if whose.native else None,
    )
    if whose.before is not None:
        row |= {"authenticated_at": whose.before.authenticated_at, "expires_at": whose.before.expires_at}
    await people.add_session(tx, **row)
    if whose.native:
        await session_store.add_refresh_token(
            tx, token_hash=token_hash(secrets.refresh_token), session_id=secrets.session_id, at=now
        )
    await visits.record_in(
        tx,
        Event(
            kind="session.opened",
            org_id=whose.org_id,
            at=now,
            actor_type="person",
            actor_id=whose.person_id,
            detail={
                "session_id": secrets.session_id,
                "scope": whose.scope,
                "acr": row["acr"],
                "device_id": whose.device_id,
                "invite_id": whose.invite_id,
                "method": method,
                "auth_ref": whose.auth_ref,
            },
        ),
        visitor,
    )
    if is_news:
        await queue_person(
            tx,
            kind="session.new",
            org_id=whose.org_id,
            person_id=whose.person_id,
            at=now,
            until=now + TELL_WITHIN,
        )
        tx.changed(f"person:{whose.person_id}")
    return OpenedSession(
        secrets.session_id,
        secrets.token,
        whose.scope,
        row["acr"],
        row["expires_at"],
        row["token_expires_at"],
        secrets.refresh_token if whose.native else None,
    )
