"""Devices as nouns: the keys of a person, one of which signs every answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import DAY

DEVICE_KEY = "device_key"
PASSKEY = "passkey"

PENDING = "pending"
"""Enrolled by invitation; signs nothing before somebody has confirmed the six digits."""
ACTIVE = "active"
REVOKED = "revoked"

COUNTER_REGRESSION = "counter_regression"
"""A passkey's counter went back: two authenticators may hold its key."""

WRONG_DIGITS_LIMIT = 5
"""Wrong digits after which a pending device is revoked; the sixth try fails even if it is right."""
DEVICES_LIMIT = 20
"""Active devices a person may have."""
TELL_WITHIN = 7 * DAY
"""How long the news of a new or revoked device is worth sending, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Device:
    """A person's device, as it is shown: no key material but the key's hash."""

    device_id: str
    person_id: str
    kind: str
    alg: str
    name: str
    platform: str | None
    app_version: str | None
    state: str
    key_hash: str
    backup_eligible: bool
    backed_up: bool
    flagged: str | None
    created_at: int
    last_used_at: int | None


def device_of(row: Any) -> Device:
    """The device of a stored row."""
    return Device(
        device_id=row["id"],
        person_id=row["person_id"],
        kind=row["kind"],
        alg=row["alg"],
        name=row["name"],
        platform=row["platform"],
        app_version=row["app_version"],
        state=row["state"],
        key_hash=row["key_hash"],
        backup_eligible=bool(row["backup_eligible"]),
        backed_up=bool(row["backed_up"]),
        flagged=row["flagged"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )
