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


@pytest.mark.parametrize(
    ("email", "domain", "verified"),
    [
        ("anna@example.se", "example.se", True),
        ("anna@example.se", None, False),
        ("anna@example.se", "", False),
        ("anna@example.se", True, False),
        ("anna@gmail.com", None, True),
        ("anna@GMAIL.com", None, True),
        ("anna@evil-gmail.com", None, False),
        ("anna@gmail.com.evil.example", None, False),
    ],
)
def test_an_address_of_somebody_elses_domain_is_taken_only_from_whom_that_domain_let_in(
    email: str, domain: Any, verified: bool
) -> None:
    token = {"email": email, "email_verified": True, "hd": domain}
    google: dict[str, Any] = {"vouches_with": "hd", "vouches_for": ("gmail.com",)}
    found = claims_of(token, groups_claim="groups", email_is_verified=False, **google)
    assert (found.email, found.email_verified) == (email, verified)
    unsaid = claims_of({**token, "email_verified": False}, groups_claim="groups", email_is_verified=False, **google)
    assert not unsaid.email_verified


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


def test_groups_that_are_too_many_for_the_token_are_not_taken_for_none() -> None:
    elsewhere = {"_claim_names": {"groups": "src1"}}
    assert read(groups=None, **elsewhere).groups is None
    assert read(groups=None, **elsewhere).kept()["groups"] is None
    assert read(groups=["a"], **elsewhere).groups == ("a",)
    for others in ({"_claim_names": {"address": "src1"}}, {"_claim_names": "groups"}):
        assert read(groups=None, **others).groups == ()


@pytest.mark.parametrize(
    ("domain", "found"), [("example.se", ("example.se",)), (None, ()), ("", ()), (["example.se"], ()), (7, ())]
)
def test_a_claim_with_one_text_is_a_group_where_the_settings_say_so(domain: Any, found: tuple[str, ...]) -> None:
    token = {"hd": domain}
    assert claims_of(token, groups_claim="groups", group_claim="hd", email_is_verified=False).groups == found
    assert claims_of(token, groups_claim="groups", email_is_verified=False).groups == ()


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
