"""What a relay's answer to a wake means (docs/howto/native_app_relay.md)."""

from __future__ import annotations

import re
from typing import Any

from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_address_here, permanent
from notify.exchange import Answer, refused

THROTTLED = 60.0
"""Seconds to wait where a 429 does not say how long."""
GONE = "handle_gone"
"""The relay's own word for it: a 410 of whoever else stands there makes nobody unreachable."""
UNUSABLE = "handle_unusable"
"""The vendor refuses this phone under the relay's keys: it may be another app's, and says nothing of the others."""
_ID = re.compile(r"[A-Za-z0-9:%._-]{1,200}")
_CODE = re.compile(r"[a-z_]{1,40}")


def judged(answer: Answer, *, now: int) -> Delivery:
    """The result. `now`: milliseconds since 1970 UTC. Of the relay's words its code alone goes on."""
    told = answer.json()
    told = told if isinstance(told, dict) else {}
    if answer.status == 200:
        return _taken(told)
    code = told.get("code")
    code = code if isinstance(code, str) and _CODE.fullmatch(code) else None
    why = f"the relay answers {answer.status}{'' if code is None else f' {code}'}"
    if answer.status == 410 and code == GONE:
        return AddressGone(why)
    if answer.status == 429:
        # Its limits are those of one handle, or of where we call from: neither is known here.
        return TryLater(answer.retry_after(now=now, default=THROTTLED), why, of_address=True)
    if answer.status >= 500 or answer.status == 410:
        return TryLater(answer.retry_after(now=now), why)
    if code == UNUSABLE:
        return bad_address_here(f"{why}: see the app, or the relay's keys")
    return refused(answer.status) or permanent(why)


def _taken(told: dict[str, Any]) -> Delivery:
    id_ = told.get("id")
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        return TryLater(AFTER, "it answers 200 with none of a relay's answers", perhaps_sent=True)
    return Delivered(id_)
