"""What a handler may ask of its call."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from approvals_hub.api.call import Api, Call
from approvals_hub.api.pace import Pace
from approvals_hub.api.refusals import Refusals
from approvals_hub.api.served import Served
from approvals_hub.core.errors import Malformed
from approvals_hub.hub import Hub, PersonCredential


def call(headers: dict[str, str] | None = None, *, path: str = "/v1/escalations", raw: bytes = b"{}") -> Call[Any]:
    """A call without a hub: what is tested here asks it nothing."""
    api = Api(cast(Hub, None), Served("https://hub.example"), Refusals(lambda: 0), Pace(1, 1))
    return Call(api, make_mocked_request("POST", path, CIMultiDict(headers or {})), None, raw, None)


@pytest.mark.parametrize("key", ["k", "x" * 128, "a-b_c.d/e"])
def test_an_idempotency_key_is_taken_as_it_is(key: str) -> None:
    assert call({"Idempotency-Key": key}).idempotency_key() == key


@pytest.mark.parametrize("key", [None, "", "x" * 129, "a b", "ä"])
def test_without_an_idempotency_key_nothing_is_made(key: str | None) -> None:
    with pytest.raises(Malformed):
        call({} if key is None else {"Idempotency-Key": key}).idempotency_key()


def test_the_same_body_elsewhere_is_another_request() -> None:
    assert call(path="/a").request_hash() != call(path="/b").request_hash()


def test_path_and_body_cannot_be_shifted_into_each_other() -> None:
    assert call(path="/a", raw=b"b").request_hash() != call(path="/ab", raw=b"").request_hash()


def test_a_client_is_named_by_itself_or_by_its_browser() -> None:
    browser = call({"User-Agent": "Firefox"})
    assert (browser.visitor("my phone").client, browser.visitor(None).client) == ("my phone", "Firefox")


def test_a_session_comes_the_way_it_was_asked_for() -> None:
    assert (call().wants_cookie("cookie"), call().wants_cookie("bearer"), call().wants_cookie()) == (True, False, False)


def test_a_session_stays_in_the_cookie_it_came_in() -> None:
    assert call({"Cookie": "__Host-approvals-hub=ses_1"}).wants_cookie()


def test_a_row_for_people_has_no_agent() -> None:
    person = call()
    person.who = PersonCredential(b"")
    with pytest.raises(AssertionError):
        _ = person.agent
