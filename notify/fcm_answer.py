"""What Google's answer to a message means.

https://firebase.google.com/docs/cloud-messaging/error-codes
"""

from __future__ import annotations

import re
from typing import Any

from notify.delivery import AddressGone, Delivered, Delivery, TryLater, bad_address_here, bad_settings, permanent
from notify.exchange import Answer, refused

THROTTLED = 60.0
"""Seconds to wait where Google does not say how long: what its page asks for after a 429."""
_NAME = re.compile(r"projects/[^/]{1,100}/messages/([A-Za-z0-9:%._-]{1,200})")
_CODE = re.compile(r"[A-Z_]{1,40}")
_OF_DEVICE = frozenset({"message.token", "message.fid"})
# The one case of INVALID_ARGUMENT that Google tells in words alone; the words are those of its page.
_NO_TOKEN = "is not a valid FCM registration token"  # noqa: S105 - a sentence
# A device of another project, or no Android: with the wrong service account, that is every device. So none is forgotten
# for it; and whoever registers such a device says nothing of the others.
_NOT_HERE = frozenset({"SENDER_ID_MISMATCH", "THIRD_PARTY_AUTH_ERROR"})
_OURS = frozenset({"PERMISSION_DENIED", "UNAUTHENTICATED"})


def judged(answer: Answer, *, now: int) -> Delivery:
    """The result. `now`: milliseconds since 1970 UTC. None of Google's words go on."""
    told = answer.json()
    if answer.status == 200:
        return _taken(told)
    error = told.get("error") if isinstance(told, dict) else None
    error = error if isinstance(error, dict) else {}
    code = _code(error)
    why = f"Google answers {answer.status}{'' if code is None else f' {code}'}"
    if code == "UNREGISTERED":
        return AddressGone(why)
    if code == "QUOTA_EXCEEDED" or answer.status == 429:
        return TryLater(answer.retry_after(now=now, default=THROTTLED), why)
    if answer.status >= 500:
        return TryLater(answer.retry_after(now=now), why)
    if code in _NOT_HERE:
        return bad_address_here(f"{why}: see the service account and its project, or the device")
    if code in _OURS:
        return bad_settings(f"{why}: see the service account and its project")
    if code == "INVALID_ARGUMENT" and _is_about_the_device(error):
        return AddressGone(f"{why}, of the device's name")
    return refused(answer.status) or permanent(why)


def _taken(told: Any) -> Delivery:
    name = told.get("name") if isinstance(told, dict) else None
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        return TryLater(THROTTLED, "it answers 200 with none of Google's answers", perhaps_sent=True)
    return Delivered(found[1])


def _code(error: dict[str, Any]) -> str | None:
    """FCM's own word for it, else the word that all of Google's interfaces have."""
    codes = [detail.get("errorCode") for detail in _details(error)]
    words = [word for word in [*codes, error.get("status")] if isinstance(word, str) and _CODE.fullmatch(word)]
    return words[0] if words else None


def _is_about_the_device(error: dict[str, Any]) -> bool:
    violations = [one for detail in _details(error) for one in _list(detail.get("fieldViolations"))]
    if any(violation.get("field") in _OF_DEVICE for violation in violations):
        return True
    message = error.get("message")
    return not violations and isinstance(message, str) and _NO_TOKEN in message


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return _list(error.get("details"))


def _list(value: Any) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []
