"""BankID's recommended user messages."""

from __future__ import annotations

import pytest

from identity.bankid_messages import (
    TEXTS,
    Situation,
    error_message,
    failed_message,
    pending_message,
    refusal_message,
    words,
)

SIGN_HERE_ON_PHONE = Situation(signing=True, same_device=True, mobile=True)
SIGN_HERE_ON_COMPUTER = Situation(signing=True, same_device=True, mobile=False)
SIGN_BY_QR = Situation(signing=True, same_device=False, mobile=False)
IDENTIFY_BY_QR = Situation(signing=False, same_device=False, mobile=False)


@pytest.mark.parametrize(
    ("hint", "situation", "message"),
    [
        ("outstandingTransaction", SIGN_HERE_ON_PHONE, "RFA13"),  # the page has tried to start the app
        ("outstandingTransaction", SIGN_BY_QR, "RFA1"),  # the person starts it
        ("noClient", SIGN_HERE_ON_PHONE, "RFA1"),
        ("started", SIGN_HERE_ON_COMPUTER, "RFA15A"),  # searches on this computer
        ("started", SIGN_HERE_ON_PHONE, "RFA15B"),  # searches on this phone
        ("started", SIGN_BY_QR, "RFA15B"),  # searches on the phone that scanned
        ("userSign", SIGN_BY_QR, "RFA9B"),
        ("userSign", IDENTIFY_BY_QR, "RFA9A"),
        ("userMrtd", SIGN_BY_QR, "RFA23"),
        ("userCallConfirm", SIGN_BY_QR, "RFA21"),
        ("processing", SIGN_BY_QR, "RFA21"),
        ("aCodeOfNextYear", SIGN_BY_QR, "RFA21"),
    ],
)
def test_a_pending_hint_has_its_message(hint: str, situation: Situation, message: str) -> None:
    assert pending_message(hint, situation) == message


@pytest.mark.parametrize(
    ("hint", "situation", "message"),
    [
        ("expiredTransaction", SIGN_BY_QR, "RFA8"),
        ("certificateErr", SIGN_BY_QR, "RFA16"),
        ("userCancel", SIGN_BY_QR, "RFA6"),
        ("cancelled", SIGN_BY_QR, "RFA3"),
        ("startFailed", SIGN_BY_QR, "RFA17B"),  # the QR code was not scanned
        ("startFailed", SIGN_HERE_ON_PHONE, "RFA17A"),  # the app is not there
        ("userDeclinedCall", SIGN_BY_QR, "RFA6"),
        ("notSupportedByUserApp", SIGN_BY_QR, "RFA22"),
        ("transactionRiskBlocked", SIGN_BY_QR, "RFA22"),
        ("aCodeOfNextYear", SIGN_BY_QR, "RFA22"),
    ],
)
def test_a_failed_hint_has_its_message(hint: str, situation: Situation, message: str) -> None:
    assert failed_message(hint, situation) == message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("alreadyInProgress", "RFA4"),
        ("canceled", "RFA3"),
        ("requestTimeout", "RFA5"),
        ("maintenance", "RFA5"),
        ("internalError", "RFA5"),
        ("unauthorized", "RFA22"),
    ],
)
def test_an_error_code_has_its_message(code: str, message: str) -> None:
    assert error_message(code) == message


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        ("alreadyInProgress", "RFA4"),
        ("certificateErr", "RFA16"),
        ("risk", "RFA22"),
        ("bad_evidence", "RFA22"),
        (None, "RFA22"),
    ],
)
def test_the_hint_of_a_refusal_has_its_message(hint: str | None, message: str) -> None:
    assert refusal_message(hint, SIGN_BY_QR) == message


def test_every_message_has_words_in_both_languages() -> None:
    assert all(words(each, "sv") and words(each, "en") and words(each, "sv") != words(each, "en") for each in TEXTS)


def test_swedish_words_are_spelt_with_their_own_letters() -> None:
    assert words("RFA9B", "sv") == "Skriv in din säkerhetskod i BankID-appen och välj Skriv under."
    assert words("RFA6", "sv") == "Åtgärden avbröts."


def test_another_language_gets_english_words() -> None:
    assert words("RFA1", "fi") == "Start your BankID app."
