"""A bundle's question and its signed answers: every hash, signature and key, and what the log says of them. Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from approvals_hub_client.assertion import BadAssertion, cose_key, verify_assertion
from approvals_hub_client.bundle_form import ELSEWHERE, HERE, AnswerPart, AssertionPart, BadBundle, Bundle, KeyPart
from approvals_hub_client.bundle_log import Log, Logged
from approvals_hub_client.canonical import CanonicalError, dumps, sha256_text, unb64u
from approvals_hub_client.fields import fields_of
from approvals_hub_client.keys import BadKey, BadSignature, VerifyingKey, key_of
from approvals_hub_client.statement import BadStatement, passkey_challenge, signed_bytes, statement_of

PRESENTATION = "approvals-hub.presentation.v1"
_PRESENTED = {"profile", "escalation_id", "revision", "audience", "justification", "fields", "warnings"}


def check_question(bundle: Bundle, log: Log) -> None:
    """Raise BadBundle unless action, presentation and requirement are those that were frozen when it was asked."""
    asked = bundle.question
    _check_hash("action", asked.action, asked.action_hash)
    _check_hash("presentation", asked.presentation, asked.presentation_hash)
    _check_hash("requirement", asked.requirement, asked.requirement_hash)
    shown = asked.presentation
    same = {
        "profile": PRESENTATION,
        "escalation_id": asked.escalation_id,
        "revision": asked.revision,
        "audience": asked.audience,
        "fields": fields_of(asked.action),
    }
    for name, value in same.items():
        if shown.keys() != _PRESENTED or shown[name] != value:
            raise BadBundle(f"question.presentation.{name}", "what people were shown is not this action")
    opened = log.one("question", "escalation.opened")
    said: dict[str, Any] = {
        "escalation_id": asked.escalation_id,
        "agent_id": asked.agent_id,
        "action_id": asked.action.get("action_id"),
        "action_type": asked.action.get("action_type"),
    }
    for name, value in said.items():
        if getattr(opened, name) != value:
            raise BadBundle(f"question.{name}", "the log has another one for this question")
    for name in ("action_hash", "presentation_hash", "requirement_hash", "revision", "revises"):
        if opened.detail.get(name) != getattr(asked, name):
            raise BadBundle(f"question.{name}", "the log has another one for this question")
    if opened.ts != asked.created_at:
        raise BadBundle("question.created_at", "the log has another time for this question")


def check_answers(bundle: Bundle, log: Log) -> None:
    """Raise BadBundle unless every answer that the log has is here, signed by its person's key, and says just that."""
    recorded = [entry.detail.get("decision_id") for entry in log.of("decision.recorded")]
    given = [answer.decision_id for answer in bundle.answers]
    for place, decision_id in enumerate(given):
        if place >= len(recorded) or recorded[place] != decision_id:
            raise BadBundle(f"answers[{place}]", "the answers are not those that the log has, in its order")
    if len(recorded) > len(given):
        raise BadBundle("answers", f"the log has {len(recorded)} answers, and here are {len(given)}")
    last = {answer.approver_id: answer.decision_id for answer in bundle.answers}
    for place, answer in enumerate(bundle.answers):
        where = f"answers[{place}]"
        _check_answer(bundle, log, where, answer)
        if (answer.superseded_at is None) != (last[answer.approver_id] == answer.decision_id):
            raise BadBundle(f"{where}.superseded_at", "each person's last answer stands, and no other")


def _check_answer(bundle: Bundle, log: Log, where: str, answer: AnswerPart) -> None:
    entry = log.one(where, "decision.recorded", decision_id=answer.decision_id)
    raw = _bytes(f"{where}.statement", answer.statement)
    statement = _statement(bundle, where, answer, raw)
    key = _key(where, answer.key)
    _check_signature(bundle, where, answer, key, raw)
    said = {
        "device_id": answer.device_id,
        "key_hash": answer.key.key_hash,
        "statement_hash": sha256_text(signed_bytes(raw)),
        "action_hash": bundle.question.action_hash,
        "presentation_hash": bundle.question.presentation_hash,
        "requirement_hash": bundle.question.requirement_hash,
        "reason_code": statement["reason_code"],
        "reason_commitment": statement["reason_commitment"],
    }
    for name, value in said.items():
        if entry.detail.get(name) != value:
            raise BadBundle(where, f"the log has another {name} for this answer")
    if (entry.actor_id, entry.decision, entry.ts) != (answer.approver_id, answer.decision, answer.at):
        raise BadBundle(where, "the log has another person, decision or time for this answer")
    if not statement["issued_at"] <= answer.at <= statement["expires_at"]:
        raise BadBundle(f"{where}.at", "the answer came outside of the time for which it could be signed")
    _check_enrolment(log, where, answer, entry)


def _statement(bundle: Bundle, where: str, answer: AnswerPart, raw: bytes) -> dict[str, Any]:
    """The statement, every member of which is about this question, this person and this device."""
    try:
        statement = statement_of(raw)
    except BadStatement as error:
        raise BadBundle(f"{where}.statement", str(error)) from None
    asked = bundle.question
    wanted = {
        "audience": bundle.hub.issuer,
        "org_id": bundle.hub.org_id,
        "escalation_id": asked.escalation_id,
        "revision": asked.revision,
        "action_hash": asked.action_hash,
        "presentation_hash": asked.presentation_hash,
        "requirement_hash": asked.requirement_hash,
        "decision": answer.decision,
        "approver_id": answer.approver_id,
        "device_id": answer.device_id,
        "approval_valid_for": asked.requirement.get("approval_valid_for"),
    }
    for name, value in wanted.items():
        if statement[name] != value:
            raise BadBundle(f"{where}.statement", f"what was signed has another {name}")
    return statement


def _key(where: str, part: KeyPart) -> VerifyingKey:
    """The key of an answer, and no other than the one whose hash the log has."""
    try:
        if part.kind == "device_key" and part.jwk is not None and part.cose is None:
            key, text = key_of(part.jwk), dumps(part.jwk)
        elif part.kind == "passkey" and part.cose is not None and part.jwk is None:
            text = unb64u(part.cose)
            key = cose_key(text)
        else:
            raise BadBundle(f"{where}.key", "a key is a device key with its JWK, or a passkey with its COSE key")
    except (BadKey, CanonicalError) as error:
        raise BadBundle(f"{where}.key", str(error)) from None
    if sha256_text(text) != part.key_hash:
        raise BadBundle(f"{where}.key", "the key is not the one whose hash stands beside it")
    return key


def _check_signature(bundle: Bundle, where: str, answer: AnswerPart, key: VerifyingKey, raw: bytes) -> None:
    given = answer.assertion
    if (answer.signature is None) == (given is None) or (given is None) != (answer.key.kind == "device_key"):
        raise BadBundle(where, "a device key signs with a signature, a passkey with an assertion")
    try:
        if given is None:
            key.verify(signed_bytes(raw), _bytes(f"{where}.signature", answer.signature or ""))
            return
        _check_assertion(bundle, where, given, key, raw)
    except (BadSignature, BadAssertion) as error:
        raise BadBundle(where, f"the signature is not the key's over this statement: {error}") from None


def _check_assertion(bundle: Bundle, where: str, given: AssertionPart, key: VerifyingKey, raw: bytes) -> None:
    try:
        parts = urlsplit(bundle.hub.issuer)
    except ValueError:
        raise BadBundle("hub.issuer", "not a URL") from None
    verify_assertion(
        key,
        challenge=passkey_challenge(raw),
        origin=f"{parts.scheme}://{parts.netloc}",
        client_data=_bytes(f"{where}.assertion.client_data", given.client_data),
        authenticator_data=_bytes(f"{where}.assertion.authenticator_data", given.authenticator_data),
        signature=_bytes(f"{where}.assertion.signature", given.signature),
    )


def _check_enrolment(log: Log, where: str, answer: AnswerPart, entry: Logged) -> None:
    """The key was enrolled by its person before the answer, and not revoked before it, in the log's own order."""
    device = {"device_id": answer.device_id}
    for revoked in log.of("device.revoked", **device):
        if revoked.index < entry.index:
            raise BadBundle(f"{where}.key", "the key had been revoked before the answer")
    if answer.key.enrolled == ELSEWHERE:
        return
    if answer.key.enrolled != HERE:
        raise BadBundle(f"{where}.key.enrolled", "a key was enrolled here or elsewhere")
    enrolled = log.one(f"{where}.key", "device.enrolled", **device, key_hash=answer.key.key_hash)
    if enrolled.actor_id != answer.approver_id or enrolled.index > entry.index:
        raise BadBundle(f"{where}.key", "the key was not enrolled by this person before the answer")
    if any(confirmed.index > entry.index for confirmed in log.of("device.confirmed", **device)):
        raise BadBundle(f"{where}.key", "the key was confirmed after the answer")


def _check_hash(name: str, value: dict[str, Any], expected: str) -> None:
    try:
        found = sha256_text(dumps(value))
    except CanonicalError as error:
        raise BadBundle(f"question.{name}", f"it has no canonical form: {error}") from None
    if found != expected:
        raise BadBundle(f"question.{name}", "it is not the one whose hash stands beside it")


def _bytes(where: str, text: str) -> bytes:
    try:
        return unb64u(text)
    except CanonicalError as error:
        raise BadBundle(where, str(error)) from None
