"""Where a person is sent, and what must come back."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from identity.errors import Malformed, Misconfigured, OtherIntent
from identity.jws import b64u
from identity.oidc_request import LONGEST_MESSAGE, Sent, acr_accepted, acr_wanted, authorization_url
from identity.oidc_settings import OidcSettings
from identity.proof import Purpose, StepUp
from tests.contracts.step_up import asked

ENDPOINT = "https://id.example.se/authorize"
STEP_UP = asked.step_up(asked.START)


def settings_of(**changes: Any) -> OidcSettings:
    good = {"issuer": "https://id.example.se", "client_id": "hub & co", "client_secret": "s"}
    return msgspec.convert({**good, **changes}, OidcSettings)


def query_of(step_up: StepUp = STEP_UP, endpoint: str = ENDPOINT, **changes: Any) -> dict[str, str]:
    url = authorization_url(endpoint, settings_of(**changes), step_up, Sent.for_step_up(step_up))
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert len(pairs) == len(dict(pairs)), "a parameter stands there twice"
    return dict(pairs)


def test_the_nonce_is_the_step_ups_own_challenge() -> None:
    assert query_of()["nonce"] == b64u(STEP_UP.challenge)


def test_the_person_must_sign_in_anew_whatever_sessions_they_have() -> None:
    query = query_of()
    assert (query["prompt"], query["max_age"], query["response_type"]) == ("login", "0", "code")


def test_the_code_challenge_is_the_hash_of_a_verifier_that_is_not_shown() -> None:
    sent = Sent.for_step_up(STEP_UP)
    url = authorization_url(ENDPOINT, settings_of(), STEP_UP, sent)
    query = dict(parse_qsl(urlsplit(url).query))
    assert query["code_challenge_method"] == "S256"
    assert query["code_challenge"] == b64u(sha256(sent.verifier.encode()).digest())
    assert sent.verifier not in url
    assert len(sent.verifier) >= 43


def test_state_and_verifier_are_new_each_time() -> None:
    one, two = Sent.for_step_up(STEP_UP), Sent.for_step_up(STEP_UP)
    assert len({one.state, two.state, one.verifier, two.verifier}) == 4


def test_the_person_comes_back_to_the_hubs_own_address() -> None:
    assert query_of()["redirect_uri"] == STEP_UP.return_url


@pytest.mark.parametrize(
    "url",
    [None, "", "http://evil.example/back", "//evil.example", "javascript:alert(1)", "https://u@evil.example", "/back"],
)
def test_an_open_redirect_through_the_return_address_is_refused(url: str | None) -> None:
    with pytest.raises(Misconfigured, match="come back"):
        Sent.for_step_up(replace(STEP_UP, return_url=url))


def test_the_clients_id_is_escaped() -> None:
    assert query_of()["client_id"] == "hub & co"


def test_an_endpoints_own_query_stays() -> None:
    query = query_of(endpoint=ENDPOINT + "?p=b2c_1_sign_in")
    assert (query["p"], query["client_id"]) == ("b2c_1_sign_in", "hub & co")


def test_what_the_step_up_wants_goes_before_the_settings() -> None:
    settings = settings_of(acr_values=["a", "b"], acr_accepted=["c"])
    assert (acr_wanted(settings, STEP_UP), acr_accepted(settings, STEP_UP)) == (("a", "b"), ("c",))
    strict = replace(STEP_UP, acr_wanted=("high",))
    assert (acr_wanted(settings, strict), acr_accepted(settings, strict)) == (("high",), ("high",))
    assert query_of(strict, acr_values=["a"])["acr_values"] == "high"


def test_what_is_asked_for_is_what_is_accepted_unless_the_settings_say_otherwise() -> None:
    assert acr_accepted(settings_of(acr_values=["a", "b"]), STEP_UP) == ("a", "b")
    assert acr_accepted(settings_of(acr_values=["idp:sbid"], required_claims={"idp": ["sbid"]}), STEP_UP) == ()
    assert "acr_values" not in query_of()


@pytest.mark.parametrize(("language", "locales"), [("sv", "sv en"), ("en", "en sv"), ("xx", "en")])
def test_the_provider_is_asked_for_the_persons_language(language: str, locales: str) -> None:
    assert query_of(replace(STEP_UP, language=language))["ui_locales"] == locales


def test_the_words_go_along_where_the_broker_shows_them() -> None:
    hint = query_of(replace(STEP_UP, visible="Betala 85 kr till Åsa"), message_hint=True)["login_hint"]
    assert b64decode(hint.removeprefix("message:")).decode() == "Betala 85 kr till Åsa"


def test_words_that_are_too_long_for_an_address_stay_at_home_whole() -> None:
    fitting = "x" * (LONGEST_MESSAGE // 4 * 3)
    assert "login_hint" in query_of(replace(STEP_UP, visible=fitting), message_hint=True)
    assert "login_hint" not in query_of(replace(STEP_UP, visible=fitting + "x"), message_hint=True)


def test_words_that_are_no_text_break_nothing() -> None:
    assert "login_hint" in query_of(replace(STEP_UP, visible="a \ud800"), message_hint=True)


def test_no_words_go_along_unless_asked_and_never_for_a_sign_in() -> None:
    assert "login_hint" not in query_of()
    assert "login_hint" not in query_of(replace(STEP_UP, purpose=Purpose.SIGN_IN), message_hint=True)


def test_what_is_kept_comes_back_for_the_same_step_up() -> None:
    sent = Sent.for_step_up(STEP_UP)
    assert Sent.of(sent.kept(), STEP_UP) == sent


@pytest.mark.parametrize("changes", [{"id": "stp_other"}, {"challenge": bytes(32)}])
def test_the_state_of_another_step_up_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OtherIntent):
        Sent.of(Sent.for_step_up(STEP_UP).kept(), replace(STEP_UP, **changes))


@pytest.mark.parametrize("state", [{}, {"step_up": "a"}, {"more": 1}])
def test_a_state_of_another_provider_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Sent.of(state, STEP_UP)
