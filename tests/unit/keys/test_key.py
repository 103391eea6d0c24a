"""When a signing key may sign, and when what it signed still counts."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.keys.key import OVERLAP, TOKEN, SigningKey
from approvals_hub_client.keys import Ed25519SigningKey

PAIR = Ed25519SigningKey(bytes(32))


def key(**changes: Any) -> SigningKey:
    members = {"kid": "k", "purpose": TOKEN, "public": PAIR.public, "seed": PAIR.seed, "created_at": 0}
    return SigningKey(**{**members, "active_from": 10, **changes})


@pytest.mark.parametrize(
    ("changes", "now", "signs", "verifies"),
    [
        ({}, 9, False, True),
        ({}, 10, True, True),
        ({"retired_at": 20, "valid_until": 30}, 19, True, True),
        ({"retired_at": 20, "valid_until": 30}, 20, False, True),
        ({"retired_at": 20, "valid_until": 30}, 29, False, True),
        ({"retired_at": 20, "valid_until": 30}, 30, False, False),
        ({"compromised_at": 15}, 15, False, False),
        ({"compromised_at": 15}, 14, False, False),
        ({"seed": None}, 10, False, True),
    ],
)
def test_a_key_signs_while_it_is_active_and_verifies_for_the_overlap(
    changes: dict[str, Any], now: int, signs: bool, verifies: bool
) -> None:
    assert (key(**changes).may_sign(now), key(**changes).verifies(now)) == (signs, verifies)


def test_the_overlap_is_two_hours() -> None:
    assert OVERLAP == 2 * 60 * 60 * 1000


def test_a_key_that_is_printed_by_accident_shows_no_private_half() -> None:
    assert repr(PAIR.seed) not in repr(key(seed=bytes(32)))
    assert repr(key()) == "<token key k>"
