"""What Freja is asked for."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from identity.errors import Refused
from identity.freja_order import LONGEST_TEXT, SHORTEST_LIFE, encoded, hidden_of, order_of, text_of
from identity.freja_settings import FrejaSettings
from identity.proof import Factor, Purpose, StepUp
from tests.contracts.step_up import asked

NOW = asked.START
STEP_UP = asked.step_up(NOW)


def order(step_up: StepUp = STEP_UP, factor: Factor | None = None, **settings: Any) -> dict[str, Any]:
    own = FrejaSettings("c", "k", "ca", ("jws",), **settings)
    return order_of(own, factor or Factor(), step_up, now=NOW)


def test_the_words_and_the_hash_are_what_is_signed() -> None:
    found = order(replace(STEP_UP, visible="Betala 85 kr till Åsa"))
    assert (found["dataToSignType"], found["signatureType"]) == ("EXTENDED_UTF8_TEXT", "EXTENDED")
    assert b64decode(found["dataToSign"]["text"]).decode() == "Betala 85 kr till Åsa"
    assert b64decode(found["dataToSign"]["binaryData"]).decode() == STEP_UP.intent_hash


def test_whoever_scans_it_is_asked_unless_the_number_is_kept() -> None:
    assert (order()["userInfoType"], order()["userInfo"]) == ("INFERRED", "N/A")
    found = order(factor=Factor({"personal_number": "SE199001011239"}))
    assert found["userInfoType"] == "SSN"
    assert json.loads(b64decode(found["userInfo"])) == {"country": "SE", "ssn": "199001011239"}


@pytest.mark.parametrize("kept", [None, 7, "", "199001011239", "se199001011239", "SE", "SE1990\n", "SE" + "1" * 40])
def test_what_is_no_number_is_not_sent(kept: Any) -> None:
    assert order(factor=Factor({"personal_number": kept}))["userInfoType"] == "INFERRED"


@pytest.mark.parametrize(
    ("settings", "attribute"),
    [({}, "SSN"), ({"known_by": "relying_party_user_id"}, "RELYING_PARTY_USER_ID")],
)
def test_no_more_of_the_person_is_asked_for_than_what_names_them(settings: dict[str, Any], attribute: str) -> None:
    wanted = [entry["attribute"] for entry in order(**settings)["attributesToReturn"]]
    assert wanted == [attribute, "REGISTRATION_LEVEL"]


def test_the_level_and_the_face_are_as_the_settings_say() -> None:
    assert (order()["minRegistrationLevel"], order()["userConfirmationMethod"]) == ("PLUS", "DEFAULT")
    found = order(min_registration_level="EXTENDED", face=True)
    assert (found["minRegistrationLevel"], found["userConfirmationMethod"]) == ("EXTENDED", "DEFAULT_AND_FACE")


@pytest.mark.parametrize("life", [1_000, 120_000, SHORTEST_LIFE, 300_000])
def test_it_ends_with_the_step_up_but_not_sooner_than_freja_allows(life: int) -> None:
    assert order(replace(STEP_UP, expires_at=NOW + life))["expiry"] == NOW + max(life, SHORTEST_LIFE)


@pytest.mark.parametrize(
    ("organisation", "title"), [("Acme AB", "Acme AB"), ("", "Sign"), ("\u202e", "Sign"), ("x" * 99, "x" * 60)]
)
def test_the_title_is_whose_question_it_is(organisation: str, title: str) -> None:
    assert order(replace(STEP_UP, organisation=organisation))["title"] == title


def test_the_push_message_says_nothing_of_what_is_asked() -> None:
    found = order(replace(STEP_UP, visible="Pay Åsa's ransom"))
    assert "ransom" not in json.dumps([found["pushNotification"], found["title"]])


def test_json_goes_out_without_escapes_as_freja_refuses_them() -> None:
    parameter, _, value = encoded("initSignRequest", {"title": "Åsa"}).decode().partition("=")
    assert parameter == "initSignRequest"
    assert b64decode(value).decode() == '{"title": "Åsa"}'


@pytest.mark.parametrize(
    ("purpose", "language", "words"),
    [
        (Purpose.SIGN_IN, "sv", "Logga in."),
        (Purpose.SIGN_IN, "xx", "Sign in."),
        (Purpose.LINK, "en", "Link Freja to your account."),
    ],
)
def test_a_sign_in_without_words_has_some(purpose: Purpose, language: str, words: str) -> None:
    assert text_of(replace(STEP_UP, visible=" ", purpose=purpose, language=language)) == words


def test_a_decision_without_words_is_refused() -> None:
    with pytest.raises(Refused, match="without words"):
        text_of(replace(STEP_UP, visible=" \n"))


def test_a_text_is_signed_whole_or_not_at_all() -> None:
    assert len(text_of(replace(STEP_UP, visible="x" * LONGEST_TEXT))) == LONGEST_TEXT
    with pytest.raises(Refused) as refusal:
        text_of(replace(STEP_UP, visible="x" * (LONGEST_TEXT + 1)))
    assert refusal.value.hint == "text_too_long"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\u2066", "\ufeff", "\ud800", "\x85"])
def test_a_text_that_would_look_unlike_what_is_signed_is_refused(character: str) -> None:
    with pytest.raises(Refused, match="control characters"):
        text_of(replace(STEP_UP, visible=f"Pay 85 {character} USD"))


def test_line_ends_of_every_kind_become_one() -> None:
    assert text_of(replace(STEP_UP, visible="a\r\nb\rc\n\td")) == "a\nb\nc\n\td"


def test_an_intent_without_a_hash_is_refused() -> None:
    with pytest.raises(Refused, match="no hash"):
        hidden_of(replace(STEP_UP, intent_hash=""))
