"""What a gateway's answer means. The gateway's own code comes before the status: Vonage answers 200 to everything."""

from __future__ import annotations

import re
from typing import Any

from notify import json_path
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, TryLater, bad_settings, permanent
from notify.exchange import Answer, refused
from notify.sms_gateway import Errors, HttpGateway

_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")


def judged(gateway: HttpGateway, answer: Answer, *, now: int) -> Delivery:
    """The result. `now`: milliseconds since 1970 UTC. None of its words go on: they may quote the number."""
    told = answer.json()
    first, last = gateway.success.status
    succeeds = first <= answer.status <= last
    if succeeds and _says_so(gateway, told):
        id_ = _id(gateway, told)
        if id_ is not None or gateway.id_path is None:
            return Delivered(id_)
    code = _code(gateway.errors, told)
    by_code = _of_code(gateway.errors, code, answer.retry_after(now=now))
    if by_code is not None:
        return by_code
    if answer.status in gateway.retry_on or ("5xx" in gateway.retry_on and answer.status >= 500):
        return TryLater(answer.retry_after(now=now), f"it answers {_named(answer.status, code)}")
    if answer.status < 300 and code is None:
        # It may well have taken the message and tell it in another way than the settings say.
        return TryLater(AFTER, f"it answers {answer.status} with none of its answers", perhaps_sent=True)
    return refused(answer.status) or permanent(f"it refuses the message with {_named(answer.status, code)}")


def _says_so(gateway: HttpGateway, told: Any) -> bool:
    path = gateway.success.path
    return path is None or json_path.found(told, json_path.parsed(path)) == gateway.success.equals


def _id(gateway: HttpGateway, told: Any) -> str | None:
    id_ = None if gateway.id_path is None else json_path.found(told, json_path.parsed(gateway.id_path))
    return id_ if id_ is not None and _ID.fullmatch(id_) else None


def _code(errors: Errors | None, told: Any) -> str | None:
    text = None if errors is None else json_path.found(told, json_path.parsed(errors.path))
    code = None if text is None else text.rpartition("#")[2]
    return code if code is not None and _CODE.fullmatch(code) else None


def _of_code(errors: Errors | None, code: str | None, after: float) -> Delivery | None:
    if errors is None or code is None:
        return None
    if code in errors.gone:
        return AddressGone(f"it refuses the number with code {code}")
    if code in errors.retry:
        return TryLater(after, f"it answers with code {code}")
    if code in errors.settings:
        return bad_settings(f"it refuses us with code {code}")
    return None


def _named(status: int, code: str | None) -> str:
    return f"{status}" if code is None else f"{status}, code {code}"
