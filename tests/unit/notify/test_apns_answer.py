"""What Apple's words mean: which are about a device, and which about us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notify.apns_answer import SOON, THROTTLED, Answer, judged
from notify.apns_token import SHORTEST
from notify.delivery import AFTER, AddressGone, Delivered, Delivery, Failed, TryLater

REGISTERED = 1_800_000_000_000


def answer(status: int, reason: str | None, **more: Any) -> Answer:
    told = {**({} if reason is None else {"reason": reason}), **more}
    return Answer(status, json.dumps(told).encode() if told else b"")


def result(found: Answer) -> Delivery:
    return judged(found, id_="id", registered_at=REGISTERED)


def told(found: Delivery) -> str:
    if isinstance(found, Failed):
        return "address" if found.of_address else found.cause.value
    return type(found).__name__


@pytest.mark.parametrize(
    ("status", "reason", "means"),
    [
        (200, None, "Delivered"),
        (400, "BadDeviceToken", "address"),  # of the other environment: no device is forgotten for it
        (400, "DeviceTokenNotForTopic", "address"),
        (400, "BadTopic", "settings"),
        (400, "TopicDisallowed", "settings"),
        (400, "MissingTopic", "settings"),
        (400, "BadCollapseId", "permanent"),
        (400, "BadExpirationDate", "permanent"),
        (400, "BadMessageId", "permanent"),
        (400, "PayloadEmpty", "permanent"),
        (400, "IdleTimeout", "TryLater"),
        (400, None, "permanent"),
        (400, "Something<script>", "permanent"),
        (403, "InvalidProviderToken", "settings"),
        (403, "ExpiredProviderToken", "settings"),
        (403, "BadEnvironmentKeyInToken", "settings"),
        (403, None, "settings"),
        (404, "BadPath", "settings"),
        (405, "MethodNotAllowed", "settings"),
        (410, "Unregistered", "AddressGone"),
        (410, "ExpiredToken", "AddressGone"),
        (413, "PayloadTooLarge", "permanent"),
        (429, "TooManyRequests", "TryLater"),
        (429, "TooManyProviderTokenUpdates", "TryLater"),
        (500, "InternalServerError", "TryLater"),
        (503, "ServiceUnavailable", "TryLater"),
        (503, "Shutdown", "TryLater"),
        (0, None, "TryLater"),
        (302, None, "TryLater"),
    ],
)
def test_a_status_and_a_reason_mean_what_apples_page_says(status: int, reason: str | None, means: str) -> None:
    assert told(result(answer(status, reason))) == means


def test_a_notification_that_was_taken_is_known_by_its_id() -> None:
    assert result(answer(200, None)) == Delivered("id")


def test_a_good_status_with_something_else_behind_it_leaves_open_whether_it_was_taken() -> None:
    found = result(Answer(200, b"<html>"))
    assert isinstance(found, TryLater)
    assert found.perhaps_sent


@pytest.mark.parametrize(
    ("since", "gone"),
    [(REGISTERED + 1, True), (REGISTERED, True), (REGISTERED - 1, False), (None, True), ("soon", True), (True, True)],
)
def test_a_device_that_registered_again_since_is_not_forgotten(since: object, gone: bool) -> None:
    found = result(answer(410, "Unregistered", **({} if since is None else {"timestamp": since})))
    assert isinstance(found, AddressGone) == gone
    assert isinstance(found, AddressGone | TryLater)


@pytest.mark.parametrize(
    ("status", "reason", "seconds"),
    [
        (429, "TooManyRequests", THROTTLED),
        (429, "TooManyProviderTokenUpdates", SHORTEST),
        (503, "Shutdown", SOON),
        (503, "ServiceUnavailable", AFTER),
    ],
)
def test_how_long_to_wait_depends_on_what_was_too_much(status: int, reason: str, seconds: float) -> None:
    found = result(answer(status, reason))
    assert isinstance(found, TryLater)
    assert (found.after, found.perhaps_sent) == (seconds, False)


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{", b"[]", b"7", b'{"reason": 7}', b'{"reason": "a b\\nc"}', b"[" * 9999]
)
def test_a_body_that_is_none_of_apples_has_no_reason(body: bytes) -> None:
    assert Answer(400, body).reason() is None
    assert told(result(Answer(400, body))) == "permanent"


@pytest.mark.parametrize(("reason", "of_address"), [("TooManyRequests", True), ("TooManyProviderTokenUpdates", False)])
def test_one_device_that_gets_too_much_is_told_from_a_hub_that_does(reason: str, of_address: bool) -> None:
    found = judged(Answer(429, b'{"reason":"%s"}' % reason.encode()), id_="1", registered_at=0)
    assert isinstance(found, TryLater)
    assert found.of_address is of_address
