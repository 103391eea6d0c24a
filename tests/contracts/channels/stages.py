"""Every stage of the suite, written out: a channel that is not here is not held to the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

from tests.contracts.channels import (
    stage_apns,
    stage_chat,
    stage_fcm,
    stage_ntfy,
    stage_relay,
    stage_sendgrid,
    stage_sms,
    stage_smtp,
    stage_webhook,
    stage_webpush,
)
from tests.contracts.channels.stage import Stage

STAGES: Mapping[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "smtp": partial(stage_smtp.stage, "starttls"),
    "smtp over TLS": partial(stage_smtp.stage, "implicit"),
    "sendgrid": stage_sendgrid.stage,
    "sms by 46elks": partial(stage_sms.stage, "46elks"),
    "sms by twilio": partial(stage_sms.stage, "twilio"),
    "sms by vonage": partial(stage_sms.stage, "vonage"),
    "sms by vonage_legacy": partial(stage_sms.stage, "vonage_legacy"),
    "sms by http": partial(stage_sms.stage, "http"),
    "webpush": stage_webpush.stage,
    "apns": stage_apns.stage,
    "fcm": partial(stage_fcm.stage, signed_in=True),
    "fcm signing in": partial(stage_fcm.stage, signed_in=False),
    "relay": stage_relay.stage,
    "webhook": stage_webhook.stage,
    "slack": partial(stage_chat.stage, "slack"),
    "teams": partial(stage_chat.stage, "teams"),
    "ntfy": stage_ntfy.stage,
}
"""By name: the channel's, and where it has several sorts, which one."""

OF_OTHERS = frozenset({"ntfy"})
"""Those of packages from outside."""
