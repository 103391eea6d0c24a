"""The table of ways in, row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid
from approvals_hub.people.device import DEVICES_LIMIT
from approvals_hub.stepup.enrolment import TEXT_LIMIT, Enrolment, check_texts, first_state, refusal
from approvals_hub.stepup.new_key import OfferedKey
from approvals_hub.stepup.verify import Verified, not_signed

MINE = Verified("dev_1", "per_1", "device_key", "sha256:", 0, None)
THEIRS = Verified("dev_2", "per_2", "device_key", "sha256:", 0, None)


@pytest.mark.parametrize(
    ("scope", "purpose", "active", "permit", "expected"),
    [
        ("enrolment", "invite", 0, None, None),  # the first key, by a link
        ("enrolment", "invite", 1, None, "key_exists"),  # a link enrols nothing where a key exists
        ("enrolment", "setup", 1, None, "key_exists"),
        ("enrolment", "invite", 1, MINE, "key_exists"),  # not even with the word of a key: sign in first
        ("enrolment", "recover", 1, None, None),  # the key that is there is the lost one
        ("enrolment", "recover", 0, None, None),
        ("full", None, 1, MINE, None),  # a further key
        ("full", None, 1, None, "existing_key_needed"),  # a session alone is not enough
        ("full", "recover", 1, None, "existing_key_needed"),  # whichever link it once came from
        ("full", None, 1, THEIRS, "existing_key_needed"),  # somebody else's word
        ("full", None, 1, not_signed(), "invalid_signature"),  # a word that does not verify
        ("full", None, 0, None, "existing_key_needed"),  # every key was revoked a moment ago
        ("full", None, DEVICES_LIMIT, MINE, "too_many_devices"),
    ],
)
def test_who_may_enrol_is_this_table(
    scope: str, purpose: str | None, active: int, permit: Verified | HubError | None, expected: str | None
) -> None:
    first = purpose in ("invite", "setup") and not active
    found = refusal(scope=scope, purpose=purpose, person_id="per_1", active=active, permit=permit, first=first)
    assert (found.code if found else None) == expected
    assert found is None or isinstance(found, Forbidden | Conflict)


@pytest.mark.parametrize(
    ("permit", "active", "expected"),
    [
        (None, 0, None),  # somebody whom a provider let in, before any key of theirs
        (not_signed(), 0, "invalid_signature"),
        (None, 1, "existing_key_needed"),
    ],
)
def test_a_session_that_no_device_opened_enrols_a_first_key_alone(
    permit: HubError | None, active: int, expected: str | None
) -> None:
    found = refusal(scope="full", purpose=None, person_id="per_1", active=active, permit=permit, first=True)
    assert (found.code if found else None) == expected


@pytest.mark.parametrize("purpose", ["invite", "setup", None])
def test_an_invitation_made_after_the_last_key_was_revoked_lets_nobody_in(purpose: str | None) -> None:
    found = refusal(scope="enrolment", purpose=purpose, person_id="per_1", active=0, permit=None, first=False)
    assert found is not None
    assert found.code == "had_key"


def test_a_first_key_that_no_other_signs_for_waits_to_be_confirmed() -> None:
    assert first_state(scope="full", purpose=None, first=True) == "pending"


@pytest.mark.parametrize(
    ("scope", "purpose", "way", "state"),
    [
        ("enrolment", "setup", None, "active"),
        ("enrolment", "invite", None, "pending"),
        ("enrolment", "recover", "code", "pending"),
        ("enrolment", "recover", "colleagues", "pending"),
        ("enrolment", "recover", "host", "active"),
        ("enrolment", "recover", None, "pending"),
        ("enrolment", "something new", None, "pending"),
        ("enrolment", None, None, "pending"),
        ("full", None, None, "active"),
    ],
)
def test_what_a_new_key_may_do_at_once_is_this_table(
    scope: str, purpose: str | None, way: str | None, state: str
) -> None:
    first = purpose in ("invite", "setup")
    assert first_state(scope=scope, purpose=purpose, first=first, way=way) == state


def test_what_a_client_says_about_its_device_is_bounded() -> None:
    fine = Enrolment("chl_1", OfferedKey("passkey"), "phone", platform="x" * TEXT_LIMIT, app_version="1")
    check_texts(fine)
    for field in ("platform", "app_version", "installation_id"):
        with pytest.raises(Invalid, match=field):
            check_texts(replace(fine, **{field: "x" * (TEXT_LIMIT + 1)}))
