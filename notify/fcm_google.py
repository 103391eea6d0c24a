"""What firebase-admin does for the channel `fcm`: it reads the service account, and builds and checks messages.

It does not send them, and builds one of each shape alone: texts are put into that. Its own client retries by itself
without looking at Retry-After, signs in with a library that blocks the loop for as long as Google takes, and reads
answers of any length (measured with 7.7.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import firebase_admin.credentials  # type: ignore[import-untyped]
import msgspec
from firebase_admin import messaging
from google.auth import jwt

from notify.es256 import base64url
from notify.fcm_device import FcmDevice
from notify.message import Notice, Urgency

AUDIENCE = "https://oauth2.googleapis.com/token"
"""What an assertion is for, wherever it is sent."""
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
ASSERTION = 3600
"""Seconds that an assertion may be exchanged in; Google allows an hour."""
LARGEST = 4096
"""Bytes of what is shown and of the data, names and values."""


class TooLarge(ValueError):
    """Google would refuse it."""


class ServiceAccount:
    """Who sends: the account of a project at Google. Raises ValueError, which quotes nothing of it."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        try:
            self._credential = firebase_admin.credentials.Certificate(dict(table)).get_credential()
        except (ValueError, KeyError, TypeError):
            raise ValueError("the service account is not the JSON text of a key file with its RSA key") from None

    def assertion(self, *, now: int) -> str:
        """What is exchanged for an access token (RFC 7523). `now`: milliseconds since 1970 UTC."""
        claims = {
            "iss": self._credential.signer_email,
            "aud": AUDIENCE,
            "scope": SCOPE,
            "iat": now // 1000,
            "exp": now // 1000 + ASSERTION,
        }
        made: bytes = jwt.encode(self._credential.signer, claims)  # type: ignore[no-untyped-call]
        return made.decode()


@lru_cache(maxsize=8)
def account_of(text: str) -> ServiceAccount:
    """The account of a key file's JSON text. Checking its RSA key takes a tenth of a second and more: who makes a
    channel while others wait calls this in a thread before. Raises ValueError, which quotes nothing of it."""
    try:
        table = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError):
        table = None
    return ServiceAccount(table if isinstance(table, dict) else {})


def request_body(notice: Notice, device: FcmDevice, *, ttl: int, android_channel: str | None) -> bytes:
    """The body of `messages:send`. `ttl` is in seconds. Raises TooLarge.

    The system shows it, in the notification's own words, whether or not the app runs; a phone that is locked shows no
    more than its owner lets it. What is sealed the system would never open, and where an app is to be woken it would
    tell the app nothing: then the app is handed the words as data and shows them itself, under the same tag. Google
    keeps four collapse keys for a device that is off, and drops others.
    """
    data = {"id": notice.id, "reference": notice.reference, "category": notice.category, "link": notice.link}
    if notice.expires_at is not None:
        data["expires_at"] = str(notice.expires_at)
    by_system = notice.sealed is None and not notice.woken
    if not by_system:
        data |= {"title": notice.title, "text": notice.text, "tag": notice.collapse_key}
    if notice.sealed is not None:
        data["sealed"] = base64url(notice.sealed)
    size = sum(len(text.encode()) for text in (notice.title, notice.text, *data, *data.values()))
    if size > LARGEST:
        raise TooLarge(f"a message has room for {LARGEST} bytes")
    message = _frame(by_system, notice.urgency is Urgency.HIGH, android_channel)
    android = {**message["android"], "collapse_key": notice.collapse_key, "ttl": f"{ttl}s"}
    message = {**message, "data": data, "android": android}
    if by_system:
        message["notification"] = {"title": notice.title, "body": notice.text}
        android["notification"] = {**android["notification"], "tag": notice.collapse_key}
    message["token" if device.fid is None else "fid"] = device.name
    return msgspec.json.encode({"message": message})


@lru_cache(maxsize=64)
def _frame(by_system: bool, high: bool, android_channel: str | None) -> dict[str, Any]:
    """What firebase-admin makes of a message, as its own client would send it; texts, names and times are put in by
    the caller, who changes nothing in it. Making and checking one takes longer than all else that a send does."""
    message = messaging.Message(
        notification=messaging.Notification(title="-", body="-") if by_system else None,
        android=messaging.AndroidConfig(
            collapse_key="-",
            priority="high" if high else "normal",
            ttl=0,
            notification=messaging.AndroidNotification(tag="-", channel_id=android_channel, visibility="private")
            if by_system
            else None,
        ),
        fid="-",
    )
    frame: dict[str, Any] = msgspec.json.decode(str(message))
    del frame["fid"]
    return frame
