"""What results say, and how long a provider's wish is believed."""

from __future__ import annotations

import pytest

from notify.delivery import LONGEST_AFTER, Cause, Failed, bad_address_here, bad_settings, permanent, waiting


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(-5.0, 1.0), (0.0, 1.0), (1.0, 1.0), (90.5, 90.5), (86_400.0, 86_400.0), (1e12, LONGEST_AFTER)],
)
def test_a_wish_to_wait_is_at_least_a_second_and_at_most_a_day(asked: float, waited: float) -> None:
    assert waiting(asked) == waited


def test_a_failure_says_who_can_mend_it() -> None:
    assert bad_settings("the key is refused") == Failed(Cause.SETTINGS, "the key is refused")
    assert bad_address_here("of another app") == Failed(Cause.SETTINGS, "of another app", of_address=True)
    assert permanent("it is too long") == Failed(Cause.PERMANENT, "it is too long")
