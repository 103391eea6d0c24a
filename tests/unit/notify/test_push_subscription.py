"""Subscriptions as browsers write them, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notify.address import BadAddress
from notify.push_subscription import PushSubscription
from tests.unit.notify.test_webpush_encryption import AUTH, BROWSER_KEY

SOUND: dict[str, Any] = {
    "endpoint": "https://push.example/secret",
    "expirationTime": None,
    "keys": {"p256dh": BROWSER_KEY, "auth": AUTH},
}


@pytest.mark.parametrize("expires", [None, 1_800_000_000_000, 1.8e12])
def test_what_a_browser_gives_is_read_word_for_word(expires: float | None) -> None:
    read = PushSubscription.read(json.dumps({**SOUND, "expirationTime": expires}))
    assert (read.endpoint, len(read.browser_key()), len(read.auth_secret())) == (SOUND["endpoint"], 65, 16)


def test_a_subscription_without_an_end_needs_no_word_about_it() -> None:
    assert PushSubscription.read(json.dumps({name: SOUND[name] for name in ("endpoint", "keys")})).expires is None


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "B" * 87, "auth": AUTH},  # a point that is not on the curve: it would tell our key (RFC 8291, 7)
        {"p256dh": BROWSER_KEY[:-1], "auth": AUTH},
        {"p256dh": BROWSER_KEY + "=", "auth": AUTH},
        {"p256dh": "A" * 87, "auth": AUTH},
        {"p256dh": BROWSER_KEY, "auth": AUTH[:-1]},
        {"p256dh": BROWSER_KEY, "auth": ""},
        {"p256dh": BROWSER_KEY},
        {"p256dh": BROWSER_KEY, "auth": AUTH, "more": ""},
    ],
)
def test_keys_that_nothing_can_be_encrypted_for_are_refused(keys: dict[str, str]) -> None:
    with pytest.raises(BadAddress):
        PushSubscription.read(json.dumps({**SOUND, "keys": keys}))


def test_a_subscription_shows_nothing_of_what_it_holds() -> None:
    shown = repr(PushSubscription.read(json.dumps(SOUND)))
    assert [part for part in ("secret", BROWSER_KEY, AUTH) if part in shown] == []
