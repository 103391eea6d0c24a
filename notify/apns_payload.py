"""What a device is shown and its app is told: the JSON body of a notification.

https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import msgspec

from notify.es256 import base64url
from notify.message import Notice, Urgency

LARGEST = 4096
"""Bytes of a body."""
OUR_MEMBER = "hub"
"""Where the app finds what is for itself, beside Apple's `aps`."""
_LEVELS = {Urgency.HIGH: "time-sensitive", Urgency.NORMAL: "active", Urgency.LOW: "passive"}
_IDS = UUID("6c9a3f5e-8f0b-5d0c-9d2e-1f6a55c1a0b7")


def payload(notice: Notice) -> bytes:
    """The body. A time-sensitive notification breaks through a Focus where its owner lets the app do so."""
    aps: dict[str, Any] = {
        "alert": {"title": notice.title, "body": notice.text},
        "category": notice.category,
        "interruption-level": _LEVELS[notice.urgency],
    }
    if notice.badge is not None:
        aps["badge"] = notice.badge
    if notice.urgency is not Urgency.LOW:
        aps["sound"] = "default"
    ours: dict[str, Any] = {"id": notice.id, "reference": notice.reference, "link": notice.link}
    if notice.expires_at is not None:
        ours["expires_at"] = notice.expires_at
    if notice.sealed is not None or notice.woken:
        # The app's extension is given the notification before it is shown, opens the seal or asks its hub, and puts the
        # texts in.
        aps["mutable-content"] = 1
    if notice.sealed is not None:
        ours["sealed"] = base64url(notice.sealed)
    return msgspec.json.encode({"aps": aps, OUR_MEMBER: ours})


def apns_id(notice: Notice) -> str:
    """The notification's UUID, the same whenever the notice is sent again (RFC 9562 section 5.5)."""
    return str(uuid5(_IDS, notice.id))
