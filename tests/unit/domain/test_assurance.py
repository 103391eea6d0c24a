"""What a signature is worth; the table is that of the design."""

from __future__ import annotations

import pytest

from approvals_hub.domain.assurance import (
    COPIED_PASSKEY,
    DEVICE_KEY,
    PASSKEY,
    Assurance,
    Evidence,
    combined,
    copies_of,
    is_too_risky,
    level_of,
    lowest,
    of_device,
    satisfies,
    shows_person,
)


@pytest.mark.parametrize(
    ("kind", "worth"),
    [
        ("device_key", Assurance("LOW", ("pop",), ("device_key",), "signed")),
        ("passkey", Assurance("SUBSTANTIAL", ("mfa", "pop", "user"), ("passkey",), "signed")),
    ],
)
def test_a_signature_is_worth_what_the_table_says(kind: str, worth: Assurance) -> None:
    assert of_device(kind) == worth


BOUND, ELIGIBLE, SYNCED = ((False, False), (True, False), (True, True))


@pytest.mark.parametrize(
    ("passkeys", "counting"),
    [
        ("any", {BOUND, ELIGIBLE, SYNCED}),
        ("not_synced", {BOUND, ELIGIBLE}),
        ("device_bound", {BOUND}),
        ("unheard_of", set()),
    ],
)
def test_a_passkey_counts_by_where_it_lies_and_is_worth_less_than_a_passkey_elsewhere(
    passkeys: str, counting: set[tuple[bool, bool]]
) -> None:
    for flags in (BOUND, ELIGIBLE, SYNCED):
        copies = copies_of(backup_eligible=flags[0], backed_up=flags[1])
        expected = PASSKEY if flags in counting else COPIED_PASSKEY
        assert of_device("passkey", copies, passkeys) == expected
        assert of_device("device_key", None, passkeys).methods == ("device_key",)
    assert (COPIED_PASSKEY.acr, COPIED_PASSKEY.methods) == ("LOW", ("copied_passkey",))


def test_a_passkey_of_which_nothing_is_known_counts_only_where_any_does() -> None:
    assert of_device("passkey", None, "not_synced") == COPIED_PASSKEY
    assert of_device("passkey", None) == PASSKEY


def test_an_unknown_kind_of_device_is_worth_nothing_and_stops_the_program() -> None:
    with pytest.raises(KeyError):
        of_device("email")


@pytest.mark.parametrize(
    ("acr", "minimum", "holds"),
    [
        ("LOW", "LOW", True),
        ("LOW", "SUBSTANTIAL", False),
        ("LOW", "HIGH", False),
        ("SUBSTANTIAL", "LOW", True),
        ("SUBSTANTIAL", "SUBSTANTIAL", True),
        ("SUBSTANTIAL", "HIGH", False),
        ("HIGH", "LOW", True),
        ("HIGH", "SUBSTANTIAL", True),
        ("HIGH", "HIGH", True),
        ("", "LOW", False),
        ("low", "LOW", False),
        ("VERY_HIGH", "HIGH", False),
        ("VERY_HIGH", "LOW", False),
        ("HIGH", "VERY_HIGH", False),
        ("HIGH", "", False),
        ("UNKNOWN", "UNKNOWN", False),
    ],
)
def test_a_level_satisfies_itself_and_what_is_below_and_an_unknown_one_never(
    acr: str, minimum: str, holds: bool
) -> None:
    assert satisfies(acr, minimum) is holds


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        (["HIGH"], "HIGH"),
        (["HIGH", "SUBSTANTIAL"], "SUBSTANTIAL"),
        (["SUBSTANTIAL", "LOW", "HIGH"], "LOW"),
    ],
)
def test_several_approvers_are_as_sure_as_the_least_sure_one(levels: list[str], found: str) -> None:
    assert lowest(levels) == found


def test_nobody_approves_at_no_level() -> None:
    with pytest.raises(ValueError, match="empty"):
        lowest([])


TOTP = Evidence("totp", ("otp",), "server")
SMS = Evidence("sms_otp", ("otp", "sms"), "server")
WEBAUTHN = Evidence("webauthn", ("pop", "user", "mfa"), "nonce")
BANKID = Evidence("bankid", ("pop", "mfa"), "signed")


def reported(level: str | None, binding: str = "nonce", method: str = "company") -> Evidence:
    return Evidence(method, ("pwd",), binding, level)


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        (TOTP, "LOW"),
        (SMS, "LOW"),
        (Evidence("email_otp", ("otp",), "server"), "LOW"),
        (Evidence("recovery_codes", ("otp",), "server"), "LOW"),
        (WEBAUTHN, "SUBSTANTIAL"),
        (BANKID, "SUBSTANTIAL"),
        (Evidence("freja", ("pop", "mfa"), "signed"), "SUBSTANTIAL"),
        (Evidence("freja", ("pop", "mfa"), "signed", "SUBSTANTIAL"), "SUBSTANTIAL"),
        (Evidence("freja", ("pop", "mfa"), "signed", "LOW"), "LOW"),
        (reported("HIGH"), "HIGH"),
        (reported("SUBSTANTIAL"), "SUBSTANTIAL"),
        (reported("HIGH", "signed"), "HIGH"),
        (reported(None), "LOW"),
        (reported("urn:some:acr"), "LOW"),
        (reported("HIGH", "server"), "LOW"),
    ],
)
def test_a_proof_is_worth_what_the_table_says(evidence: Evidence, level: str) -> None:
    assert level_of(evidence) == level


@pytest.mark.parametrize("method", ["totp", "email_otp", "sms_otp", "bankid", "freja", "webauthn"])
def test_a_provider_of_ours_that_reports_a_higher_level_gains_nothing(method: str) -> None:
    assert level_of(reported("HIGH", "signed", method)) != "HIGH"


@pytest.mark.parametrize(
    ("device", "proofs", "found"),
    [
        (DEVICE_KEY, [], DEVICE_KEY),
        (PASSKEY, [], PASSKEY),
        (DEVICE_KEY, [TOTP], Assurance("LOW", ("otp", "pop"), ("device_key", "totp"), "signed")),
        (DEVICE_KEY, [SMS], Assurance("LOW", ("otp", "pop", "sms"), ("device_key", "sms_otp"), "signed")),
        (
            DEVICE_KEY,
            [WEBAUTHN],
            Assurance("SUBSTANTIAL", ("mfa", "pop", "user"), ("device_key", "passkey"), "nonce"),
        ),
        (DEVICE_KEY, [BANKID], Assurance("SUBSTANTIAL", ("mfa", "pop"), ("device_key", "bankid"), "signed")),
        (PASSKEY, [TOTP], Assurance("SUBSTANTIAL", ("mfa", "otp", "pop", "user"), ("passkey", "totp"), "signed")),
        (PASSKEY, [WEBAUTHN], PASSKEY),
        (
            DEVICE_KEY,
            [TOTP, reported("HIGH")],
            Assurance("HIGH", ("otp", "pop", "pwd"), ("device_key", "totp", "company"), "nonce"),
        ),
    ],
)
def test_a_signature_and_its_proofs_are_worth_the_strongest_of_them(
    device: Assurance, proofs: list[Evidence], found: Assurance
) -> None:
    assert combined(device, proofs) == found


def test_many_weak_proofs_are_as_weak_as_one() -> None:
    assert combined(DEVICE_KEY, [TOTP, SMS, TOTP]).acr == "LOW"


@pytest.mark.parametrize(
    ("reported", "most", "refused"),
    [
        ("low", "low", False),
        ("moderate", "low", True),
        ("high", "low", True),
        ("moderate", "moderate", False),
        ("high", "moderate", True),
        ("unknown", "moderate", True),  # it could not tell
        ("LOW", "moderate", True),  # no word of it
        (0, "moderate", True),
        (None, "low", False),  # a passkey has no such word
        ("high", None, False),  # nothing was asked
    ],
)
def test_more_risk_than_is_accepted_or_none_that_could_be_told_is_too_much(
    reported: str | int | None, most: str | None, refused: bool
) -> None:
    assert is_too_risky(reported, most) is refused


@pytest.mark.parametrize(
    ("methods", "shown"),
    [
        ((), False),
        (("device_key",), False),
        (("copied_passkey", "sms_otp", "email_otp"), False),
        (("passkey",), True),
        (("device_key", "totp"), True),
        (("device_key", "a_brokers_eid"), True),
    ],
)
def test_a_key_alone_and_a_code_that_was_sent_show_no_person(methods: tuple[str, ...], shown: bool) -> None:
    assert shows_person(methods) is shown
