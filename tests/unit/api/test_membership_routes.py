"""The rows about several organisations stand in the one table."""

from __future__ import annotations

from approvals_hub.api.caller import Caller
from approvals_hub.api.membership_routes import MEMBERSHIPS
from approvals_hub.api.routes import ROUTES


def test_each_row_is_in_the_table_once_and_is_a_persons() -> None:
    assert [route for route in ROUTES if route in MEMBERSHIPS] == list(MEMBERSHIPS)
    assert {route.caller for route in MEMBERSHIPS} == {Caller.PERSON}
