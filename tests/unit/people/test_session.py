"""Which sessions count, and for what."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import HubError
from approvals_hub.orgs.org import Permission
from approvals_hub.people.session import (
    ABSOLUTE_LIMIT,
    ENROLMENT_LIMIT,
    IDLE_LIMIT,
    Session,
    admit_person_in,
    judge,
    new_session_row,
    token_hash,
)
from tests.fakes.front_door import HERE, FrontDoor, credential_of

ROW: dict[str, Any] = {
    "id": "ses_1",
    "org_id": "org_1",
    "org_name": "Personal",
    "person_id": "per_1",
    "person_name": "Ada",
    "person_email": None,
    "person_state": "active",
    "device_id": "dev_1",
    "method": "device_key",
    "scope": "full",
    "invite_id": None,
    "acr": "LOW",
    "amr": "pop",
    "authenticated_at": 0,
    "created_at": 0,
    "last_seen_at": 0,
    "expires_at": ABSOLUTE_LIMIT,
    "absent_until": None,
    "ended_at": None,
    "token_expires_at": None,
    "roles": "approver auditor",
}


@pytest.mark.parametrize(
    ("change", "now", "code"),
    [
        ({}, 0, None),
        ({}, IDLE_LIMIT - 1, None),
        ({}, IDLE_LIMIT, "session_expired"),
        ({"last_seen_at": ABSOLUTE_LIMIT}, ABSOLUTE_LIMIT - 1, None),
        ({"last_seen_at": ABSOLUTE_LIMIT}, ABSOLUTE_LIMIT, "session_expired"),
        ({"ended_at": 1}, 0, "session_ended"),
        ({"person_state": "disabled"}, 0, "person_disabled"),
        ({"token_expires_at": 10}, 9, None),
        ({"token_expires_at": 10}, 10, "token_expired"),
        ({"token_expires_at": 10, "ended_at": 5}, 10, "session_ended"),
    ],
)
def test_whether_a_session_counts_is_this_table(change: dict[str, Any], now: int, code: str | None) -> None:
    found = judge({**ROW, **change}, now)  # type: ignore[arg-type] # a plain dict reads like a row
    assert (found.code if isinstance(found, HubError) else None) == code


def test_no_row_is_no_session() -> None:
    assert isinstance(judge(None, 0), HubError)


def test_a_sessions_roles_allow_what_they_list_and_nothing_else() -> None:
    session = judge(ROW, 0)  # type: ignore[arg-type] # a plain dict reads like a row
    assert isinstance(session, Session)
    assert session.allows(Permission.ANSWER)
    assert not session.allows(Permission.INVITE_PEOPLE)


def test_an_enrolment_session_allows_nothing() -> None:
    session = judge({**ROW, "scope": "enrolment"}, 0)  # type: ignore[arg-type] # a plain dict reads like a row
    assert isinstance(session, Session)
    assert not session.allows(Permission.ANSWER)


@pytest.mark.parametrize(("scope", "life"), [("full", ABSOLUTE_LIMIT), ("enrolment", ENROLMENT_LIMIT)])
def test_a_new_session_ends_by_its_scope(scope: str, life: int) -> None:
    row = new_session_row(
        session_id="ses_1",
        token="ses_x",
        org_id="org_1",
        person_id="per_1",
        device_id=None,
        scope=scope,
        acr="LOW",
        amr="",
        now=5,
    )
    assert row["expires_at"] == 5 + life
    assert row["token_hash"] == token_hash("ses_x")
    assert "ses_x" not in str(row)


async def test_a_permission_that_no_role_gives_is_forbidden(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    member, _ = await door.member(owner)
    found = await door.db.read(lambda tx: admit_person_in(tx, member, door.time.now, Permission.STOP))
    assert isinstance(found, HubError)
    assert found.code == "role_missing"


async def test_an_enrolment_session_is_let_in_where_it_is_asked_for_alone(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    credential = credential_of(accepted.session.token)
    asked = await door.db.read(lambda tx: admit_person_in(tx, credential, door.time.now, scope="enrolment"))
    other = await door.db.read(lambda tx: admit_person_in(tx, credential, door.time.now))
    assert isinstance(asked, Session)
    assert isinstance(other, HubError)
    assert other.code == "enrolment_only"
