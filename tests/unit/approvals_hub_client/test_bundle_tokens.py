"""How a bundle's question ended, and its tokens: what a hub that lies with its own keys is caught at."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client import paseto
from approvals_hub_client.canonical import dumps, loads
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.proof import proof_hash
from tests.unit.approvals_hub_client.made_bundle import Json, lied, made, part_of, verified
from tests.unit.approvals_hub_client.test_bundle_answers import edited, without


def claims_of(bundle: Json) -> Json:
    claims: Json = loads(paseto.unverified(bundle["proof"]["token"]))
    return claims


def with_proof(**changes: Any) -> Json:
    """Another proof, signed by the hub's own key, which the log commits to."""
    token = paseto.sign(
        made().token_seed, made().kid, dumps({**claims_of(made().first), **changes}), implicit=paseto.PROOF
    )
    return lied(
        made().first,
        lambda bundle: bundle["proof"].update(token=token),
        edited("token.redeemed", lambda entry: entry["detail"].update(proof_hash=proof_hash(token))),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"action_hash": "sha256:" + "0" * 64},
        {"aud": "other.example"},
        {"sub": "agt_other"},
        {"iss": "https://other.example"},
        {"approvers": []},
        {"acr": "HIGH"},
        {"decision": "DENY"},
        {"prev": ["sha256:" + "0" * 64]},
        {"kid": "k4.pid.other"},
    ],
)
def test_a_proof_that_says_anything_else_than_the_approval_is_found(changes: Json) -> None:
    assert part_of(verified(with_proof(**changes))).startswith("proof.")


def test_a_proof_of_another_time_is_found() -> None:
    assert part_of(verified(with_proof(iat="2027-01-15T08:00:01.000Z"))) == "proof.redeemed_at"


def test_a_proof_that_the_log_does_not_commit_to_is_found() -> None:
    token = paseto.sign(made().token_seed, made().kid, dumps({**claims_of(made().first), "x": 1}), implicit=b"")
    assert part_of(verified(lied(made().first, lambda bundle: bundle["proof"].update(token=token)))) == "proof.token"


def test_a_proof_by_a_key_that_is_not_the_hubs_is_found() -> None:
    key = Ed25519SigningKey()
    kid = paseto.key_id(key.public)
    token = paseto.sign(key, kid, dumps({**claims_of(made().first), "kid": kid}), implicit=paseto.PROOF)
    assert part_of(verified(lied(made().first, lambda bundle: bundle["proof"].update(token=token)))) == "proof.token"


@pytest.mark.parametrize(
    ("times", "part"),
    [
        ({"active_from": "2028-01-01T00:00:00.000Z"}, "proof.token"),
        ({"valid_until": "2026-01-01T00:00:00.000Z"}, "proof.token"),
        ({"compromised_at": "2026-01-01T00:00:00.000Z"}, "proof.token"),
        ({"compromised_at": "2028-01-01T00:00:00.000Z"}, ""),
        ({"valid_until": "2028-01-01T00:00:00.000Z"}, ""),
        ({"purpose": "log"}, "proof.token"),
        ({"public_key": "A" * 43}, "proof.token"),
    ],
)
def test_a_proofs_key_must_have_been_good_when_it_signed(times: Json, part: str) -> None:
    attack = lied(made().first, lambda bundle: [key.update(times) for key in bundle["hub"]["token_keys"]])
    assert part_of(verified(attack)) == part


def test_what_is_published_of_a_key_elsewhere_counts_more_than_what_the_bundle_says() -> None:
    hub = made().first["hub"]
    spoilt = [{**key, "compromised_at": "2026-01-01T00:00:00.000Z"} for key in hub["token_keys"]]
    published = {"issuer": hub["issuer"], "keys": spoilt, "log_keys": hub["log_keys"]}
    assert part_of(verified(made().first, dumps(published))) == "proof.token"
    published = {"issuer": "https://other.example", "keys": hub["token_keys"], "log_keys": []}
    assert part_of(verified(made().first, dumps(published), str(made().signer.verifier))) == "proof.token"


def test_a_proof_from_before_the_log_committed_to_proofs_stands_under_a_self_declared_key() -> None:
    old = lied(made().first, entries=edited("token.redeemed", lambda entry: entry["detail"].pop("proof_hash")))
    assert "under a self-declared key" in "\n".join(verified(old).verified)


@pytest.mark.parametrize(
    ("which", "change", "entries", "part"),
    [
        ("first", lambda b: b["question"].update(outcome="denied"), list, "question.outcome"),
        ("first", lambda b: b["question"].update(cause="x"), list, "question.cause"),
        ("first", lambda _: None, without("escalation.ended"), "question.outcome"),
        ("first", lambda _: None, without("token.redeemed"), "token.state"),
        ("first", lambda b: b.update(proof=None), list, "proof"),
        ("first", lambda b: b["token"].update(state="spent"), list, "token.state"),
        ("first", lambda b: b["token"]["claims"].update(sub="agt_other"), list, "token.claims.sub"),
        ("first", lambda b: b["token"]["claims"].update(purpose="proof"), list, "token.claims.purpose"),
        ("first", lambda b: b["token"]["claims"].update(acr="HIGH"), list, "token.claims.acr"),
        ("first", lambda b: b["token"]["claims"].update(approvers=None), list, "token.claims.approvers"),
        ("first", lambda b: b["token"]["claims"].update(approvers=[]), list, "token.claims.statement_hashes"),
        ("first", lambda b: b["token"]["claims"].update(approvers=[1]), list, "token.claims.approvers"),
        ("second", lambda b: b.update(token=made().first["token"]), list, "token"),
        ("second", lambda b: b.update(proof=made().first["proof"]), list, "proof"),
    ],
)
def test_an_ending_that_the_log_and_the_answers_do_not_bear_is_found(
    which: str, change: Any, entries: Any, part: str
) -> None:
    assert part_of(verified(lied(getattr(made(), which), change, entries))) == part


def test_an_approver_who_was_not_asked_or_did_not_reach_the_level_is_found() -> None:
    def level(bundle: Json) -> None:
        bundle["token"]["claims"]["approvers"][0]["acr"] = "HIGH"

    def nobody_signed(bundle: Json) -> None:
        one = bundle["token"]["claims"]["approvers"][0]
        one["person_id"] = "per_mallory"

    def fewer(bundle: Json) -> None:
        del bundle["token"]["claims"]["approvers"][0]
        del bundle["token"]["claims"]["statement_hashes"][0]

    for attack in (level, nobody_signed, fewer):
        assert part_of(verified(lied(made().first, attack))) == "token.claims.approvers"
