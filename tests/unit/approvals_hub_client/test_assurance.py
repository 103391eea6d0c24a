"""What a verifier asks of the people behind a proof; every answer is in the vectors, which other languages run too."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.assurance import LEVELS, NOTHING, Proven
from tests.vectors import proven as vectors

ADA = {"acr": "SUBSTANTIAL", "amr": ["pop", "mfa"], "methods": ["device_key", "bankid"]}
CLAIMS: dict[str, Any] = {"acr": "SUBSTANTIAL", "auth_ref": ["order-1"], "approvers": [ADA]}


def test_who_asks_nothing_lacks_nothing() -> None:
    assert NOTHING.lacking({}) is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (Proven("SUBSTANTIAL", ["freja", "bankid"], ("mfa",), "order-1"), None),
        (Proven("HIGH"), "acr"),
        (Proven(methods=["passkey"]), "methods"),
        (Proven(amr=["mfa", "user"]), "amr"),
        (Proven(auth_ref="order-2"), "auth_ref"),
    ],
)
def test_what_is_lacking_is_one_word(asked: Proven, reason: str | None) -> None:
    lacking = asked.lacking(CLAIMS)
    assert (None if lacking is None else lacking.reason) == reason


def test_a_proof_of_what_no_person_saw_shows_no_level_not_even_the_lowest() -> None:
    assert list(LEVELS) == ["LOW", "SUBSTANTIAL", "HIGH"]
    for claims in ({}, {"acr": None, "approvers": []}, {"acr": "HIGH", "approvers": []}):
        lacking = Proven("LOW").lacking(claims)
        assert lacking is not None
        assert lacking.message == "not everybody who approved is known at the level LOW"


@pytest.mark.parametrize("asked", [*vectors.ASKED_WRONGLY, {"min_acr": ["LOW"]}, {"methods": {"bankid"}}])
def test_what_would_ask_for_nothing_is_not_asked(asked: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Proven(**asked)
