"""Answering over HTTP: the whole question, the statement to sign, and the signed answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer as Answered
from approvals_hub.api.call import Call
from approvals_hub.api.claimed import claimed
from approvals_hub.api.fields import Base64, Form, Id, at, raw
from approvals_hub.api.inbox import AgentRef, StoodInView, agent_ref, stood_in_view
from approvals_hub.api.receipts import ReceiptView, receipt_view
from approvals_hub.api.sessions import OpenedSessionView, OrgRef, renewed, with_session
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.decisions.answer import Answer
from approvals_hub.decisions.answered_from import AnsweredFrom
from approvals_hub.decisions.receipt import Receipt
from approvals_hub.hub import Card, Progress


class EndedBy(msgspec.Struct, frozen=True):
    """Who or what ended the question."""

    type: str
    id: str
    name: str | None


class NextSteps(msgspec.Struct, frozen=True):
    """What an approval will allow: once, there, for so many seconds."""

    single_use: bool
    audience: str
    approval_valid_for: int


class ProgressView(msgspec.Struct, frozen=True):
    """How many have approved an open question, and how many more must at least; never who.

    `stage` of `stages` is asked now; `effective_at`: all have approved, and their approval takes effect then.
    """

    approved: int
    missing: int
    stage: int
    stages: int
    effective_at: str | None


class PresentationView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an approver is shown; the page recomputes the hashes from it before it signs."""

    escalation_id: str
    org: OrgRef
    revision: int
    revises: str | None
    status: str
    version: int
    action: dict[str, Any]
    presentation: dict[str, Any]
    action_hash: str
    presentation_hash: str
    requirement: dict[str, Any]
    requirement_hash: str
    audience: str
    agent: AgentRef
    environment: str | None
    created_at: str
    expires_at: str
    latest_expiry: str
    seen_at: str | None
    now: str
    outcome: str | None
    by: EndedBy | None
    cause: str | None
    ended_at: str | None
    token_state: str | None
    mine: ReceiptView | None
    next: NextSteps
    may_answer: bool
    may_approve: bool
    number_tries_left: int | None
    repeats: int
    asked_later: bool
    stands_in: list[StoodInView]
    """Who is away, and for whom this person may answer."""
    progress: ProgressView | None
    handed_by: str | None
    handed_to: str | None


class ViewForm(Form, frozen=True):
    """The device that will sign."""

    device_id: Id


class ViewedView(msgspec.Struct, frozen=True):
    """The statement to complete and sign; `signing` is how that device does it."""

    statement: dict[str, Any]
    signing: dict[str, Any]
    now: str


class AnsweredFromForm(Form, frozen=True):
    """Where the client says that the answer was given: in its app, or on a notification.

    From a notification only a denial is taken, with `unlocked: true`, unless the question's requirement says
    `locked_denial`. It is not signed; it is kept with the answer and written into the log as what the client said.
    """

    surface: Literal["app", "notification"]
    unlocked: bool | None = None


class AnswerForm(Discreet, Form, frozen=True):
    """The completed statement's RFC 8785 bytes, and the device's word for exactly them.

    `acr`, `amr` and `assurance_level` may be sent: they count for nothing, and that they were sent is recorded.
    """

    not_printed = ("statement", "reason", "reason_salt")

    statement: Base64
    reason: Annotated[str, Meta(max_length=1000)] | None = None
    reason_salt: Base64 | None = None
    signature: Base64 | None = None
    assertion: dict[str, Any] | None = None
    answered_from: AnsweredFromForm | None = None
    acr: Any = msgspec.UNSET
    amr: Any = msgspec.UNSET
    assurance_level: Any = msgspec.UNSET


class RecalledView(msgspec.Struct, frozen=True):
    """The approval is taken back."""

    escalation_id: str
    token_state: str | None


async def present(call: Call[None]) -> PresentationView:
    """The whole question; reading it changes nothing."""
    card = await call.hub.present(call.person, call.part("id"))
    mine = await call.hub.inbox.mine(call.person, call.part("id"))
    return _presentation(card, mine, await call.hub.read_progress(call.person, call.part("id")))


class AnsweredView(ReceiptView, frozen=True, kw_only=True):
    """The receipt; `session` where a native client's tokens were renewed because the answer used a step-up."""

    session: OpenedSessionView | None

    @classmethod
    def of(cls, receipt: ReceiptView, session: OpenedSessionView | None) -> AnsweredView:
        """Both together."""
        return cls(**msgspec.structs.asdict(receipt), session=session)


async def view(call: Call[ViewForm]) -> ViewedView:
    """The card was painted: marks the question seen, and gives the statement to sign."""
    seen = await call.hub.present.view(call.person, call.part("id"), call.asked.device_id)
    signing: dict[str, Any] = {"alg": seen.alg, "public_key": None}
    if seen.credential_id is not None:
        credential = {"type": "public-key", "id": seen.credential_id}
        signing["public_key"] = {
            "rpId": call.api.served.host_name,
            "allowCredentials": [credential],
            "userVerification": "required",
            "timeout": 120_000,
        }
    return ViewedView(seen.statement, signing, to_text(seen.now))


async def decide(call: Call[AnswerForm]) -> Answered:
    """Answer with a signed statement. After a step-up the session gets a new token: a page's in the cookie, a native
    client's in `session`, with a new refresh token."""
    form, place = call.asked, call.asked.answered_from
    answer = Answer(
        statement=raw(form.statement, "$.statement") or b"",
        reason=form.reason,
        reason_salt=form.reason_salt,
        signature=raw(form.signature, "$.signature"),
        assertion=form.assertion,
        claimed=claimed(form),
        answered_from=None if place is None else AnsweredFrom(place.surface, place.unlocked),
    )
    receipt = await call.hub.decide(call.person, call.part("id"), answer)
    view = receipt_view(receipt)
    if not receipt.stepped_up:
        return Answered(AnsweredView.of(view, None))
    session, shown = await renewed(call)
    return with_session(AnsweredView.of(view, shown), session, as_cookie=call.wants_cookie())


async def recall(call: Call[Any]) -> RecalledView:
    """Take an approval back before it is redeemed."""
    escalation = await call.hub.recall(call.person, call.part("id"))
    return RecalledView(escalation.id, escalation.token_state)


def _presentation(card: Card, mine: Receipt | None, progress: Progress | None) -> PresentationView:
    escalation, asked = card.escalation, card.escalation.asked()
    return PresentationView(
        escalation_id=escalation.id,
        org=OrgRef(escalation.org_id, card.org_name),
        revision=escalation.revision,
        revises=escalation.revises,
        status=escalation.state,
        version=escalation.version,
        action=card.action,
        presentation=card.presentation,
        action_hash=escalation.action_hash,
        presentation_hash=escalation.presentation_hash,
        requirement=msgspec.json.decode(escalation.requirement),
        requirement_hash=escalation.requirement_hash,
        audience=escalation.audience,
        agent=agent_ref(card.asker),
        environment=asked.environment,
        created_at=to_text(escalation.created_at),
        expires_at=to_text(escalation.expires_at),
        latest_expiry=to_text(escalation.latest_expiry),
        seen_at=at(escalation.seen_at),
        now=to_text(card.now),
        outcome=None if escalation.open else escalation.state,
        by=_ended_by(card),
        cause=escalation.cause,
        ended_at=at(escalation.ended_at),
        token_state=escalation.token_state_at(card.now),
        mine=None if mine is None else receipt_view(mine),
        next=NextSteps(True, escalation.audience, asked.approval_valid_for),
        may_answer=card.may_answer,
        may_approve=card.may_approve,
        number_tries_left=card.tries_left,
        repeats=escalation.repeats,
        asked_later=card.asked_later,
        stands_in=[stood_in_view(each) for each in card.stands_in],
        progress=None if progress is None else _progress(progress),
        handed_by=card.handed_by,
        handed_to=card.handed_to,
    )


def _progress(found: Progress) -> ProgressView:
    return ProgressView(found.approved, found.missing, found.stage, found.stages, at(found.effective_at))


def _ended_by(card: Card) -> EndedBy | None:
    by = card.escalation.ended_by
    if by is None:
        return None
    kind = {"per": "person", "agt": "agent"}.get(by[:3], "hub")
    return EndedBy(kind, by, card.ended_by_name)
