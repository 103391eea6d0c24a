"""Secrets of calls back: what receivers know, and a fingerprint that says nothing of it."""

from __future__ import annotations

from approvals_hub.notifications.callback_secret import fingerprint, new_callback_secret
from notify.webhook_signature import secret_key


def test_each_secret_is_another_one_of_256_bits() -> None:
    made = {new_callback_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(secret_key(secret)) for secret in made} == {32}


def test_a_fingerprint_tells_secrets_apart_and_holds_nothing_of_them() -> None:
    one, other = new_callback_secret(), new_callback_secret()
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)
    assert fingerprint(one) not in one
