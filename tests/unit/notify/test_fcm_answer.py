"""What Google's words mean: which are about a device, and which about us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notify.delivery import AFTER, AddressGone, Delivered, Delivery, Failed, TryLater
from notify.exchange import Answer
from notify.fcm_answer import THROTTLED, judged
from tests.fakes.google_push import BAD_REQUEST, FCM_ERROR

NOW = 1_800_000_000_000


def answer(status: int, told: Any, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, told if isinstance(told, bytes) else json.dumps(told).encode())


def error(status: str, code: str | None = None, message: str = "", *details: Any) -> Any:
    own = [] if code is None else [{"@type": FCM_ERROR, "errorCode": code}]
    return {"error": {"code": 0, "message": message, "status": status, "details": [*own, *details]}}


def violation(field: str) -> Any:
    return {"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": "Invalid value"}]}


def told(found: Delivery) -> str:
    return found.cause.value if isinstance(found, Failed) else type(found).__name__


NO_TOKEN = "The registration token is not a valid FCM registration token"


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (404, error("NOT_FOUND", "UNREGISTERED"), "AddressGone"),
        (404, error("NOT_FOUND"), "settings"),  # another project, or another address: no device is forgotten for it
        (404, b"<html>", "settings"),
        (403, error("PERMISSION_DENIED", "SENDER_ID_MISMATCH"), "settings"),
        (403, error("PERMISSION_DENIED"), "settings"),
        (401, error("UNAUTHENTICATED"), "settings"),
        (401, error("UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), "settings"),
        (429, error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), "TryLater"),
        (429, b"", "TryLater"),
        (503, error("UNAVAILABLE", "UNAVAILABLE"), "TryLater"),
        (500, error("INTERNAL", "INTERNAL"), "TryLater"),
        (502, b"<html>", "TryLater"),
        (400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT", NO_TOKEN), "AddressGone"),
        (400, error("INVALID_ARGUMENT", None, "x", violation("message.token")), "AddressGone"),
        (400, error("INVALID_ARGUMENT", None, "x", violation("message.fid")), "AddressGone"),
        (400, error("INVALID_ARGUMENT", None, "x", violation("message.data[0].value")), "permanent"),
        (400, error("INVALID_ARGUMENT", None, NO_TOKEN, violation("message.android.ttl")), "permanent"),
        (400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT", "Message is too big"), "permanent"),
        (400, {"error": "text"}, "permanent"),
        (400, {"error": {"status": 7, "details": {"errorCode": "UNREGISTERED"}}}, "permanent"),
        (400, {"error": {"details": [7, {"errorCode": ["UNREGISTERED"]}]}}, "permanent"),
        (413, b"", "permanent"),
        (307, b"", "settings"),
        (200, {"name": "projects/acme/messages/0:15%5641"}, "Delivered"),
        (200, {}, "TryLater"),
        (200, {"name": "<script>"}, "TryLater"),
        (200, [], "TryLater"),
    ],
)
def test_a_status_and_its_words_mean_what_googles_page_says(status: int, body: Any, means: str) -> None:
    assert told(judged(answer(status, body), now=NOW)) == means


def test_a_message_is_known_by_the_last_part_of_its_name() -> None:
    body = {"name": "projects/acme/messages/0:15%5641"}
    assert judged(answer(200, body), now=NOW) == Delivered("0:15%5641")


def test_a_good_status_without_a_name_leaves_open_whether_it_was_taken() -> None:
    found = judged(answer(200, {}), now=NOW)
    assert isinstance(found, TryLater)
    assert found.perhaps_sent


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (429, {}, THROTTLED),
        (503, {"Retry-After": "120"}, 120.0),
        (503, {}, AFTER),
    ],
)
def test_google_is_given_the_time_that_it_asks_for(status: int, headers: dict[str, str], seconds: float) -> None:
    found = judged(answer(status, {}, headers), now=NOW)
    assert isinstance(found, TryLater)
    assert (found.after, found.perhaps_sent) == (seconds, False)


def test_what_google_says_of_a_device_is_not_passed_on() -> None:
    found = judged(answer(400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT", f"secret {NO_TOKEN}")), now=NOW)
    assert isinstance(found, AddressGone)
    assert "secret" not in found.why
