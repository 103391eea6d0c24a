"""The parts of a receipt bundle, made of what the hub keeps. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from approvals_hub.audit.event import Kind
from approvals_hub.core.clock import to_text
from approvals_hub.core.row import Row
from approvals_hub.domain.presentation import presentation_hash
from approvals_hub.escalations.escalation import Escalation, Question
from approvals_hub.keys.key import SigningKey
from approvals_hub.tokens.token import Subject, standing_claims
from approvals_hub_client.bundle_form import (
    ELSEWHERE,
    HERE,
    AnswerPart,
    AssertionPart,
    KeyPart,
    QuestionPart,
    TokenPart,
)
from approvals_hub_client.canonical import b64u, loads
from approvals_hub_client.paseto import paserk
from approvals_hub_client.trust import PublicKey

ESSENTIAL: tuple[Kind, ...] = (
    "decision.recorded",
    "escalation.ended",
    "escalation.extended",
    "escalation.handed_over",
    "escalation.opened",
    "escalation.seen",
    "escalation.stage_opened",
    "step_up.proven",
    "token.expired",
    "token.redeemed",
    "token.reported",
    "token.revoked",
)
"""What a bundle holds where there is too much: no refusals and no reads, of which anybody can cause any number. Without
this, whoever holds a spent token could keep a question from ever having a bundle."""


class Entry(msgspec.Struct, frozen=True):
    """An entry of the log, and what of it says where it belongs."""

    index: int
    body: bytes
    kind: str
    actor_id: str
    detail: dict[str, Any]


class _Body(msgspec.Struct):
    kind: str
    actor_id: str
    detail: dict[str, Any]


_read = msgspec.json.Decoder(_Body).decode


def entry_of(index: int, body: bytes) -> Entry:
    """A stored entry."""
    said = _read(body)
    return Entry(index, bytes(body), said.kind, said.actor_id, said.detail)


def of_devices(entries: Iterable[Entry], device_ids: Collection[str]) -> list[Entry]:
    """Those that tell of one of these keys."""
    return [entry for entry in entries if entry.detail.get("device_id") in device_ids]


def places(entries: Iterable[Entry]) -> dict[str, int]:
    """Where in the log each answer is: decision id → index."""
    return {str(each.detail["decision_id"]): each.index for each in entries if each.kind == "decision.recorded"}


def public_key_of(key: SigningKey) -> PublicKey:
    """A signing key's public half, as the hub publishes it."""
    return PublicKey(
        kid=key.kid,
        purpose=key.purpose,
        public_key=b64u(key.public.raw),
        paserk=paserk(key.public),
        active_from=to_text(key.active_from),
        retired_at=_at(key.retired_at),
        valid_until=_at(key.valid_until),
        compromised_at=_at(key.compromised_at),
    )


def question_part(escalation: Escalation, question: Question, shown: dict[str, Any]) -> QuestionPart:
    """What was asked and how it ended."""
    return QuestionPart(
        escalation_id=escalation.id,
        revision=escalation.revision,
        revises=escalation.revises,
        agent_id=escalation.agent_id,
        audience=escalation.audience,
        action=question.action,
        action_hash=escalation.action_hash,
        presentation=shown,
        presentation_hash=presentation_hash(shown),
        requirement=loads(escalation.requirement),
        requirement_hash=escalation.requirement_hash,
        created_at=to_text(escalation.created_at),
        expires_at=to_text(escalation.expires_at),
        ended_at=_at(escalation.ended_at),
        outcome=escalation.state,
        ended_by=escalation.ended_by,
        cause=escalation.cause,
    )


def answer_part(row: Row, signed: Mapping[str, Any], enrolled: Collection[str]) -> AnswerPart:
    """One answer; `row` is one of `store.sealed`, `enrolled` are the devices whose enrolment this log has.

    The free text of its reason is left out: a bundle goes to other companies, and the commitment stands in the
    statement. So are the personal numbers of an eID; the hash of its evidence stands in the log.
    """
    cose = None if row["public_key"] is None else b64u(bytes(row["public_key"]))
    return AnswerPart(
        decision_id=row["id"],
        approver_id=row["approver_id"],
        device_id=row["device_id"],
        decision=row["decision"],
        at=to_text(row["at"]),
        superseded_at=_at(row["superseded_at"]),
        statement=signed["statement"],
        signature=signed["signature"],
        assertion=_assertion(signed["assertion"]),
        key=KeyPart(
            kind=row["kind"],
            key_hash=row["key_hash"],
            jwk=None if row["jwk"] is None else loads(row["jwk"]),
            cose=cose,
            enrolled=HERE if row["device_id"] in enrolled else ELSEWHERE,
        ),
    )


def token_part(escalation: Escalation, subject: Subject, now: int) -> TokenPart | None:
    """What the question's approval tokens say; None where it was not approved."""
    if escalation.approval is None or escalation.jti is None or escalation.valid_until is None:
        return None
    return TokenPart(
        state=str(escalation.token_state_at(now)),
        valid_until=to_text(escalation.valid_until),
        claims=standing_claims(subject, jti=escalation.jti, approval=loads(escalation.approval)),
    )


def _assertion(given: Mapping[str, Any] | None) -> AssertionPart | None:
    """What the signature is over, without what browsers add."""
    if given is None:
        return None
    response = given["response"]
    return AssertionPart(
        client_data=response["clientDataJSON"],
        authenticator_data=response["authenticatorData"],
        signature=response["signature"],
    )


def _at(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else to_text(milliseconds)
