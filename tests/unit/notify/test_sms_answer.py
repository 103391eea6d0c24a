"""What a gateway's answer means, by status, code and id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notify.delivery import AFTER, AddressGone, Delivered, Delivery, Failed, TryLater
from notify.exchange import Answer
from notify.sms_answer import judged
from notify.sms_gateway import Errors, HttpGateway, Success

NOW = 1_800_000_000_000
GATEWAY = HttpGateway(
    url="https://sms.example/send",
    body={"to": "{to}", "text": "{text}"},
    success=Success(status=(200, 202), path="ok", equals="true"),
    id_path="id",
    errors=Errors(path="code", gone=("404",), retry=("9",), settings=("1",)),
    retry_on=(429, 503),
)
PLAIN = HttpGateway(url="https://sms.example/send", body={"to": "{to}", "text": "{text}"})


def told(gateway: HttpGateway, status: int, body: Any = None, **headers: str) -> Delivery:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judged(
        gateway, Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw), now=NOW
    )


def kind(result: Delivery) -> str:
    """One word for a result."""
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, {"ok": True, "id": "m1"}, "Delivered"),
        (202, {"ok": True, "id": 7}, "Delivered"),
        (203, {"ok": True, "id": "m1"}, "TryLater"),  # beyond the range
        (200, {"ok": False, "id": "m1"}, "TryLater"),
        (200, {"ok": True}, "TryLater"),  # no id: none of its answers
        (200, {"ok": True, "id": "a b\r\n"}, "TryLater"),
        (200, b"<html>", "TryLater"),
        (200, {"ok": False, "code": 404}, "AddressGone"),
        (400, {"code": "404"}, "AddressGone"),
        (500, {"code": "404"}, "AddressGone"),
        (200, {"ok": False, "code": "9"}, "TryLater"),
        (400, {"code": 1}, "settings"),
        (200, {"ok": False, "code": "77"}, "permanent"),
        (400, {"code": "77"}, "permanent"),
        (400, b"Invalid to number", "permanent"),
        (401, b"", "settings"),
        (402, b"", "settings"),
        (403, b"", "settings"),
        (404, b"", "settings"),
        (302, b"", "settings"),
        (429, b"", "TryLater"),
        (503, b"", "TryLater"),
        (500, b"", "permanent"),  # not among retry_on
    ],
)
def test_the_gateways_code_comes_before_its_status(status: int, body: Any, means: str) -> None:
    assert kind(told(GATEWAY, status, body)) == means


def test_a_message_that_was_taken_has_the_gateways_id() -> None:
    assert told(GATEWAY, 200, {"ok": True, "id": 7}) == Delivered("7")
    assert told(PLAIN, 204, b"") == Delivered(None)


def test_an_answer_that_may_mean_success_leaves_open_whether_it_was_taken() -> None:
    result = told(GATEWAY, 200, b"<html>")
    assert isinstance(result, TryLater)
    assert result.perhaps_sent


def test_any_5xx_is_retried_where_the_settings_say_so() -> None:
    assert kind(told(PLAIN, 500)) == kind(told(PLAIN, 504)) == "TryLater"


@pytest.mark.parametrize(("status", "body"), [(429, None), (200, {"ok": False, "code": "9"})])
def test_retry_after_is_believed_beside_a_status_and_a_code(status: int, body: Any) -> None:
    waited, default = told(GATEWAY, status, body, Retry_After="17"), told(GATEWAY, status, body)
    assert isinstance(waited, TryLater)
    assert isinstance(default, TryLater)
    assert (waited.after, default.after) == (17.0, AFTER)


def test_of_a_problem_type_what_stands_behind_the_number_sign_is_the_code() -> None:
    problem = {"code": "https://developer.vonage.com/api-errors/messages#404"}
    assert isinstance(told(GATEWAY, 422, problem), AddressGone)


def test_a_code_that_quotes_the_number_is_not_told() -> None:
    result = told(GATEWAY, 400, {"code": "The number +46701234567 is bad"})
    assert isinstance(result, Failed)
    assert "4670" not in result.why
