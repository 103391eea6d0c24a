"""The rows about notices."""

from __future__ import annotations

from approvals_hub.api.caller import Caller
from approvals_hub.api.notice_routes import NOTICES
from approvals_hub.api.routes import ROUTES


def test_each_is_a_persons_and_stands_in_the_table() -> None:
    assert {route.caller for route in NOTICES} == {Caller.PERSON}
    assert set(NOTICES) <= set(ROUTES)
