"""What a browser brings back."""

from __future__ import annotations

from typing import Any

import pytest

from identity.errors import (
    Cancelled,
    Malformed,
    Misconfigured,
    NotProven,
    ProviderDown,
    Refused,
    TooWeak,
    WrongAnswer,
)
from identity.oidc_answer import LONGEST, Returned, code_of, refusal, returned
from identity.oidc_request import Sent
from tests.contracts.step_up import asked

SENT = Sent.for_step_up(asked.step_up(asked.START))
ISSUER = ("https://id.example.se",)
GOOD = {"code": "a-code", "state": SENT.state, "iss": ISSUER[0]}


def test_a_code_with_the_right_state_and_issuer_is_taken() -> None:
    assert code_of(returned(GOOD, SENT), ISSUER, sends_iss=True) == "a-code"


def test_members_that_providers_add_are_left_alone() -> None:
    assert returned({**GOOD, "session_state": "x", "scope": ["openid"]}, SENT).code == "a-code"


@pytest.mark.parametrize(
    "state",
    ["another", "", SENT.state[:-1], SENT.state + "A", SENT.state.swapcase()],
    ids=["another", "empty", "shorter", "longer", "swapped-case"],
)
def test_a_code_injected_with_another_state_is_refused_and_ends_nothing(state: str) -> None:
    with pytest.raises((WrongAnswer, Malformed)) as error:
        returned({**GOOD, "state": state}, SENT)
    assert not error.value.final


def test_an_error_with_another_state_ends_nothing() -> None:
    with pytest.raises(WrongAnswer):
        returned({"error": "access_denied", "state": "another"}, SENT)


@pytest.mark.parametrize("issuer", ["https://evil.example", ISSUER[0] + "/", ISSUER[0].upper()])
@pytest.mark.parametrize("sends_iss", [True, False])
def test_an_identity_provider_mix_up_is_refused(issuer: str, sends_iss: bool) -> None:
    with pytest.raises(Refused) as error:
        code_of(returned({**GOOD, "iss": issuer}, SENT), ISSUER, sends_iss=sends_iss)
    assert error.value.hint == "mix_up"


def test_a_mix_up_that_hides_its_issuer_is_refused_where_the_provider_always_names_itself() -> None:
    with pytest.raises(Refused, match="another identity provider"):
        code_of(Returned("a-code", None, None), ISSUER, sends_iss=True)


def test_a_provider_that_never_names_itself_need_not() -> None:
    assert code_of(Returned("a-code", None, None), ISSUER, sends_iss=False) == "a-code"


def test_a_mix_up_is_refused_before_its_error_is_believed() -> None:
    with pytest.raises(Refused) as error:
        code_of(Returned(None, "https://evil.example", "access_denied"), ISSUER, sends_iss=True)
    assert not isinstance(error.value, Cancelled)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("access_denied", Cancelled),
        ("consent_required", Cancelled),
        ("unmet_authentication_requirements", TooWeak),
        ("login_required", TooWeak),
        ("server_error", ProviderDown),
        ("temporarily_unavailable", ProviderDown),
        ("invalid_scope", Misconfigured),
        ("unauthorized_client", Misconfigured),
        ("something_new", Refused),
        ("", Refused),
    ],
)
def test_a_providers_error_has_its_meaning(error: str, kind: type[NotProven]) -> None:
    assert type(refusal(error)) is kind


def test_an_unknown_error_is_not_quoted() -> None:
    error = refusal("<script>alert(1)</script>")
    assert "script" not in f"{error} {error.hint}"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        {},
        {"code": "a"},
        {"state": SENT.state},
        {"code": "a", "error": "b", "state": SENT.state},
        {**GOOD, "code": 7},
        {**GOOD, "code": ""},
        {**GOOD, "code": "é"},
        {**GOOD, "code": "\ud800"},
        {**GOOD, "code": "x" * (LONGEST["code"] + 1)},
        {**GOOD, "state": "x" * (LONGEST["state"] + 1)},
        {**GOOD, "iss": ["https://id.example.se"]},
        {**GOOD, "iss": ""},
        {**GOOD, **{str(number): "x" for number in range(40)}},
    ],
)
def test_what_no_provider_sends_is_malformed(answer: Any) -> None:
    with pytest.raises(Malformed):
        returned(answer, SENT)
