"""What a gateway is asked for one message: its template filled, in its form, signed in to in its way."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from notify.exchange import Request
from notify.sms_gateway import Basic, Bearer, Header, HttpGateway
from notify.sms_template import filled

TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded; charset=utf-8"}


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
    if auth is None:
        return {}
    if isinstance(auth, Basic):
        return {"Authorization": f"Basic {b64encode(f'{auth.username}:{auth.password}'.encode()).decode()}"}
    if isinstance(auth, Bearer):
        return {"Authorization": f"Bearer {auth.token}"}
    return {auth.name: auth.value}
