"""What Apple's answer means.

https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from notify.apns_token import SHORTEST
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_address_here, bad_settings, permanent

THROTTLED = 60.0
"""Seconds to wait where Apple says that it is too much: it never says how long."""
SOON = 1.0
"""Seconds to wait where another connection will do."""
_REASON = re.compile(r"[A-Za-z]{1,60}")
# One wrong environment, one wrong topic, and every device would be forgotten: these words are about our settings.
_OURS = frozenset(
    {"BadTopic", "TopicDisallowed", "MissingTopic", "BadCertificate", "BadCertificateEnvironment"}
    | {"BadEnvironmentKeyInToken", "MissingDeviceToken", "InvalidPushType"}
)
# These as well, and about a token that somebody made up.
_OF_DEVICE = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, whole."""

    status: int
    body: bytes

    def reason(self) -> str | None:
        """Apple's word for a refusal."""
        told = self._object().get("reason")
        return told if isinstance(told, str) and _REASON.fullmatch(told) else None

    def gone_since(self) -> int | None:
        """With 410: when Apple knew that the token is gone, milliseconds since 1970 UTC."""
        told = self._object().get("timestamp")
        return told if type(told) is int else None

    def _object(self) -> dict[str, Any]:
        try:
            told = msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


def judged(answer: Answer, *, id_: str, registered_at: int) -> Delivery:
    """The result for a device that registered then (milliseconds since 1970 UTC); `id_` is the notification's."""
    status, reason = answer.status, answer.reason()
    why = f"Apple answers {status}{'' if reason is None else f' {reason}'}"
    if status == 200:
        if answer.body:
            return TryLater(AFTER, "it answers 200 with none of Apple's answers", perhaps_sent=True)
        return Delivered(id_)
    if status == 410:
        return _gone(answer.gone_since(), registered_at, why)
    if reason == "TooManyProviderTokenUpdates":
        return TryLater(SHORTEST, why)
    if status == 429:
        return TryLater(THROTTLED, why, of_address=reason == "TooManyRequests")  # "to the same device token"
    if reason in ("Shutdown", "IdleTimeout"):
        return TryLater(SOON, why)
    if status >= 500:
        return TryLater(AFTER, why)
    if status == 400 and reason in _OF_DEVICE:
        return bad_address_here(f"{why}: see the topic and the environment, or the device")
    if status in (403, 404, 405) or reason in _OURS:
        return bad_settings(f"{why}: see the key, the topic and the environment")
    if 400 <= status < 500:
        return permanent(why)
    return TryLater(AFTER, f"it answers {status}, which Apple does not", perhaps_sent=True)


def _gone(since: int | None, registered_at: int, why: str) -> Delivery:
    """A device that told its token again after Apple found it gone is there again."""
    if since is not None and since < registered_at:
        return TryLater(AFTER, f"{why}, of a time before the device registered")
    return AddressGone(why)
