"""How fast is too fast."""

from __future__ import annotations

import pytest

from approvals_hub.domain.reading import MOST, least_time


@pytest.mark.parametrize(
    ("length", "milliseconds"),
    [(0, 800), (100, 2300), (300, 5300), (10_000, MOST)],  # 800 + 15 each
)
def test_the_time_grows_with_what_is_shown_up_to_a_most(length: int, milliseconds: int) -> None:
    assert least_time(length) == milliseconds
