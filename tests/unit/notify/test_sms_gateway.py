"""Which descriptions of gateways are refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from notify.sms_gateway import Basic, Bearer, Header, HttpGateway

TABLE: dict[str, Any] = {
    "kind": "http",
    "url": "https://sms.example/send",
    "body": {"to": "{to}", "text": "{text}", "nested": {"from": "{from}", "flash": False}},
    "auth": {"kind": "bearer", "token": "t0k"},
    "success": {"status": [200, 201], "path": "ok", "equals": "true"},
    "id_path": "result[0].id",
    "errors": {"path": "code", "gone": ["404"], "retry": ["9"], "settings": ["1"]},
    "retry_on": [429, 503],
    "headers": {"Idempotency-Key": "{id}"},
}


def test_a_whole_description_is_read() -> None:
    gateway = msgspec.convert(TABLE, HttpGateway)
    assert gateway.auth == Bearer(token="t0k")
    assert gateway.success.status == (200, 201)
    assert gateway.retry_on == (429, 503)


def test_what_is_not_set_is_safe_and_common() -> None:
    gateway = HttpGateway(url="https://sms.example/send", body={"to": "{to}", "text": "{text}"})
    assert (gateway.method, gateway.format, gateway.numbers) == ("POST", "json", "plus")
    assert (gateway.success.status, gateway.retry_on) == ((200, 299), (429, "5xx"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": "http://sms.example/send"}, "https"),
        ({"url": "https://user:pass@sms.example/send"}, "neither user"),
        ({"method": "GET"}, "Invalid enum value"),
        ({"body": {"to": "{to}"}}, "places for"),
        ({"body": {"text": "{text}"}}, "places for"),
        ({"body": {"to": "{to}", "text": "{text}", "x": "{other}"}}, "in braces may stand"),
        ({"body": {"to": "{to}", "text": "{text}", "x": "{encoding}"}}, "encodings says"),
        ({"format": "form"}, "form's fields are texts"),
        ({"headers": {"X-To": "{to}"}}, "in braces may stand"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "regex"),
        ({"headers": {"X A": "a"}}, "regex"),
        ({"headers": {"X-A": "a\n"}}, "regex"),
        ({"headers": {"X-A\n": "a"}}, "regex"),
        ({"auth": {"kind": "bearer", "token": "t0k\n"}}, "regex"),
        ({"headers": {"authorization": "Bearer t0k"}}, "under auth"),
        ({"headers": {"Host": "evil.example"}}, "under auth"),
        ({"headers": {"Content-Type": "text/plain"}}, "under auth"),
        ({"auth": {"kind": "basic", "username": "a:b", "password": "p"}}, "no colon"),
        ({"auth": {"kind": "bearer", "token": "a\r\nX-B: b"}}, "regex"),
        ({"auth": {"kind": "header", "name": "X-Key\r\n", "value": "k"}}, "regex"),
        ({"auth": {"kind": "digest"}}, "Invalid value"),
        ({"success": {"status": [200, 404]}}, "from 200 to 299"),
        ({"success": {"status": [204, 200]}}, "from 200 to 299"),
        ({"success": {"path": "ok"}}, "go together"),
        ({"success": {"path": "$.ok", "equals": "1"}}, "no path"),
        ({"id_path": "$.id"}, "no path"),
        ({"errors": {"path": ""}}, "length >= 1"),
        ({"retry_on": ["4xx"]}, "Invalid enum value"),
        ({"verify": False}, "unknown field"),
    ],
)
def test_a_description_that_is_unsafe_or_half_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert({**TABLE, **changes}, HttpGateway)


def test_no_table_shows_its_secrets() -> None:
    tables = (
        Basic(username="u", password="s3cret"),
        Bearer(token="s3cret"),
        Header(name="X-Key", value="s3cret"),
        msgspec.convert({**TABLE, "auth": {"kind": "bearer", "token": "s3cret"}}, HttpGateway),
    )
    assert "s3cret" not in repr(tables)
