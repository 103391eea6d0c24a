"""The limits that are printed are the ones that count."""

from __future__ import annotations

from approvals_hub.api import limits
from approvals_hub.escalations import wait
from approvals_hub_client import canonical


def test_a_printed_limit_is_a_constant_of_the_file() -> None:
    constants = {value for name, value in vars(limits).items() if name.isupper() and isinstance(value, int)}
    assert {number for number, _, _ in limits.LIMITS.values()} <= constants


def test_a_body_has_room_for_the_largest_action() -> None:
    assert limits.BODY > 256 * 1024


def test_json_is_no_deeper_than_what_can_be_hashed() -> None:
    assert limits.DEPTH <= canonical.MAX_DEPTH


def test_a_client_hears_of_a_lost_wake_up_before_its_wait_is_over() -> None:
    assert wait.REREAD < limits.DEFAULT_WAIT < limits.LONGEST_WAIT
