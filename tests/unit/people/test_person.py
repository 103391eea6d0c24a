"""What may be written about a person."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY, MINUTE
from approvals_hub.core.errors import Invalid
from approvals_hub.people.person import check_email, check_invite_life, check_name, enrolment_url


@pytest.mark.parametrize("name", ["Ada", "  Ada  ", "Åsa Öberg", "李小龍", "x" * 100])
def test_a_plain_name_is_kept_without_outer_space(name: str) -> None:
    assert check_name(name) == name.strip()


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\nb", "\x1b[31mred", "a\x7f"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_name(name, "$.owner_name")
    assert refused.value.field == "$.owner_name"


@pytest.mark.parametrize("email", ["ada@example.org", "a+b@xn--hxajbheg2az3al.example", None])
def test_an_address_is_kept_as_it_is(email: str | None) -> None:
    assert check_email(email) == email


@pytest.mark.parametrize("email", ["", "ada", "@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "a" * 250 + "@b.example"])
def test_an_address_that_could_end_a_mail_header_is_refused(email: str) -> None:
    with pytest.raises(Invalid):
        check_email(email)


@pytest.mark.parametrize("life", [10 * MINUTE, DAY, 7 * DAY])
def test_an_invitation_lives_from_ten_minutes_to_a_week(life: int) -> None:
    assert check_invite_life(life) == life


@pytest.mark.parametrize("life", [-1, 0, 10 * MINUTE - 1, 7 * DAY + 1])
def test_an_invitation_that_lives_too_long_or_too_short_is_refused(life: int) -> None:
    with pytest.raises(Invalid):
        check_invite_life(life)


def test_the_token_stands_in_the_fragment() -> None:
    assert enrolment_url("https://hub.example/", "inv_x") == "https://hub.example/app/enrol#inv_x"
