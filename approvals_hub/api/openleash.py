"""What OpenLeash agents ask: whether an action may be done, whether people approve it, who they are.

Their requests and answers as their clients send and read them, over the same use cases as ours.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.agents.agent import AgentCredential, known_as
from approvals_hub.api.call import Call
from approvals_hub.api.fields import Cursor, Form, Id, Limit, Token, at
from approvals_hub.api.limits import PAGE
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import Invalid
from approvals_hub.domain import outcome
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.hub import Authorized
from approvals_hub.tokens.token import APPROVAL_LIFE

TOKEN_LIMIT = 16_384
"""Characters of an approval token."""
PENDING, APPROVED, DENIED, EXPIRED = "PENDING", "APPROVED", "DENIED", "EXPIRED"
_STATUSES = {outcome.OPEN: PENDING, outcome.APPROVED: APPROVED, outcome.DENIED: DENIED, outcome.NOT_ME: DENIED}
_STATES = {
    PENDING: (outcome.OPEN,),
    APPROVED: (outcome.APPROVED,),
    DENIED: (outcome.DENIED, outcome.NOT_ME),
    EXPIRED: tuple(sorted(outcome.OUTCOMES - {outcome.APPROVED, outcome.DENIED, outcome.NOT_ME})),
}
_HASH = "sha256:"

Status = Literal["PENDING", "APPROVED", "DENIED", "EXPIRED"]


class OpenLeashObligation(msgspec.Struct, frozen=True):
    """Something that is still owed; `because` names the part of the policy that asks for it."""

    obligation_id: str
    type: str
    status: str
    details_json: dict[str, Any]
    because: str


class OpenLeashAnswer(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """`result` and `decision` are the same. `action_hash` is the hex of SHA-256 over the canonical action as it was
    sent. Where people are needed, they are asked by an approval request with this `decision_id`;
    `approval_request_id` is the one that was made before, `escalation_id` the same in the hub's own operations."""

    not_printed = ("proof_token",)

    decision_id: str
    action_id: str
    action_hash: str
    result: str
    decision: str
    code: str
    matched_rule_id: str | None
    reason: str
    proof_token: str | None
    proof_expires_at: str | None
    obligations: list[OpenLeashObligation]
    approval_request_id: str | None
    repeated: bool


class OpenLeashSelf(msgspec.Struct, frozen=True, kw_only=True):
    """The calling agent."""

    agent_principal_id: str
    agent_id: str
    owner_type: str
    owner_id: str
    org_id: str
    status: str
    attributes: dict[str, Any]
    webhook_url: str | None
    created_at: str


class NewApprovalRequest(Form, frozen=True):
    """The decision that asks for people, and the very action it was about. People see `justification` and `context`
    marked as unverified, together at most 280 characters of them."""

    decision_id: Id
    action: dict[str, Any]
    justification: Annotated[str, Meta(max_length=4_000)] | None = None
    context: dict[str, Any] | None = None


class ApprovalRequestView(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """How an approval request stands. `EXPIRED`: nobody has answered, and nobody can any more; `outcome` is the hub's
    own word for the end. `match_code` is shown to the person who answers, where people must type it."""

    not_printed = ("approval_token", "match_code")

    approval_request_id: str
    escalation_id: str
    status: str
    outcome: str | None
    action_id: str
    action_type: str
    action_hash: str
    justification: str | None = None
    created_at: str
    expires_at: str
    resolved_at: str | None
    denial_reason: str | None = None
    approval_token: str | None = None
    approval_token_expires_at: str | None = None
    match_code: str | None = None


class ApprovalRequestsView(msgspec.Struct, frozen=True):
    """A page of an agent's requests, newest first, without tokens."""

    approval_requests: list[ApprovalRequestView]
    next: str | None


class ApprovalRequestsQuery(Form, frozen=True):
    """Which of them."""

    status: Status | None = None
    limit: Limit = PAGE
    cursor: Cursor | None = None


class ProofForm(Discreet, Form, frozen=True):
    """A proof token, and what it should be for: the hash in hex, with `sha256:` before it or without; the agent by its
    id at this hub, or by the name it goes by."""

    not_printed = ("token",)

    token: Token
    expected_action_hash: Annotated[str, Meta(max_length=128)] | None = None
    expected_agent_id: Annotated[str, Meta(max_length=128)] | None = None


class ProofView(msgspec.Struct, frozen=True):
    """Whether the proof holds, and the claims of one that does."""

    valid: bool
    reason: str | None
    claims: dict[str, Any] | None


async def authorize(call: Call[dict[str, Any]]) -> OpenLeashAnswer:
    """Ask whether an action may be done; with `approval_token` in it, spend that approval."""
    action = dict(call.asked)
    token = action.pop("approval_token", None)
    if token is None:
        return _answer(await call.hub.authorize(call.agent, action))
    if not isinstance(token, str) or not 1 <= len(token) <= TOKEN_LIMIT:
        raise Invalid(
            "invalid_token",
            "approval_token is no token",
            next_step="Send the one that the approval request shows.",
            field="$.approval_token",
        )
    return _answer(await call.hub.spend_approval(call.agent, action, token))


async def itself(call: Call[None]) -> OpenLeashSelf:
    """The calling agent."""
    agent = await call.hub.read_agents.itself(call.agent)
    return OpenLeashSelf(
        agent_principal_id=agent.agent_id,
        agent_id=_name(call.agent),
        owner_type="user",
        owner_id=agent.owner_id,
        org_id=agent.org_id,
        status=agent.state.upper(),
        attributes={},
        webhook_url=None,
        created_at=to_text(agent.created_at),
    )


async def request(call: Call[NewApprovalRequest]) -> ApprovalRequestView:
    """Ask people about an action of which the decision says that it takes people."""
    form = call.asked
    opened = await call.hub.ask_people(
        call.agent, form.decision_id, form.action, justification=form.justification, context=form.context
    )
    return _view(opened.escalation)


async def read(call: Call[None]) -> ApprovalRequestView:
    """How an approval request stands; a token is made anew each time, as long as the approval holds."""
    now = call.hub.clock.now()
    standing = await call.hub.wait(call.agent, call.part("id"))
    question = await call.hub.wait.question(call.agent, call.part("id"))
    escalation, reason = standing.escalation, standing.reason
    until = None
    if standing.approval_token is not None and escalation.valid_until is not None:
        until = at(min(now + APPROVAL_LIFE, escalation.valid_until))
    return msgspec.structs.replace(
        _view(escalation),
        justification=question.justification,
        denial_reason=None if reason is None else reason.text or reason.code,
        approval_token=standing.approval_token,
        approval_token_expires_at=until,
    )


async def listed(call: Call[ApprovalRequestsQuery]) -> ApprovalRequestsView:
    """The agent's own approval requests."""
    query = call.asked
    states = () if query.status is None else _STATES[query.status]
    found = await call.hub.list_escalations.of_agent(
        call.agent, states=states, before=query.cursor, limit=query.limit + 1
    )
    more = len(found) > query.limit
    page = found[: query.limit]
    # As they are listed nothing is unsealed: no number.
    return ApprovalRequestsView([_view(each) for each in page], page[-1].id if more else None)


async def verify(call: Call[ProofForm]) -> ProofView:
    """Say whether a proof token is valid; writes nothing. An approval token is none."""
    form = call.asked
    said = call.hub.verify_proof(form.token, audience=None, action=None)
    if not said.valid or said.claims is None:
        return ProofView(False, said.reason, None)
    claims, wanted = said.claims, form.expected_agent_id
    if form.expected_action_hash is not None and _hex(claims["action_hash"]) != _hex(form.expected_action_hash):
        return ProofView(False, "action_hash mismatch", None)
    if wanted not in (None, claims["sub"]) and await call.hub.agent_keys.agent_of(wanted or "") != claims["sub"]:
        return ProofView(False, "agent_id mismatch", None)
    return ProofView(True, None, claims)


def _answer(found: Authorized) -> OpenLeashAnswer:
    told, decision = found.told, found.told.decision
    return OpenLeashAnswer(
        decision_id=told.decision_id,
        action_id=told.action_id,
        action_hash=_hex(told.action_hash),
        result=decision.decision,
        decision=decision.decision,
        code=decision.code,
        matched_rule_id=decision.rule_id,
        reason=decision.reason,
        proof_token=told.proof_token,
        proof_expires_at=at(told.proof_expires_at),
        obligations=[
            OpenLeashObligation(f"{told.decision_id}.{place}", each.type, PENDING, each.params, each.because)
            for place, each in enumerate(decision.obligations)
        ],
        approval_request_id=None if found.escalation is None else found.escalation.id,
        repeated=found.repeated,
    )


def _view(escalation: Escalation) -> ApprovalRequestView:
    return ApprovalRequestView(
        approval_request_id=escalation.id,
        escalation_id=escalation.id,
        status=_STATUSES.get(escalation.state, EXPIRED),
        outcome=None if escalation.open else escalation.state,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        action_hash=_hex(escalation.action_hash),
        created_at=to_text(escalation.created_at),
        expires_at=to_text(escalation.expires_at),
        resolved_at=at(escalation.ended_at),
        match_code=escalation.match_code,
    )


def _name(credential: AgentCredential) -> str:
    return known_as(credential) or credential.agent_id


def _hex(action_hash: str) -> str:
    """OpenLeash writes a hash without what it was made with."""
    return action_hash.removeprefix(_HASH)
