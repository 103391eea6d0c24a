"""Which addresses are written to."""

from __future__ import annotations

import pytest

from notify.mail_address import BadAddress, masked, on_the_wire
from tests.contracts.channels.numbered import HOSTILE_MAIL


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("anna@example.se", "anna@example.se"),
        ("Anna.B+hub@Mail.Example.SE", "Anna.B+hub@Mail.Example.SE"),
        ("a@b.se", "a@b.se"),
        ("o'brien_{x}@example.se", "o'brien_{x}@example.se"),
        ("anna@räksmörgås.se", "anna@xn--rksmrgs-5wao1o.se"),
        (f"{'a' * 64}@example.se", f"{'a' * 64}@example.se"),
    ],
)
def test_a_plain_address_goes_to_the_wire_in_ascii(address: str, wire: str) -> None:
    assert on_the_wire(address) == wire


@pytest.mark.parametrize("address", [*HOSTILE_MAIL, "åsa@example.se", "a..b@example.se", ".a@example.se", "a@-b.se"])
def test_an_address_that_could_be_more_than_one_is_refused_and_not_quoted(address: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        on_the_wire(address)
    assert len(address) < 3 or address not in str(refusal.value)


def test_a_masked_address_shows_a_letter_and_the_host() -> None:
    assert masked("anna@example.se") == "a…@example.se"
    assert masked("anna@example.se\r\nBcc: eve@evil.example") == "…"
