"""Every stage of the suite, written out: a provider that is not here is not held to the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

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
from tests.fakes.sms_gateway import VENDORS

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

SENDERS: Mapping[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "email_otp by SendGrid": stage_email_otp.stage_sendgrid,
    **{f"sms_otp by {name}": partial(stage_sms_otp.stage, name) for name in VENDORS if name != "http"},
}
"""The same providers with each further way to send: what they owe while a vendor fails is the sender's to keep."""

WITHOUT_VENDOR = frozenset({"totp", "recovery_codes", "webauthn", "spoken_word"})
"""Stages on which nothing can be down."""
