"""What of an answer makes a decision that holds; answers of a real hub, and forged ones, are in test_authorizing.py."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.authorization import NotAllowed, PeopleAsked, read_authorization
from approvals_hub_client.canonical import dumps
from approvals_hub_client.errors import BadAnswer
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import PROOF, key_id, sign
from approvals_hub_client.statement import action_hash

KEY = Ed25519SigningKey(bytes(range(32)))
KID = key_id(KEY.public)
ACTION: dict[str, Any] = {"action_id": "a-1", "relying_party": {"domain": "shop.example"}, "payload": {}}
WHOLE = {**ACTION, "salt": "AAAAAAAAAAAAAAAAAAAAAA"}
CLAIMS: dict[str, Any] = {
    "iss": "https://h",
    "sub": "agt_1",
    "aud": "shop.example",
    "iat": "2026-01-01T00:00:00Z",
    "exp": "2026-01-01T00:05:00Z",
    "jti": "prf_1",
    "kid": KID,
    "decision": "ALLOW",
    "decision_id": "dcn_1",
    "agent_id": "agt_1",
    "action_hash": action_hash(WHOLE),
    "escalation_id": None,
    "prev": [],
}
NOW = 1_767_225_660_000


def view(claims: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """An answer that allows, with a proof of these claims."""
    token = None if claims is None else sign(KEY, KID, dumps({**CLAIMS, **claims}), implicit=PROOF)
    plain = {"decision": "ALLOW", "result": "ALLOW", "code": "rule", "reason": "r", "decision_id": "dcn_1"}
    there = {"action_id": "a-1", "action_hash": action_hash(WHOLE), "salt": WHOLE["salt"], "obligations": []}
    empty = {"decided_by": None, "escalation": None, "repeated": False}
    return {**plain, **there, **empty, "proof_token": token, **changes}


def read(found: dict[str, Any], **more: Any) -> Any:
    return read_authorization(
        found, ACTION, agent_id="agt_1", keys={KID: KEY.public}, issuer="https://h", now=NOW, **more
    )


def test_a_proof_that_fits_is_verified_and_one_is_not_needed_everywhere() -> None:
    assert read(view({})).proof["decision_id"] == "dcn_1"
    assert read(view()).allowed
    denied = read(view(decision="DENY", result="DENY"))
    assert (denied.allowed, denied.asks_people) == (False, False)
    assert str(NotAllowed(denied)) == "DENY: r"
    with pytest.raises(AssertionError):
        PeopleAsked(denied)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "evil.example"},
        {"iss": "https://evil"},
        {"agent_id": "agt_2"},
        {"decision_id": "dcn_2"},
        {"decision": "DENY"},
        {"escalation_id": "esc_1"},
        {"prev": ["sha256:" + "0" * 64]},
        {"action_hash": "sha256:" + "0" * 64},
        {"exp": "2025-12-31T00:00:00Z"},
    ],
)
def test_a_proof_of_something_else_is_none(claims: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read(view(claims))


def test_a_proof_beside_a_denial_and_an_approval_spent_without_one_are_no_answers() -> None:
    with pytest.raises(BadAnswer):
        read(view({}, decision="DENY", result="DENY"))
    with pytest.raises(BadAnswer):
        read(view(), escalation_id="esc_1")
    with pytest.raises(BadAnswer):
        read(view({}), counterparty_proofs=["v4.public.AAAA"])


def test_an_answer_that_leaves_something_out_is_none() -> None:
    for missing in set(view()) - {"trust_profile", "trace"}:
        with pytest.raises(BadAnswer):
            read({name: value for name, value in view().items() if name != missing})
