"""What a relay's words mean: which are about a handle, and which about us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notify.delivery import AddressGone, Delivered, Delivery, Failed, TryLater
from notify.exchange import Answer
from notify.relay_answer import THROTTLED, judged

NOW = 1_800_000_000_000


def answer(status: int, told: Any, **headers: str) -> Answer:
    return Answer(status, headers, told if isinstance(told, bytes) else json.dumps(told).encode())


def told(found: Delivery) -> str:
    return found.cause.value if isinstance(found, Failed) else type(found).__name__


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (410, {"code": "handle_gone"}, "AddressGone"),
        (410, b"<html>", "TryLater"),  # a proxy's word makes nobody unreachable
        (410, {"code": "site_gone"}, "TryLater"),
        (404, {"code": "handle_gone"}, "settings"),
        (401, {"code": "handle_missing"}, "settings"),
        (403, b"", "settings"),
        (302, b"", "settings"),
        (422, {"code": "invalid_request"}, "permanent"),
        (422, {"code": "handle_unusable"}, "settings"),
        (413, {"code": "body_too_large"}, "permanent"),
        (429, {"code": "too_many_attempts"}, "TryLater"),
        (503, {"code": "vendor_unavailable"}, "TryLater"),
        (500, b"<html>", "TryLater"),
        (200, b"<html>", "TryLater"),
        (200, {"id": 7}, "TryLater"),
        (200, {"id": "a b"}, "TryLater"),
        (200, ["x"], "TryLater"),
        (200, {"id": "0:1%5641"}, "Delivered"),
    ],
)
def test_each_answer_means_one_thing(status: int, body: Any, means: str) -> None:
    assert told(judged(answer(status, body), now=NOW)) == means


def test_a_relay_is_given_the_time_that_it_asks_for() -> None:
    given = judged(answer(429, {}, **{"Retry-After": "7"}), now=NOW)
    assert isinstance(given, TryLater)
    assert (given.after, given.of_address) == (7.0, True)
    silent = judged(answer(429, {}), now=NOW)
    assert isinstance(silent, TryLater)
    assert silent.after == THROTTLED


def test_a_phone_that_the_vendor_refuses_says_nothing_of_the_relay() -> None:
    given = judged(answer(422, {"code": "handle_unusable"}), now=NOW)
    assert isinstance(given, Failed)
    assert given.of_address


def test_no_word_of_the_relay_goes_on_but_its_code() -> None:
    given = judged(answer(410, {"code": "handle_gone", "detail": "rh_secret"}), now=NOW)
    assert given == AddressGone("the relay answers 410 handle_gone")
    odd = judged(answer(503, {"code": "Evil\r\nLine"}), now=NOW)
    assert isinstance(odd, TryLater)
    assert odd.why == "the relay answers 503"
    assert judged(answer(200, {"id": "a1", "more": "x"}), now=NOW) == Delivered("a1")
