"""What a gateway is asked: texts in their places, in both forms."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from notify.sms_gateway import Basic, Bearer, Header, HttpGateway
from notify.sms_request import request

VALUES = {"to": "+46701234567", "from": "Acme", "text": 'a"b&c={to}\r\n{id}', "id": "msg_1", "encoding": "text"}
BODY: dict[str, Any] = {"to": "{to}", "text": "{text}"}


def gateway(**changes: Any) -> HttpGateway:
    return HttpGateway(**{"url": "https://sms.example/send", "body": BODY, **changes})


def test_a_text_with_quotes_and_braces_is_one_json_string() -> None:
    asked = request(gateway(), VALUES)
    assert json.loads(asked.body) == {"to": "+46701234567", "text": VALUES["text"]}
    assert asked.headers["Content-Type"] == "application/json"


def test_a_text_with_ampersands_is_one_field_of_a_form() -> None:
    asked = request(gateway(format="form"), VALUES)
    assert dict(parse_qsl(asked.body.decode())) == {"to": "+46701234567", "text": VALUES["text"]}
    assert asked.headers["Content-Type"].startswith("application/x-www-form-urlencoded")


def test_letters_beyond_ascii_are_utf8_in_both_forms() -> None:
    values = {**VALUES, "text": "Åsa 🙂"}
    assert json.loads(request(gateway(), values).body)["text"] == "Åsa 🙂"
    assert dict(parse_qsl(request(gateway(format="form"), values).body.decode()))["text"] == "Åsa 🙂"


def test_a_header_may_hold_the_messages_id() -> None:
    asked = request(gateway(headers={"Idempotency-Key": "hub-{id}"}), VALUES)
    assert asked.headers["Idempotency-Key"] == "hub-msg_1"


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (None, None),
        (Basic(username="u", password="p:w"), ("Authorization", "Basic dTpwOnc=")),
        (Bearer(token="t0k"), ("Authorization", "Bearer t0k")),
        (Header(name="X-Api-Key", value="k3y"), ("X-Api-Key", "k3y")),
    ],
)
def test_a_gateway_is_signed_in_to_in_its_own_way(auth: Any, header: tuple[str, str] | None) -> None:
    headers = dict(request(gateway(auth=auth), VALUES).headers)
    signed = {name: value for name, value in headers.items() if name not in ("Accept", "Content-Type")}
    assert signed == ({} if header is None else dict([header]))


def test_the_url_is_the_settings_own() -> None:
    asked = request(gateway(method="PUT"), VALUES)
    assert (asked.method, asked.url) == ("PUT", "https://sms.example/send")
