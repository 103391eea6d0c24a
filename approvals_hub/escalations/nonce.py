"""Nonces of statements: issuing one writes nothing; using one is unique on decisions."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from approvals_hub.core.clock import MINUTE
from approvals_hub.keys.epoch import Epoch
from approvals_hub_client.canonical import CanonicalError, unb64u

LIFE = 10 * MINUTE
"""At least as long as the slowest step-up takes, in milliseconds."""
_RANDOM = 16
_EXPIRY = 8
_MAC = 32


@dataclass(frozen=True, slots=True)
class Nonces:
    """`random ‖ expiry ‖ HMAC-SHA256(key; random, expiry, escalation, approver, device, epoch)`, base64url."""

    key: bytes = field(repr=False)
    epoch: Callable[[], Epoch]

    def issue(self, escalation_id: str, approver_id: str, device_id: str, now: int) -> tuple[str, int]:
        """A nonce for this approver on this device, and when it ends in milliseconds."""
        until = now + LIFE
        head = os.urandom(_RANDOM) + until.to_bytes(_EXPIRY, "big")
        nonce = head + self._mac(head, escalation_id, approver_id, device_id)
        return urlsafe_b64encode(nonce).rstrip(b"=").decode(), until

    def check(self, nonce: str, escalation_id: str, approver_id: str, device_id: str) -> tuple[bytes, int] | None:
        """The nonce's bytes and its end, if the hub issued it for exactly this; None otherwise."""
        try:
            raw = unb64u(nonce)
        except CanonicalError:
            return None
        if len(raw) != _RANDOM + _EXPIRY + _MAC:
            return None
        head, mac = raw[:-_MAC], raw[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(head, escalation_id, approver_id, device_id)):
            return None
        return raw, int.from_bytes(head[_RANDOM:], "big")

    def _mac(self, head: bytes, escalation_id: str, approver_id: str, device_id: str) -> bytes:
        bound = "\0".join((escalation_id, approver_id, device_id, self.epoch().epoch_id)).encode()
        return hmac.digest(self.key, head + bound, hashlib.sha256)
