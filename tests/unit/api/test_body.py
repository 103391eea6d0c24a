"""What is no request in the form that was asked for is refused with its place."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from approvals_hub.api.limits import BODY
from tests.unit.api.web_client import Web

VERIFY = "/v1/tokens/verify"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("raw", "status", "code", "field"),
    [
        (b"", 400, "malformed_json", None),
        (b"{", 400, "malformed_json", None),
        (b"\xff", 400, "malformed_json", None),
        (b'{"token":"a","token":"b"}', 400, "malformed_json", None),
        (b'{"token":NaN}', 400, "malformed_json", None),
        (b'{"token":"\\ud800"}', 400, "malformed_json", None),
        (b'{"token":"a","action":{"n":9007199254740993}}', 400, "malformed_json", "$.action.n"),
        (b'{"token":"a","action":' + b'{"a":' * 40 + b"1" + b"}" * 41, 400, "malformed_json", None),
        (b"[" * 100_000, 400, "malformed_json", None),
        (b"[]", 422, "invalid_request", "$"),
        (b"{}", 422, "invalid_request", "$.token"),
        (b'{"token":1}', 422, "invalid_request", "$.token"),
        (b'{"token":"a","admin":true}', 422, "invalid_request", "$.admin"),
        (b'{"token":"a","action":[]}', 422, "invalid_request", "$.action"),
    ],
)
async def test_a_body_that_is_not_the_form_is_refused_with_its_place(
    api: Web, raw: bytes, status: int, code: str, field: str | None
) -> None:
    reply = await api.send("POST", VERIFY, raw, JSON)
    assert (reply.status, reply.code) == (status, code)
    if field is not None:
        assert reply.json["field"] == field


@pytest.mark.parametrize(
    "given",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""],
)
async def test_a_form_of_another_site_is_not_read(api: Web, given: str) -> None:
    reply = await api.send("POST", VERIFY, b'{"token":"a"}', {"Content-Type": given})
    assert (reply.status, reply.code) == (415, "not_json")


@pytest.mark.parametrize("given", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
async def test_json_may_name_its_charset(api: Web, given: str) -> None:
    assert (await api.send("POST", VERIFY, b'{"token":"a"}', {"Content-Type": given})).status == 200


async def test_a_body_over_the_limit_is_not_read(api: Web) -> None:
    reply = await api.send("POST", VERIFY, b" " * (BODY + 1), JSON)
    assert (reply.status, reply.code) == (413, "body_too_large")


async def test_a_body_over_the_limit_in_chunks_is_not_read_to_its_end(api: Web) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(BODY // 16_384 + 8):
            yield b" " * 16_384

    reply = await api.send("POST", VERIFY, chunks(), JSON)
    assert (reply.status, reply.code) == (413, "body_too_large")


async def test_a_compressed_body_is_refused_before_it_is_unpacked(api: Web) -> None:
    reply = await api.send("POST", VERIFY, b"\x1f\x8b\x08", {**JSON, "Content-Encoding": "gzip"})
    assert (reply.status, reply.code) == (415, "content_encoding")


async def test_a_get_with_a_body_is_refused(api: Web) -> None:
    reply = await api.send("GET", "/v1/public-keys", b"{}", JSON)
    assert (reply.status, reply.code) == (400, "body_not_expected")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limt=5", "$.limt"),
        ("?limit=0", "$.limit"),
        ("?limit=201", "$.limit"),
        ("?limit=x", "$.limit"),
        ("?limit=1&limit=2", "$"),
        ("?cursor=%00", "$.cursor"),
        ("?cursor=%ff", "$"),
        ("?cursor", "$"),
    ],
)
async def test_a_query_that_is_not_the_form_is_refused(api: Web, query: str, field: str) -> None:
    reply = await api.call("GET", f"/v1/decisions{query}", who=api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (422, "invalid_request", field)


async def test_an_operation_without_parameters_takes_none(api: Web) -> None:
    assert (await api.send("GET", "/v1/public-keys?debug=1")).json["field"] == "$.debug"


async def test_a_body_comes_without_a_query(api: Web) -> None:
    assert (await api.send("POST", f"{VERIFY}?token=a", b'{"token":"a"}', JSON)).status == 422
