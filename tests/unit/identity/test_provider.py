"""What providers say of themselves: whether they sign people in, and whether what they used up can be forgotten."""

from __future__ import annotations

import pytest

from identity.bankid import BankID
from identity.email_otp import EmailOtp
from identity.freja import Freja
from identity.oidc import Oidc
from identity.oidc_github import GitHub
from identity.passkey_step_up import PasskeyStepUp
from identity.provider import proofs_expire, signs_in
from identity.recovery_codes import RecoveryCodes
from identity.sms_otp import SmsOtp
from identity.totp import Totp


@pytest.mark.parametrize("kind", [BankID, Freja, GitHub, Oidc])
def test_a_provider_whose_proofs_name_a_person_signs_people_in(kind: type) -> None:
    assert signs_in(kind)


@pytest.mark.parametrize("kind", [PasskeyStepUp, RecoveryCodes, SmsOtp, Totp])
def test_a_code_or_a_key_names_nobody(kind: type) -> None:
    assert not signs_in(kind)


def test_a_provider_that_says_nothing_signs_nobody_in() -> None:
    class Other:
        signs_in = "yes"

    assert not signs_in(Other())
    assert not signs_in(object())


@pytest.mark.parametrize("kind", [BankID, EmailOtp, Freja, GitHub, Oidc, PasskeyStepUp, SmsOtp, Totp])
def test_what_belongs_to_one_step_up_or_a_moment_expires(kind: type) -> None:
    assert proofs_expire(kind)


def test_codes_that_are_good_until_they_are_used_never_expire() -> None:
    assert not proofs_expire(RecoveryCodes())


def test_a_provider_that_says_nothing_has_all_it_used_up_kept() -> None:
    class Other:
        proofs_expire = 1

    assert not proofs_expire(Other())
    assert not proofs_expire(object())
