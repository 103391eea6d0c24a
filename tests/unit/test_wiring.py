"""What the wiring computes by itself: derived keys and the names of logs."""

from __future__ import annotations

import hashlib
import hmac

from approvals_hub.wiring import derive, log_origin


def test_a_derived_key_is_one_block_of_hkdf_expand() -> None:
    assert derive(b"k" * 32, "nonces") == hmac.digest(b"k" * 32, b"nonces\x01", hashlib.sha256)


def test_keys_for_two_uses_differ() -> None:
    assert derive(bytes(32), "nonces") != derive(bytes(32), "audit-mac")


def test_a_log_is_named_by_the_hub_and_the_organisation() -> None:
    assert log_origin("hub.example:8443", "org_1") == "hub.example:8443/org_1"
