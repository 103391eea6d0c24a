"""What a provider tells about a person beside who they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from identity.oidc_claims import MOST_GROUPS, Claims, amr_of, claims_of

GOOD = {"email": "anna@example.se", "email_verified": True, "name": "Anna", "groups": ["a", "b"]}


def read(**changes: Any) -> Claims:
    return claims_of({**GOOD, **changes}, groups_claim="groups", email_is_verified=False)


def test_what_is_told_is_kept_as_json() -> None:
    kept = read().kept()
    assert json.loads(json.dumps(kept)) == kept == {**GOOD}


@pytest.mark.parametrize("verified", [False, None, "true", 1, "yes"])
def test_an_address_that_the_provider_does_not_vouch_for_is_not_verified(verified: Any) -> None:
    assert read(email_verified=verified).email_verified is False


def test_a_companys_own_addresses_are_verified_where_the_settings_say_so() -> None:
    token = {"email": "anna@example.se"}
    assert claims_of(token, groups_claim="groups", email_is_verified=True).email_verified
    assert not claims_of({}, groups_claim="groups", email_is_verified=True).email_verified


@pytest.mark.parametrize("email", [7, "", "anna", "a@b@c", "a@b\r\nBcc: c@d", "a@\u202eb", "x" * 250 + "@b.se"])
def test_what_is_no_address_is_left_out(email: Any) -> None:
    found = read(email=email)
    assert (found.email, found.email_verified) == (None, False)


@pytest.mark.parametrize("name", [7, "", "x" * 201, "a\nb", "\u202eeve", "\ud800"])
def test_a_name_that_cannot_be_shown_is_left_out(name: Any) -> None:
    assert read(name=name).name is None


@pytest.mark.parametrize(
    ("groups", "found"),
    [(None, ()), ("admins", ()), ({"a": 1}, ()), (["a", 7, None, "", "b", "x" * 300], ("a", "b"))],
)
def test_groups_are_a_list_of_names_or_nothing(groups: Any, found: tuple[str, ...]) -> None:
    assert read(groups=groups).groups == found


def test_groups_without_end_are_cut_off() -> None:
    assert len(read(groups=["g"] * 100_000).groups) == MOST_GROUPS


def test_groups_may_stand_in_another_claim() -> None:
    assert claims_of({"roles": ["a"]}, groups_claim="roles", email_is_verified=False).groups == ("a",)


@pytest.mark.parametrize(
    ("told", "settings", "amr"),
    [
        (["pwd", "otp", "mfa"], (), ("pwd", "otp", "mfa")),
        (["pwd", "pwd"], (), ("pwd",)),
        (["pwd", "made-up", 7, None], ("pop",), ("pwd",)),
        (["made-up"], ("pop", "mfa"), ("pop", "mfa")),
        ("mfa", ("pop",), ("pop",)),
        (None, (), ("fed",)),
        ([], (), ("fed",)),
    ],
)
def test_only_words_of_rfc_8176_are_believed(told: Any, settings: tuple[str, ...], amr: tuple[str, ...]) -> None:
    assert amr_of({"amr": told}, settings) == amr
