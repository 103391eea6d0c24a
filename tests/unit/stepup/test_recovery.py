"""A recovery as a noun: what it takes, and when it has waited."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.stepup.recovery import COLUMNS, Recovery, Waits, of, recovery_over, recovery_unknown

ROW: dict[str, Any] = dict.fromkeys(Recovery.__struct_fields__) | {"id": "rec_1", "state": "open", "expires_at": 100}


def made(**changes: Any) -> Recovery:
    return of({**ROW, **changes})


def test_a_stored_row_is_read_whole() -> None:
    assert COLUMNS.split(", ") == list(Recovery.__struct_fields__)
    assert made().id == "rec_1"


def test_a_key_waits_a_day_unless_the_settings_say_otherwise() -> None:
    assert (Waits().key, Waits().link) == (DAY, DAY)


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ({}, 99, True),
        ({}, 100, False),  # its time is over
        ({"state": "waiting"}, 99, True),  # another key takes the place of the first one
        ({"state": "waiting", "escalation_id": "esc_1"}, 99, False),  # colleagues are asked about one key
        ({"state": "completed"}, 99, False),
        ({"state": "ended"}, 99, False),
    ],
)
def test_when_a_recovery_takes_a_key_is_this_table(changes: dict[str, Any], now: int, expected: bool) -> None:
    assert made(**changes).takes_key(now) is expected


@pytest.mark.parametrize(
    ("counts_at", "hurried_until", "now", "expected"),
    [
        (None, None, 50, False),  # no key yet
        (None, 60, 50, False),  # nothing to hurry
        (50, None, 49, False),
        (50, None, 50, True),
        (50, 45, 44, True),  # two people cut it short
        (50, 45, 45, False),  # and their time is over
    ],
)
def test_when_a_recovery_has_waited_is_this_table(
    counts_at: int | None, hurried_until: int | None, now: int, expected: bool
) -> None:
    assert made(counts_at=counts_at, hurried_until=hurried_until).waited(now) is expected


def test_refusals_say_what_to_do_next() -> None:
    assert (recovery_unknown().code, recovery_over().code) == ("recovery_unknown", "recovery_over")
