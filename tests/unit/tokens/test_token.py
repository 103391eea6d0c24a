"""The claims of the three tokens are exactly those of the design."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.tokens.token import (
    APPROVAL_LIFE,
    OUTCOME_LIFE,
    PROOF_LIFE,
    Allowed,
    Subject,
    allowed_claims,
    approval_claims,
    outcome_claims,
    proof_claims,
)

NOW = 1_800_000_000_000
SUBJECT = Subject(
    issuer="https://hub.example",
    org_id="org_1",
    agent_id="agt_1",
    escalation_id="esc_1",
    revision=2,
    action_id="act_1",
    action_type="db.drop_table",
    action_hash="sha256:" + "0" * 64,
    audience="db.example.com",
)
APPROVAL: dict[str, Any] = {
    "acr": "SUBSTANTIAL",
    "amr": ["mfa", "pop", "user"],
    "methods": ["passkey"],
    "approvers": [{"person_id": "per_1"}],
    "statement_hashes": ["sha256:" + "1" * 64],
    "decision_id": "dec_1",
}


def approval(*, valid_until: int = NOW + 10 * MINUTE, thumbprint: str | None = "thumb") -> dict[str, Any]:
    return approval_claims(
        SUBJECT, kid="k", jti="jti_1", now=NOW, valid_until=valid_until, approval=APPROVAL, thumbprint=thumbprint
    )


def test_an_approval_token_has_the_claims_of_the_design() -> None:
    listed = (
        "iss sub aud iat nbf exp jti kid purpose escalation_id revision action_id action_type action_hash policy_id"
    )
    listed += " policy_hash org acr amr methods auth_ref approvers statement_hashes cnf"
    assert set(approval()) == {*listed.split(), "decision_id"}
    assert approval()["purpose"] == "approval"
    assert (approval()["sub"], approval()["aud"], approval()["org"]) == ("agt_1", "db.example.com", "org_1")


def test_an_approval_token_lives_a_minute() -> None:
    assert APPROVAL_LIFE == 60 * SECOND
    assert (approval()["iat"], approval()["nbf"]) == ("2027-01-15T08:00:00.000Z",) * 2
    assert approval()["exp"] == "2027-01-15T08:01:00.000Z"


def test_an_approval_token_never_outlives_the_approval() -> None:
    assert approval(valid_until=NOW + 5 * SECOND)["exp"] == "2027-01-15T08:00:05.000Z"


def test_an_approval_token_is_bound_to_the_agents_key_where_it_has_one() -> None:
    assert approval()["cnf"] == {"jkt": "thumb"}
    assert approval(thumbprint=None)["cnf"] is None


def test_a_proof_token_has_the_claims_of_the_design() -> None:
    proof = proof_claims(approval(), kid="k2", jti="prf_1", now=NOW, owner_id="per_9", trust_profile="HIGH")
    listed = "iss sub aud iat exp action_id action_type action_hash decision policy_id kid jti decision_id agent_id"
    listed += " owner_type owner_id matched_rule_id trust_profile acr amr auth_ref approvers escalation_id prev"
    assert set(proof) == set(listed.split())
    assert (proof["decision"], proof["kid"], proof["jti"], proof["owner_id"]) == ("ALLOW", "k2", "prf_1", "per_9")
    assert (proof["action_hash"], proof["aud"], proof["trust_profile"]) == (
        SUBJECT.action_hash,
        SUBJECT.audience,
        "HIGH",
    )


def test_a_proof_of_what_was_allowed_at_once_has_the_same_claims_and_nobody_who_approved() -> None:
    allowed = Allowed(
        agent_id="agt_1",
        org_id="org_1",
        owner_id="per_9",
        audience="db.example.com",
        action_id="act_1",
        action_type="db.drop_table",
        action_hash=SUBJECT.action_hash,
        decision_id="dcn_1",
        policy_id="pol_1",
        rule_id="r",
        trust_profile="HIGH",
    )
    proof = allowed_claims(allowed, issuer=SUBJECT.issuer, kid="k", jti="prf_1", now=NOW, expires_at=NOW + MINUTE)
    asked = proof_claims(approval(), kid="k", jti="prf_1", now=NOW, owner_id="per_9", trust_profile="HIGH")
    assert set(proof) == set(asked)
    differ = {"decision_id", "exp", "policy_id", "matched_rule_id", "acr", "amr", "approvers", "escalation_id"}
    assert {name for name in proof if proof[name] != asked[name]} == differ
    assert (proof["acr"], proof["amr"], proof["approvers"], proof["escalation_id"]) == (None, [], [], None)


def test_a_proof_token_carries_no_permission() -> None:
    proof = proof_claims(approval(), kid="k", jti="prf_1", now=NOW, owner_id="per_9", trust_profile=None)
    assert not {"purpose", "cnf", "nbf"} & set(proof)


def test_a_proof_token_lives_five_minutes() -> None:
    assert PROOF_LIFE == 5 * MINUTE
    proof = proof_claims(approval(), kid="k", jti="prf_1", now=NOW, owner_id="per_9", trust_profile=None)
    assert proof["exp"] == "2027-01-15T08:05:00.000Z"


def test_an_outcome_token_says_how_it_ended_and_is_for_the_asking_agent() -> None:
    claims = outcome_claims(
        SUBJECT,
        kid="k",
        now=NOW,
        outcome="denied",
        by="per_1",
        cause=None,
        ended_at=NOW - SECOND,
        statement_hashes=[],
    )
    for name in ["escalation_id", "revision", "action_hash", "outcome", "by", "cause", "ended_at", "statement_hashes"]:
        assert name in claims
    assert (claims["aud"], claims["outcome"]) == ("agt_1", "denied")
    assert claims["ended_at"] == "2027-01-15T07:59:59.000Z"
    assert claims["exp"] == "2027-01-15T08:10:00.000Z"
    assert OUTCOME_LIFE == 10 * MINUTE
