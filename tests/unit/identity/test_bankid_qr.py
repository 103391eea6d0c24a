"""The animated QR code."""

from __future__ import annotations

import pytest

from identity.bankid_qr import qr, qr_text

TOKEN = "67df3917-fa0d-44e5-b327-edcc928297f8"
SECRET = "d28db9a7-4cde-429e-a983-359be676944c"
STATE = {"qr_start_token": TOKEN, "qr_start_secret": SECRET, "started_at": 1_000_000}


def test_the_first_second_has_the_code_of_bankids_own_guide() -> None:
    code = "dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8"
    assert qr_text(TOKEN, SECRET, 0) == f"bankid.{TOKEN}.0.{code}"


@pytest.mark.parametrize(
    ("now", "second"),
    [
        (1_000_000, 0),
        (1_000_999, 0),  # 999 ms later is still second 0
        (1_001_000, 1),
        (1_029_999, 29),
        (999_000, 0),  # a clock that went back shows the first code, never one of second -1
    ],
)
def test_the_code_counts_whole_seconds_since_the_order_began(now: int, second: int) -> None:
    assert qr(STATE, now) == qr_text(TOKEN, SECRET, second)


def test_each_second_has_another_code_and_none_has_the_secret() -> None:
    codes = {qr(STATE, 1_000_000 + second * 1000) for second in range(30)}
    assert len(codes) == 30
    assert not any(SECRET in code for code in codes)
