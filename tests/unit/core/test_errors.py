"""One tree of refusals."""

from __future__ import annotations

import re

import pytest

from approvals_hub.core import errors
from approvals_hub.core.errors import Conflict, HubError, NotFound, TooMany, Unavailable, settled


def test_the_drawn_tree_names_every_refusal_and_no_other() -> None:
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in HubError.__subclasses__()}


def test_only_too_many_and_unavailable_may_be_tried_again_as_they_are() -> None:
    assert {kind for kind in HubError.__subclasses__() if kind.retryable} == {TooMany, Unavailable}


def test_a_refusal_carries_what_the_caller_can_do() -> None:
    refusal = Conflict("code", "detail", next_step="step", field="$.a", retry_after=3, extra={"state": "open"})
    assert (refusal.code, refusal.detail, refusal.next_step, refusal.field) == ("code", "detail", "step", "$.a")
    assert (refusal.retry_after, refusal.extra, str(refusal)) == (3, {"state": "open"}, "detail")


def test_two_refusals_share_no_extra() -> None:
    first, second = NotFound("a", "b", next_step="c"), NotFound("a", "b", next_step="c")
    first.extra["seen"] = True
    assert second.extra == {}


def test_a_returned_refusal_is_raised_after_its_unit_of_work() -> None:
    with pytest.raises(NotFound):
        settled(NotFound("a", "b", next_step="c"))


def test_anything_else_that_a_unit_returns_is_given_back() -> None:
    assert settled(None) is None
    assert settled({"a": 1}) == {"a": 1}
