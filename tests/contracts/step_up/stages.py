"""Every stage of the suite, written out: a provider that is not here is not held to the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from tests.contracts.step_up import (
    stage_bankid,
    stage_email_otp,
    stage_freja,
    stage_github,
    stage_oidc,
    stage_recovery_codes,
    stage_sms_otp,
    stage_spoken_word,
    stage_totp,
    stage_webauthn,
)
from tests.contracts.step_up.stage import Stage

STAGES: Mapping[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "totp": stage_totp.stage,
    "recovery_codes": stage_recovery_codes.stage,
    "email_otp": stage_email_otp.stage,
    "sms_otp": stage_sms_otp.stage,
    "webauthn": stage_webauthn.stage,
    "bankid": stage_bankid.stage,
    "bankid on the same device": stage_bankid.stage_same_device,
    "freja": stage_freja.stage,
    "oidc": stage_oidc.stage,
    "github": stage_github.stage,
    "spoken_word": stage_spoken_word.stage,
}

WITHOUT_VENDOR = frozenset({"totp", "recovery_codes", "webauthn", "spoken_word"})
"""Stages on which nothing can be down."""
