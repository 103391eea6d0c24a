"""Refusals on the wire (RFC 9457)."""

from __future__ import annotations

import json

import pytest

from approvals_hub.api import problems
from approvals_hub.core import errors
from approvals_hub.core.errors import Conflict, HubError, TooMany, Unauthenticated


def kinds(kind: type[HubError]) -> set[type[HubError]]:
    return {kind, *(deeper for below in kind.__subclasses__() for deeper in kinds(below))}


def test_every_refusal_of_the_tree_has_a_status() -> None:
    own = {kind for kind in kinds(HubError) if kind.__module__ == errors.__name__} - {HubError}
    assert own == set(problems.STATUSES)


def test_two_kinds_of_refusal_never_share_a_status() -> None:
    statuses = [status for status, _ in problems.STATUSES.values()]
    assert len(statuses) == len(set(statuses))


def test_a_problem_says_what_where_and_what_to_do() -> None:
    error = Conflict(
        "escalation_ended", "it has ended", next_step="Ask anew.", field="$.x", extra={"outcome": "denied"}
    )
    response = problems.refusal(error, "req_1", {})
    assert isinstance(response.body, bytes)
    body = json.loads(response.body)
    assert response.status == 409
    assert response.content_type == "application/problem+json"
    assert body == {
        "type": "urn:approvals-hub:problem:escalation_ended",
        "title": "The present state says no",
        "status": 409,
        "code": "escalation_ended",
        "detail": "it has ended",
        "field": "$.x",
        "next_step": "Ask anew.",
        "request_id": "req_1",
        "error": {"code": "escalation_ended", "message": "it has ended"},
        "outcome": "denied",
    }


def test_the_present_state_cannot_overwrite_the_problem() -> None:
    error = Conflict("x", "y", next_step="z", extra={"status": 200, "code": "fine"})
    body = problems.refusal(error, "req_1", {}).body
    assert isinstance(body, bytes)
    assert (json.loads(body)["status"], json.loads(body)["code"]) == (409, "x")


def test_whoever_is_to_wait_is_told_how_long() -> None:
    response = problems.refusal(TooMany("x", "y", next_step="z", retry_after=7), "req_1", {})
    assert response.headers["Retry-After"] == "7"


def test_whoever_is_not_known_is_told_the_scheme() -> None:
    response = problems.refusal(Unauthenticated("x", "y", next_step="z"), "req_1", {})
    assert "WWW-Authenticate" in response.headers


@pytest.mark.parametrize("status", [400, 404, 405, 413, 417])
def test_what_the_http_layer_refuses_is_a_problem_too(status: int) -> None:
    response = problems.plain(status, "req_1", {}, allow="GET" if status == 405 else None)
    assert (response.status, response.content_type) == (status, "application/problem+json")
    assert response.headers.get("Allow") == ("GET" if status == 405 else None)


def test_an_unknown_error_tells_nothing_but_its_request_id() -> None:
    body = problems.failure("req_1", {}).body
    assert isinstance(body, bytes)
    assert (json.loads(body)["status"], json.loads(body)["code"]) == (500, "internal_error")
