"""An answer as it arrives, and everything that can be checked of it before the unit of work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from approvals_hub.core.errors import HubError, Invalid, Malformed
from approvals_hub.decisions.answered_from import AnsweredFrom
from approvals_hub.decisions.quorum import APPROVE, DENY, NOT_ME
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations.refusals import REASON_LEAST, REASON_LIMIT, mismatch, reason_missing
from approvals_hub_client.canonical import CanonicalError, sha256_text, unb64u
from approvals_hub_client.statement import BadStatement, reason_commitment, signed_bytes, statement_of

REASON_CODES = ("wrong_target", "too_broad", "not_now", "suspicious", "other")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an approver's device sends. `statement` is the received bytes, without the prefix."""

    statement: bytes = field(repr=False)
    reason: str | None = field(default=None, repr=False)
    reason_salt: str | None = field(default=None, repr=False)
    signature: bytes | None = None
    assertion: dict[str, Any] | None = None
    claimed: tuple[str, ...] = ()
    """Names of levels and the like that the client sent of itself: ignored, and recorded as an attempt."""
    answered_from: AnsweredFrom | None = None
    """Where the client says that it was given: it may cost the answer, and wins it nothing."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement whose form is right; whether it is true is decided against the database."""

    statement: dict[str, Any] = field(repr=False)
    message: bytes = field(repr=False)
    """What was signed: the prefix and the received bytes."""
    statement_hash: str
    claimed: tuple[str, ...] = ()
    """As in the answer. Nothing of it is in the statement, where it would be refused."""
    answered_from: AnsweredFrom | None = None
    """As in the answer, and not signed."""

    @property
    def decision(self) -> str:
        """`approve`, `deny` or `not_me`."""
        return str(self.statement["decision"])


def read(answer: Answer, *, escalation_id: str, audience: str) -> Signed:
    """Check the form. Raises Malformed or Invalid with the statement's field."""
    try:
        statement = statement_of(answer.statement)
    except BadStatement as error:
        raise Malformed(
            "statement_malformed", str(error), next_step="Sign the RFC 8785 bytes of the template.", field=_path(error)
        ) from error
    if statement["decision"] not in (APPROVE, DENY, NOT_ME):
        raise mismatch("decision")
    if statement["escalation_id"] != escalation_id:
        raise mismatch("escalation_id")
    if statement["audience"] != audience:
        raise mismatch("audience")
    _check_reason(answer, statement)
    message = signed_bytes(answer.statement)
    return Signed(statement, message, sha256_text(message), answer.claimed, answer.answered_from)


def refuse_unexplained(answer: Answer, decision: str, asked: Requirement) -> HubError | None:
    """An approval whose reason is demanded says a few words. That they are the signed ones is known by then."""
    if decision != APPROVE or asked.reason != "required":
        return None
    return None if len((answer.reason or "").strip()) >= REASON_LEAST else reason_missing()


def _path(error: BadStatement) -> str | None:
    return None if error.field is None else f"$.statement.{error.field}"


def _check_reason(answer: Answer, statement: dict[str, Any]) -> None:
    """The signed commitment must be of the reason that was sent, and of nothing where none was."""
    code = statement["reason_code"]
    if code is not None and code not in REASON_CODES:
        raise _reason_refused("reason_code is not one of " + ", ".join(REASON_CODES))
    committed = statement["reason_commitment"]
    if answer.reason is None:
        if committed is not None or answer.reason_salt is not None:
            raise _reason_refused("the statement commits to a reason that was not sent")
        return
    if not 1 <= len(answer.reason) <= REASON_LIMIT:
        raise _reason_refused(f"a reason has 1 to {REASON_LIMIT} characters")
    try:
        salt = unb64u(answer.reason_salt or "")
        if len(salt) != 16 or reason_commitment(answer.reason, salt) != committed:
            raise _reason_refused("the signed commitment is not of this reason and salt")
    except (CanonicalError, ValueError) as error:
        raise _reason_refused("reason_salt must be 16 bytes in base64url") from error


def _reason_refused(detail: str) -> HubError:
    return Invalid("reason_invalid", detail, next_step="Send the reason that was signed.", field="$.reason")
