"""The form of an answer, before anything is compared with the database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from approvals_hub.core.errors import HubError, Invalid, Malformed
from approvals_hub.decisions.answer import REASON_CODES, REASON_LIMIT, Answer, Signed, read
from approvals_hub_client.canonical import b64u, dumps, sha256_text
from approvals_hub_client.statement import PROFILE, reason_commitment, signed_bytes

HUB = "https://hub.example"
HASH = "sha256:" + "0" * 64
SALT = bytes(range(16))
STATEMENT: dict[str, Any] = {
    "profile": PROFILE,
    "audience": HUB,
    "org_id": "org_1",
    "escalation_id": "esc_1",
    "revision": 1,
    "action_hash": HASH,
    "presentation_hash": HASH,
    "requirement_hash": HASH,
    "decision": "approve",
    "reason_code": None,
    "reason_commitment": None,
    "match_code": None,
    "approver_id": "per_1",
    "device_id": "dev_1",
    "nonce": "n",
    "issued_at": "2026-11-21T01:40:28.123Z",
    "expires_at": "2026-11-21T01:50:28.123Z",
    "approval_valid_for": 600,
    "step_up": [],
}


def read_changed(**changes: Any) -> Signed:
    return read(Answer(dumps({**STATEMENT, **changes})), escalation_id="esc_1", audience=HUB)


def read_bytes(text: bytes) -> Signed:
    return read(Answer(text), escalation_id="esc_1", audience=HUB)


def read_reason(reason: str | None, salt: str | None, **changes: Any) -> Signed:
    answer = Answer(dumps({**STATEMENT, **changes}), reason=reason, reason_salt=salt)
    return read(answer, escalation_id="esc_1", audience=HUB)


def committed(reason: str) -> dict[str, Any]:
    return {"reason_commitment": reason_commitment(reason, SALT)}


def test_what_was_signed_is_the_received_bytes_with_the_prefix() -> None:
    text = dumps(STATEMENT)
    signed = read_bytes(text)
    assert signed.message == b"approvals-hub.decision.v1\0" + text
    assert signed.message == signed_bytes(STATEMENT)
    assert signed.statement_hash == sha256_text(signed.message)


def test_bytes_that_mean_the_same_but_are_not_canonical_are_refused() -> None:
    with pytest.raises(Malformed, match="canonical"):
        read_bytes(json.dumps(STATEMENT, sort_keys=True).encode())


def test_a_statement_that_says_its_decision_twice_is_refused() -> None:
    text = dumps(STATEMENT).replace(b'"decision":"approve"', b'"decision":"deny","decision":"approve"')
    with pytest.raises(Malformed):
        read_bytes(text)


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b"\xff", b'{"a":NaN}', dumps(STATEMENT) + b" "])
def test_bytes_that_are_no_statement_are_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        read_bytes(text)


@pytest.mark.parametrize("member", sorted(STATEMENT))
def test_a_statement_that_leaves_a_member_out_is_refused(member: str) -> None:
    with pytest.raises(Malformed):
        read_bytes(dumps({name: value for name, value in STATEMENT.items() if name != member}))


def test_a_statement_with_a_member_too_many_is_refused() -> None:
    with pytest.raises(Malformed):
        read_changed(amount=1)


def test_a_statement_signed_for_another_purpose_is_refused() -> None:
    with pytest.raises(Malformed):
        read_changed(profile="approvals-hub.decision.v2")


@pytest.mark.parametrize("decision", ["APPROVE", "maybe", None, 1])
def test_a_decision_that_is_none_is_refused(decision: object) -> None:
    with pytest.raises(HubError):
        read_changed(decision=decision)


def test_a_statement_for_another_escalation_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_changed(escalation_id="esc_2")
    assert (refused.value.code, refused.value.field) == ("statement_mismatch", "$.statement.escalation_id")


def test_a_statement_for_another_hub_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_changed(audience="https://evil.example")
    assert refused.value.field == "$.statement.audience"


def test_a_revision_beyond_the_integers_that_javascript_knows_is_refused() -> None:
    with pytest.raises(Malformed):
        read_bytes(dumps(STATEMENT).replace(b'"revision":1', b'"revision":9007199254740993'))


@pytest.mark.parametrize("code", REASON_CODES)
def test_a_listed_reason_code_is_taken(code: str) -> None:
    assert read_changed(reason_code=code).statement["reason_code"] == code


def test_a_reason_code_of_ones_own_is_refused() -> None:
    with pytest.raises(Invalid, match="reason_code"):
        read_changed(reason_code="because")


def test_a_reason_is_taken_with_the_salt_of_its_commitment() -> None:
    assert read_reason("wrong table", b64u(SALT), **committed("wrong table")).decision == "approve"


def test_a_reason_that_was_swapped_after_signing_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_reason("looks fine", b64u(SALT), **committed("wrong table"))
    assert refused.value.code == "reason_invalid"


def test_a_reason_that_was_never_signed_is_refused() -> None:
    with pytest.raises(Invalid):
        read_reason("looks fine", b64u(SALT))


def test_a_commitment_without_its_reason_is_refused() -> None:
    with pytest.raises(Invalid):
        read_reason(None, None, **committed("wrong table"))


def test_a_salt_without_a_reason_is_refused() -> None:
    with pytest.raises(Invalid):
        read_reason(None, b64u(SALT))


@pytest.mark.parametrize("salt", [None, "", "!", b64u(bytes(15)), b64u(bytes(17)), b64u(SALT) + "="])
def test_a_salt_that_is_not_sixteen_bytes_is_refused(salt: str | None) -> None:
    with pytest.raises(Invalid):
        read_reason("wrong table", salt, **committed("wrong table"))


@pytest.mark.parametrize("reason", ["", "x" * (REASON_LIMIT + 1)])
def test_a_reason_has_from_one_to_a_thousand_characters(reason: str) -> None:
    with pytest.raises(Invalid):
        read_reason(reason, b64u(SALT), **committed(reason))
    longest = "x" * REASON_LIMIT
    assert read_reason(longest, b64u(SALT), **committed(longest))


def test_a_reason_that_no_utf_8_can_hold_is_refused() -> None:
    with pytest.raises(HubError):
        read_reason("\ud800", b64u(SALT), reason_commitment=HASH)
