"""One call before any risky action, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Seconds, Token, at
from approvals_hub.api.views import EscalationView, asked
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import Authorized
from approvals_hub.policies.trace import Outlined


class AuthorizeForm(Discreet, Form, frozen=True):
    """The exact action. `justification`, `expires_in` and `callback_url` are for people, where it takes people.

    `approval_token`: an approval of this very action that the agent collected; it is spent, and the answer has its
    proof. `counterparty_proofs`: proof tokens of the other parties, the oldest first. `trace`: say how the rules came
    out.
    """

    not_printed = ("approval_token", "counterparty_proofs")

    action: dict[str, Any]
    approval_token: Token | None = None
    counterparty_proofs: Annotated[tuple[Token, ...], msgspec.Meta(max_length=8)] = ()
    justification: str | None = None
    expires_in: Seconds | None = None
    callback_url: str | None = None
    trace: bool = False


class ObligationView(msgspec.Struct, frozen=True):
    """Something that is still owed; `because` names the part of the policy that asks for it."""

    type: str
    params: dict[str, Any]
    because: str


class DecidedByView(msgspec.Struct, frozen=True):
    """Which text of a policy decided."""

    policy_id: str
    version: int
    hash: str
    rule_id: str | None


class TracedRuleView(msgspec.Struct, frozen=True):
    """How one rule about this kind of action came out. `parts` says of its `where`, `when` and each of its
    `constraints` whether they hold: `true`, `false`, or `unknown` where that cannot be judged, which only a rule that
    denies takes for true. What they compare with is for members (`…/policies/explain`)."""

    policy_id: str
    rule_id: str
    effect: str
    action: str
    parts: dict[str, str]
    matches: bool
    decides: bool


class AuthorizationView(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """`decision` and `result` are the same: `ALLOW`, `DENY`, `REQUIRE_APPROVAL`, `REQUIRE_STEP_UP` or
    `REQUIRE_DEPOSIT`. `code` says why in a word, `reason` in a sentence.

    With `ALLOW` a `proof_token` comes where the policy or the counterparty wants one. Where it takes people,
    `escalation` is the question that was opened: wait for it, and spend its token.

    `trust_profile` is how far the organisation trusts the counterparty, whatever the action says. `trace` has the rules
    about this kind of action, up to the one that decides, where it was asked for.
    """

    not_printed = ("salt", "proof_token")

    decision_id: str
    decision: str
    result: str
    code: str
    reason: str
    action_id: str
    action_hash: str
    salt: str
    decided_by: DecidedByView | None
    obligations: list[ObligationView]
    proof_token: str | None
    proof_expires_at: str | None
    escalation: EscalationView | None
    trust_profile: str | None
    trace: list[TracedRuleView] | None
    repeated: bool


async def authorize(call: Call[AuthorizeForm]) -> AuthorizationView:
    """Ask whether an action may be done. The same action gets the same answer for a day, as long as the policies and
    what is said of the agent stay the same."""
    form, now = call.asked, call.hub.clock.now
    if form.approval_token is not None:
        spent = await call.hub.spend_approval(
            call.agent, form.action, form.approval_token, counterparty_proofs=form.counterparty_proofs
        )
        return view(spent, now())
    found = await call.hub.authorize(
        call.agent,
        form.action,
        justification=form.justification,
        expires_in=form.expires_in,
        callback_url=form.callback_url,
        counterparty_proofs=form.counterparty_proofs,
        trace=form.trace,
    )
    return view(found, now())


def view(found: Authorized, now: int) -> AuthorizationView:
    """An answer on the wire."""
    told, escalation = found.told, found.escalation
    decision, policy = told.decision, told.decision.policy
    by = None if policy is None else DecidedByView(policy.id, policy.version, policy.hash, decision.rule_id)
    return AuthorizationView(
        decision_id=told.decision_id,
        decision=decision.decision,
        result=decision.decision,
        code=decision.code,
        reason=decision.reason,
        action_id=told.action_id,
        action_hash=told.action_hash,
        salt=told.salt,
        decided_by=by,
        obligations=[ObligationView(each.type, each.params, each.because) for each in decision.obligations],
        proof_token=told.proof_token,
        proof_expires_at=at(told.proof_expires_at),
        escalation=None if escalation is None else asked(escalation, now, repeated=found.repeated),
        trust_profile=told.trust_profile,
        trace=None if found.trace is None else [_traced(each) for each in found.trace],
        repeated=found.repeated,
    )


def _traced(rule: Outlined) -> TracedRuleView:
    return TracedRuleView(
        rule.policy_id, rule.rule_id, rule.effect, rule.action, rule.parts, rule.matches, rule.decides
    )
