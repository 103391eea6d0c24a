"""A step-up as a noun: when it is over, when it is busy, and what a caller is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Forbidden, HubError, Unavailable
from approvals_hub.stepup.step_up import COLUMNS, LEASE, Step, of, vendor_refused
from identity import errors

STEP = Step(
    **{
        **dict.fromkeys(Step.__struct_fields__),
        "id": "stu_1",
        "state": "running",
        "tries": 0,
        "method": "totp",
        "expires_at": 1000,
        "amr": "otp sms",
        "binding": "server",
    }  # type: ignore[arg-type]  # what the tests do not look at is left empty
)


@pytest.mark.parametrize(
    ("state", "now", "found"),
    [
        ("running", 999, "running"),
        ("running", 1000, "ended"),
        ("beginning", 1000, "ended"),
        ("proven", 999, "proven"),
        ("proven", 1000, "ended"),
        ("used", 1000, "used"),
        ("ended", 0, "ended"),
    ],
)
def test_a_step_up_whose_time_is_over_has_ended_though_nobody_wrote_it_down(state: str, now: int, found: str) -> None:
    assert msgspec.structs.replace(STEP, state=state).state_at(now) == found


@pytest.mark.parametrize(
    ("collect_at", "busy"), [(None, False), (0, False), (2000, False), (LEASE // 2, False), (LEASE, True)]
)
def test_it_is_busy_while_somebody_holds_its_lease(collect_at: int | None, busy: bool) -> None:
    assert msgspec.structs.replace(STEP, collect_at=collect_at).leased_at(0) is busy


def test_its_evidence_is_what_the_provider_proved() -> None:
    evidence = STEP.evidence()
    assert (evidence.method, evidence.amr, evidence.binding, evidence.reported) == (
        "totp",
        ("otp", "sms"),
        "server",
        None,
    )


def test_a_row_reads_as_it_was_stored() -> None:
    row: dict[str, Any] = {name: getattr(STEP, name) for name in COLUMNS.split(", ")}
    assert of({**row, "sealed": bytearray(b"x")}).sealed == b"x"
    assert of(row) == STEP


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (errors.ProviderDown("x", retry_after=0.2), Unavailable, "provider_down"),
        (errors.Misconfigured("x"), Unavailable, "provider_misconfigured"),
        (errors.WrongPerson("x"), Forbidden, "wrong_person"),
        (errors.TooRisky("x"), Forbidden, "too_risky"),
        (errors.WrongAnswer("x"), Forbidden, "wrong_answer"),
        (errors.Malformed("x"), Forbidden, "malformed"),
    ],
)
def test_a_callers_refusal_holds_nothing_of_the_providers_text(
    error: errors.NotProven, kind: type[HubError], code: str
) -> None:
    error.args = ("a personal number",)
    refusal = vendor_refused(error)
    assert (type(refusal), refusal.code) == (kind, code)
    assert "personal" not in refusal.detail
    assert refusal.retry_after != 0
