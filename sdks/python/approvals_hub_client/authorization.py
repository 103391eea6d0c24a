"""What a hub decided about an action before it is done, checked: about this action, with a proof that holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from approvals_hub_client.errors import BadAnswer, ClientError, StillOpen
from approvals_hub_client.keys import Ed25519Key
from approvals_hub_client.paseto import BadToken
from approvals_hub_client.proof import BadProof, proof_hash, verify_proof_offline
from approvals_hub_client.question import SKEW, Question
from approvals_hub_client.statement import action_hash

ALLOW: Final = "ALLOW"
DECISIONS: Final = (ALLOW, "DENY", "REQUIRE_APPROVAL", "REQUIRE_STEP_UP", "REQUIRE_DEPOSIT")
ASKS_PEOPLE: Final = ("REQUIRE_APPROVAL", "REQUIRE_STEP_UP")


@dataclass(frozen=True, slots=True)
class Authorization:
    """One decision. Only with `allowed` may the action be done, and `action` is exactly what it is about."""

    decision: str
    code: str
    """Why, in a word: `rule`, `default`, `limit`, `approved` …"""
    reason: str
    """Why, in a sentence."""
    decision_id: str
    action: dict[str, Any]
    """With the hub's salt: what a proof is verified against."""
    action_hash: str
    obligations: list[dict[str, Any]]
    """What is still owed."""
    decided_by: dict[str, Any] | None
    """Policy, version, hash and rule."""
    trust_profile: str | None
    """How far the organisation trusts the counterparty; None where the action names none."""
    trace: list[dict[str, Any]] | None
    """How the rules came out, where it was asked for."""
    repeated: bool
    """Whether the hub gave this answer before."""
    proof_token: str | None = field(repr=False)
    """To show to the counterparty: evidence, where the policy or the counterparty wants it."""
    proof: dict[str, Any] | None
    """The claims of the proof token, verified."""
    question: Question | None
    """What people are asked, where it takes people."""

    @property
    def allowed(self) -> bool:
        """Whether the action may be done."""
        return self.decision == ALLOW

    @property
    def asks_people(self) -> bool:
        """Whether people have been asked."""
        return self.decision in ASKS_PEOPLE


class PeopleAsked(StillOpen):
    """Policies want people's approval, and they have been asked. Waiting for `question` goes on from here."""

    def __init__(self, authorization: Authorization) -> None:
        """Keep the decision and its question."""
        assert authorization.question is not None
        super().__init__(authorization.question.escalation_id)
        self.authorization = authorization
        self.question = authorization.question


class NotAllowed(ClientError):
    """Policies deny the action, or want a deposit that no hub takes yet. Do not act."""

    def __init__(self, authorization: Authorization) -> None:
        """Keep the decision: its `code` and `reason` say why."""
        super().__init__(f"{authorization.decision}: {authorization.reason}")
        self.authorization = authorization


def read_authorization(
    view: Mapping[str, Any],
    action: Mapping[str, Any],
    *,
    agent_id: str,
    keys: Mapping[str, Ed25519Key],
    issuer: str,
    now: int,
    counterparty_proofs: Sequence[str] = (),
    escalation_id: str | None = None,
) -> Authorization:
    """The decision in an answer. `escalation_id` is the question whose approval was spent for it.

    Raises BadAnswer unless it is about this very action, and its proof verifies: made by this hub, for this action,
    agent and counterparty, and relying on the counterparties' proofs that were handed in.
    """
    try:
        whole = {**{name: value for name, value in action.items() if name != "salt"}, "salt": view["salt"]}
        if (view["action_id"], view["action_hash"]) != (action["action_id"], action_hash(whole)):
            raise BadAnswer("the hub decided about another action")
        decision = view["decision"]
        if decision not in DECISIONS or view["result"] != decision:
            raise BadAnswer(f"the hub decided {str(decision)[:40]!r}, which is no decision")
        token = view["proof_token"]
        proof = None
        if token is not None:
            audience = (action.get("relying_party") or {}).get("domain") or agent_id
            proof = verify_proof_offline(token, keys, audience, whole, issuer=issuer or None, now=now, leeway=SKEW)
            _check(proof, view, agent_id, counterparty_proofs, escalation_id)
        elif decision == ALLOW and escalation_id is not None:
            raise BadAnswer("the hub spent an approval and gave no proof")
        asked = view["escalation"]
        return Authorization(
            decision=decision,
            code=view["code"],
            reason=view["reason"],
            decision_id=view["decision_id"],
            action=whole,
            action_hash=view["action_hash"],
            obligations=list(view["obligations"]),
            decided_by=view["decided_by"],
            trust_profile=view.get("trust_profile"),
            trace=view.get("trace"),
            repeated=view["repeated"] is not False,
            proof_token=token,
            proof=proof,
            question=None if asked is None else Question.read(asked, action, agent_id),
        )
    except (KeyError, TypeError, AttributeError, BadProof, BadToken, ValueError) as error:
        raise BadAnswer(f"the hub's answer is no decision that holds: {error}") from error


def _check(
    proof: Mapping[str, Any],
    view: Mapping[str, Any],
    agent_id: str,
    counterparty_proofs: Sequence[str],
    escalation_id: str | None,
) -> None:
    said = (proof.get("agent_id"), proof.get("decision_id"), proof.get("escalation_id"))
    if view["decision"] != ALLOW or said != (agent_id, view["decision_id"], escalation_id):
        raise BadProof("decision", "the proof is of another decision")
    # An answer that is repeated relies on the proofs that came with the first call.
    if view["repeated"] is False and (proof.get("prev") or []) != list(map(proof_hash, counterparty_proofs)):
        raise BadProof("prev", "the proof does not name the proofs that it was given")
