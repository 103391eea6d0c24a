"""The body of a gateway's request: a template that was read before any value came near it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from notify.exchange import Request

if TYPE_CHECKING:
    from notify.sms_gateway import Basic, Bearer, Header, HttpGateway

_PLACE = re.compile(r"\{([^{}]*)\}")
TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded; charset=utf-8"}


def require_placeholders(template: Any, known: frozenset[str]) -> frozenset[str]:
    """The names in braces in the template's texts. Raises ValueError for one that is not `known`, or a lone brace."""
    used: set[str] = set()
    for text in _texts(template):
        names = _PLACE.findall(text)
        rest = _PLACE.sub("", text)
        if not known.issuperset(names) or "{" in rest or "}" in rest:
            raise ValueError(f"in braces may stand: {', '.join(sorted(known))}")
        used.update(names)
    return frozenset(used)


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with the values in their places. A value is not looked through for places."""
    if isinstance(template, str):
        return _PLACE.sub(lambda place: values[place[1]], template)
    if isinstance(template, list):
        return [filled(member, values) for member in template]
    if isinstance(template, dict):
        return {name: filled(member, values) for name, member in template.items()}
    return template


def request(gateway: HttpGateway, values: Mapping[str, str]) -> Request:
    """What is sent for one message. `values` has one for each name that may stand in the body."""
    body = filled(gateway.body, values)
    encoded = msgspec.json.encode(body) if gateway.format == "json" else urlencode(body).encode()
    headers = {
        "Accept": "application/json",
        **filled(gateway.headers, values),
        "Content-Type": TYPES[gateway.format],
        **_signed_in(gateway.auth),
    }
    return Request(gateway.method, gateway.url, headers, encoded)


def _signed_in(auth: Basic | Bearer | Header | None) -> dict[str, str]:
    from notify.sms_gateway import Basic, Bearer

    if auth is None:
        return {}
    if isinstance(auth, Basic):
        return {"Authorization": f"Basic {b64encode(f'{auth.username}:{auth.password}'.encode()).decode()}"}
    if isinstance(auth, Bearer):
        return {"Authorization": f"Bearer {auth.token}"}
    return {auth.name: auth.value}


def _texts(template: Any) -> list[str]:
    if isinstance(template, str):
        return [template]
    members = template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    return [text for member in members for text in _texts(member)]
