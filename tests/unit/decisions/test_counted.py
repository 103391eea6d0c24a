"""What of a stored vote counts, and in whose places."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.decisions.counted import lapsed, vote_of
from approvals_hub.decisions.quorum import Vote
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations.escalation import COLUMNS, of
from approvals_hub.escalations.place import Place
from approvals_hub.routing.stand_in import StandIn, text_of

ADA, BO = StandIn("per_ada", (), ("abs_1",), 1), StandIn("per_bo", (), ("abs_2",), 1)
ROW: dict[str, Any] = {
    "approver_id": "per_1",
    "decision": "approve",
    "acr": "LOW",
    "methods": "device_key totp",
    "stage": 1,
    "roles": "approver developer",
    "member": "per_1",
    "removed_at": None,
    "person_state": "active",
    "device_state": "active",
}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"member": None, "roles": None}, False),
        ({"removed_at": 1}, False),
        ({"person_state": "disabled"}, False),
        ({"roles": "developer auditor"}, False),
        ({"roles": ""}, False),
        ({"device_state": "revoked"}, False),
        ({"device_state": "pending"}, False),
    ],
)
def test_a_stored_vote_counts_while_its_person_their_role_and_their_device_do(
    changes: dict[str, object], counts: bool
) -> None:
    expected = Vote("per_1", "approve", "LOW", counts, ("device_key", "totp"), 1)
    assert vote_of({**ROW, **changes}, (), ()) == expected


def test_a_vote_counts_in_the_places_that_hold_alone() -> None:
    assert vote_of(ROW, (ADA, BO), (BO,)).stands_in == ("per_bo",)


@pytest.mark.parametrize(
    ("given", "now", "frozen", "device", "again"),
    [
        ((), (), False, "active", False),
        ((), (), True, "revoked", True),
        ((ADA,), (ADA,), False, "active", False),
        ((ADA,), (BO,), False, "active", True),  # that absence was ended, and another one began
        ((ADA, BO), (BO,), False, "active", False),
        ((ADA,), (BO,), True, "active", False),  # it counts for themselves
        ((ADA,), (ADA,), False, "revoked", True),
    ],
)
def test_somebody_answers_again_where_what_they_said_counts_no_more(
    given: tuple[StandIn, ...], now: tuple[StandIn, ...], frozen: bool, device: str, again: bool
) -> None:
    people = ("per_1", "per_ada", "per_bo") if frozen else ("per_ada", "per_bo")
    question = of(dict.fromkeys(COLUMNS.split(", ")) | {"state": "open"})
    before = {"device_state": device, "stands_in": text_of(given)}
    assert lapsed(question, Place("per_1", Requirement(people=people), now), before) == again
    ended = of(dict.fromkeys(COLUMNS.split(", ")) | {"state": "approved"})
    assert not lapsed(ended, Place("per_1", Requirement(people=people), now), before)
