"""How the question of a bundle ended, whose approvals its tokens name, and the proof of its redemption. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from approvals_hub_client import paseto
from approvals_hub_client.assurance import LEVELS
from approvals_hub_client.bundle_form import AnswerPart, BadBundle, Bundle, ProofPart, TokenPart
from approvals_hub_client.bundle_log import Log, Logged
from approvals_hub_client.bundle_quorum import check_quorum
from approvals_hub_client.bundle_votes import APPROVE, check_refusals, standing
from approvals_hub_client.canonical import CanonicalError, loads, sha256_text, unb64u
from approvals_hub_client.proof import proof_hash
from approvals_hub_client.statement import signed_bytes
from approvals_hub_client.times import to_milliseconds
from approvals_hub_client.trust import TOKEN, PublicKey, Trust, Untrusted, choose

_SAME = ("iss", "sub", "aud", "action_id", "action_type", "action_hash", "policy_id", "decision_id", "escalation_id")
_PROVEN = ("acr", "amr", "auth_ref", "approvers")


def check_outcome(bundle: Bundle, log: Log) -> None:
    """Raise BadBundle unless the question ended as the log says, with the answers that such an end needs."""
    asked = bundle.question
    ended = log.one("question.outcome", "escalation.ended")
    if ended.decision != asked.outcome or ended.detail.get("action_hash") != asked.action_hash:
        raise BadBundle("question.outcome", f"the log says that it ended {ended.decision}")
    if (ended.detail.get("cause"), ended.ts) != (asked.cause, asked.ended_at):
        raise BadBundle("question.cause", "the log has another cause or time of its end")
    votes = standing(bundle, log, ended.index)
    check_refusals(bundle, log, votes)
    if (asked.outcome == "approved") != (bundle.token is not None):
        raise BadBundle("token", "an approval, and nothing else, has a token")
    if bundle.token is not None:
        _check_token(bundle, log, bundle.token, ended, votes)
    elif bundle.proof is not None:
        raise BadBundle("proof", "there is a proof of what was not approved")


def check_proof(bundle: Bundle, log: Log, trust: Trust) -> str | None:
    """What vouches for the proof's key: `pinned`, `log` or `declared`; None where nothing was redeemed.

    Raises BadBundle where the proof is not of this approval, or its key was not good when it signed.
    """
    token, proof = bundle.token, bundle.proof
    redeemed = list(log.of("token.redeemed"))
    if token is None:
        return None
    if (proof is None) != (token.state != "redeemed") or (proof is None) != (not redeemed):
        raise BadBundle("proof", "a redeemed token, and no other, has a proof, and the log says when it was redeemed")
    if proof is None:
        return None
    entry = log.one("proof", "token.redeemed", jti=token.claims.get("jti"), action_hash=bundle.question.action_hash)
    claims, published, vouched = _open(bundle, proof, trust)
    _check_claims(bundle, proof, token.claims, claims, entry)
    logged = entry.detail.get("proof_hash")
    if logged is not None and logged != proof_hash(proof.token):
        raise BadBundle("proof.token", "the log has another proof for this redemption")
    if published.compromised_at is not None and (logged is None or entry.ts >= published.compromised_at):
        raise BadBundle("proof.token", f"its key was marked compromised at {published.compromised_at}")
    return vouched or ("declared" if logged is None else "log")


def _check_token(bundle: Bundle, log: Log, token: TokenPart, ended: Logged, votes: Mapping[str, AnswerPart]) -> None:
    asked, claims = bundle.question, token.claims
    wanted = {
        "iss": bundle.hub.issuer,
        "sub": asked.agent_id,
        "aud": asked.audience,
        "org": bundle.hub.org_id,
        "purpose": "approval",
        "escalation_id": asked.escalation_id,
        "revision": asked.revision,
        "action_id": asked.action.get("action_id"),
        "action_type": asked.action.get("action_type"),
        "action_hash": asked.action_hash,
        "jti": ended.detail.get("jti"),
    }
    for name, value in wanted.items():
        if claims.get(name) != value:
            raise BadBundle(f"token.claims.{name}", "the token is not of this approval")
    states = {"redeemed": "token.redeemed", "revoked": "token.revoked"}
    for state, kind in states.items():
        if (token.state == state) != bool(list(log.of(kind))):
            raise BadBundle("token.state", f"the log does not say that the token is {token.state[:20]}")
    if token.state not in ("ready", "expired", *states):
        raise BadBundle("token.state", "a token is ready, redeemed, revoked or expired")
    _check_approvers(bundle, log, claims, ended, votes)


def _check_approvers(
    bundle: Bundle, log: Log, claims: dict[str, Any], ended: Logged, votes: Mapping[str, AnswerPart]
) -> None:
    """Those whom the token names signed an approval that stood, and are those whom the rule takes."""
    yes = {(answer.approver_id, answer.device_id): answer for answer in votes.values() if answer.decision == APPROVE}
    named, hashes = claims.get("approvers"), claims.get("statement_hashes")
    asked = bundle.question.requirement
    if not isinstance(named, list) or not isinstance(hashes, list):
        raise BadBundle("token.claims.approvers", "the token names nobody")
    signed = []
    for one in named:
        place = (str(one.get("person_id")), str(one.get("device_id"))) if isinstance(one, dict) else ("", "")
        answer = yes.get(place)
        if answer is None:
            raise BadBundle(
                "token.claims.approvers", "the token names somebody whose approval did not stand at the end"
            )
        entry = log.one("token.claims.approvers", "decision.recorded", decision_id=answer.decision_id)
        if entry.detail.get("acr") != one.get("acr"):
            raise BadBundle("token.claims.approvers", "the log has another level for this approval")
        signed.append(sha256_text(signed_bytes(unb64u(answer.statement))))
    if signed != hashes:
        raise BadBundle("token.claims.statement_hashes", "they are not of what these people signed")
    levels = [LEVELS.get(str(one.get("acr")), 0) for one in named]
    check_quorum(bundle, log, ended, named, votes)
    if not 0 < LEVELS.get(str(asked.get("min_assurance")), 9) <= min(levels):
        raise BadBundle("token.claims.acr", "somebody approved with less than the level that was asked for")
    if LEVELS.get(str(claims.get("acr")), 0) != min(levels):
        raise BadBundle("token.claims.acr", "it is not the lowest of those who approved")


def _open(bundle: Bundle, proof: ProofPart, trust: Trust) -> tuple[dict[str, Any], PublicKey, str | None]:
    """The claims of the proof token, whose key was its hub's and valid when it signed."""
    try:
        kid = paseto.kid_of(proof.token)
        key, published = choose(kid, TOKEN, issuer=bundle.hub.issuer, declared=bundle.hub.token_keys, trust=trust)
        claims = loads(paseto.verify(key, proof.token, implicit=paseto.PROOF))
        if not isinstance(claims, dict) or claims.get("kid") != kid:
            raise BadBundle("proof.token", "claim and footer name different keys")
        published.check_at(to_milliseconds(str(claims.get("iat"))))
    except (paseto.BadToken, Untrusted, CanonicalError, ValueError) as error:
        if isinstance(error, BadBundle):
            raise
        raise BadBundle("proof.token", f"the proof cannot be believed: {error}") from None
    return claims, published, "pinned" if trust.has(key) else None


def _check_claims(
    bundle: Bundle, proof: ProofPart, approval: dict[str, Any], claims: dict[str, Any], entry: Logged
) -> None:
    for name in (*_SAME, *_PROVEN):
        if claims.get(name) != approval.get(name):
            raise BadBundle("proof.token", f"the proof has another {name} than the approval")
    if claims.get("decision") != "ALLOW" or "purpose" in claims:
        raise BadBundle("proof.token", "the token proves no permission")
    if not claims.get("iat") == entry.ts == proof.redeemed_at:
        raise BadBundle("proof.redeemed_at", "the log has another time for this redemption")
    try:
        before = [proof_hash(token) for token in proof.counterparty_proofs]
    except paseto.BadToken as error:
        raise BadBundle("proof.counterparty_proofs", str(error)) from None
    if claims.get("prev") != before:
        raise BadBundle("proof.counterparty_proofs", "they are not those that the proof names in prev")
    if bundle.question.audience != claims.get("aud"):
        raise BadBundle("proof.token", "the proof is for another audience")
