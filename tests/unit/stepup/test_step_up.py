"""A step-up as a noun: its state at a moment, and what a caller is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Forbidden, Unavailable
from approvals_hub.domain.assurance import Evidence
from approvals_hub.stepup.step_up import LEASE, Step, ended, method_unknown, unknown_step_up, vendor_refused
from identity.errors import Cancelled, Malformed, Misconfigured, NotProven, ProviderDown, WrongAnswer, WrongPerson
from identity.provider import TIME_LIMIT

NOW = 1_800_000_000_000
SECRET = "5ecret"


def step(**changes: Any) -> Step:
    members = dict.fromkeys(Step.__struct_fields__)
    return Step(
        **{**members, "id": "stu_1", "state": "running", "expires_at": NOW, "method": "totp", "version": 1, **changes}
    )


@pytest.mark.parametrize(
    ("state", "now", "shown"),
    [
        ("beginning", NOW - 1, "beginning"),
        ("beginning", NOW, "ended"),
        ("running", NOW - 1, "running"),
        ("running", NOW, "ended"),
        ("proven", NOW - 1, "proven"),
        ("proven", NOW, "ended"),
        ("used", NOW, "used"),
        ("ended", NOW - 1, "ended"),
    ],
)
def test_one_whose_time_is_over_has_ended_though_nobody_wrote_it_down(state: str, now: int, shown: str) -> None:
    assert step(state=state).state_at(now) == shown


def test_a_provider_is_being_asked_while_the_next_time_is_far_off() -> None:
    assert step(collect_at=NOW + LEASE).leased_at(NOW)
    assert not step(collect_at=NOW + LEASE // 2).leased_at(NOW)
    assert not step(collect_at=None).leased_at(NOW)


def test_one_begins_for_no_longer_than_its_provider_may_take() -> None:
    assert step(state="beginning", began_at=NOW).begins_at(NOW + LEASE - 1)
    assert not step(state="beginning", began_at=NOW).begins_at(NOW + LEASE)
    assert not step(state="running", began_at=NOW).begins_at(NOW)


def test_a_lease_is_longer_than_a_provider_may_take() -> None:
    assert LEASE > (TIME_LIMIT + 2) * 1000


def test_its_evidence_is_what_the_hub_kept_and_not_what_was_claimed() -> None:
    proven = step(amr="pop mfa", binding="signed", reported="HIGH")
    assert proven.evidence() == Evidence("totp", ("pop", "mfa"), "signed", "HIGH")
    assert step().evidence() == Evidence("totp", (), "", None)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (ProviderDown(SECRET, retry_after=7), Unavailable, "provider_down"),
        (Misconfigured(SECRET), Unavailable, "provider_misconfigured"),
        (WrongAnswer(SECRET), Forbidden, "wrong_answer"),
        (Malformed(SECRET), Forbidden, "malformed"),
        (WrongPerson(SECRET), Forbidden, "wrong_person"),
        (Cancelled(SECRET, hint="userCancel"), Forbidden, "cancelled"),
    ],
)
def test_nothing_of_a_providers_words_reaches_the_caller(error: NotProven, kind: type, code: str) -> None:
    told = vendor_refused(error)
    assert (type(told), told.code) == (kind, code)
    assert SECRET not in f"{told} {told.extra} {told.next_step}"


@pytest.mark.parametrize(("after", "told"), [(7.4, 7), (0, 1), (0.2, 1)])
def test_when_to_try_again_is_a_whole_second_at_least(after: float, told: int) -> None:
    assert vendor_refused(ProviderDown("down", retry_after=after)).retry_after == told


def test_why_it_ended_is_told_with_the_refusal() -> None:
    assert ended(step(state="ended", cause="cancelled", hint="userCancel")).extra == {
        "state": "ended",
        "cause": "cancelled",
        "hint": "userCancel",
    }


def test_a_made_up_way_is_quoted_shortly() -> None:
    assert len(str(method_unknown("x" * 10_000))) < 100


def test_an_unknown_one_names_nobody() -> None:
    assert "stu_" not in str(unknown_step_up())
