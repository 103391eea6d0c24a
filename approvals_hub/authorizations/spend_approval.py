"""An agent hands its own approval in and gets the proof: for agents that show proofs to whoever they deal with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from approvals_hub.agents.agent import AgentCredential
from approvals_hub.audit.record import Recorder
from approvals_hub.authorizations.recorded import refused_action
from approvals_hub.authorizations.told import Authorized, Told
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Forbidden, HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.hold_agent import hold_agent_in
from approvals_hub.escalations.recognise import salted_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.policies.decision import ALLOW, Decision, Named
from approvals_hub.tokens.counterparty import read_proofs
from approvals_hub.tokens.possession import Redemption
from approvals_hub.tokens.redeem import Redeem, Redeemed, hash_of, mismatch


@dataclass(frozen=True, slots=True)
class SpendApproval:
    """Redeems a token at the request of the agent that it was made for, signed with the key that it is bound to."""

    db: Database
    redeem: Redeem
    vault: Vault
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(
        self,
        credential: AgentCredential,
        action: dict[str, Any],
        token: str,
        *,
        counterparty_proofs: tuple[str, ...] = (),
    ) -> Authorized:
        """Redeem. The same token again gets the same answer for a day. Raises what redeeming raises, and Forbidden for
        a token of another agent."""
        now = self.clock.now()
        claims, expired = self.redeem.open(token)
        handed = read_proofs(counterparty_proofs)
        proof_jti = new_id("prf")

        async def work(tx: Tx) -> Authorized | HubError:
            agent = await hold_agent_in(tx, credential, now, self.epoch())
            if isinstance(agent, HubError):
                return agent
            found = await escalations.find_of_agent(tx, claims["escalation_id"], agent.agent_id)
            if found is None or claims["sub"] != agent.agent_id:
                refusal = _of_another()
                await self.recorder.record(tx, refused_action(agent, refusal, now))
                return refusal
            escalation = await salted_in(tx, self.vault, found)
            salted = {**action, "salt": escalation.salt} if escalation.salt else action
            if hash_of(salted) != claims["action_hash"]:
                differs = mismatch("action", "the token was made for another action")
                await self.recorder.record(tx, refused_action(agent, differs, now))
                return differs
            redemption = Redemption(
                token=token,
                action=salted,
                audience=claims["aud"],
                idempotency_key=f"authorize:{claims['jti']}",
                pop=None,
                signed_by=agent.thumbprint,
            )
            result = await self.redeem.redeem_in(tx, redemption, claims, handed, proof_jti, expired=expired)
            if isinstance(result, HubError):
                return result
            ended = await escalations.find(tx, escalation.id)
            assert ended is not None
            told = _told(await salted_in(tx, self.vault, ended), claims, result)
            return Authorized(told, await salted_in(tx, self.vault, ended), repeated=result.repeated)

        return settled(await self.db.run(work, org=credential.org_id))


def _told(escalation: Escalation, claims: dict[str, Any], result: Redeemed) -> Told:
    by = escalation.decided_by()
    decision = Decision(
        decision=ALLOW,
        code="approved",
        reason="people approved it, and the approval is spent with this answer",
        policy=Named(by["id"], by["version"], by["hash"]) if by else None,
        rule_id=by.get("rule_id"),
        proof=True,
    )
    return Told(
        decision_id=claims["decision_id"],
        action_id=escalation.action_id,
        action_hash=escalation.action_hash,
        salt=escalation.salt,
        decision=decision,
        proof_token=result.proof_token,
        proof_expires_at=result.proof_expires_at,
    )


def _of_another() -> Forbidden:
    return Forbidden(
        "token_of_another",
        "this approval token was made for another agent, or is none of this organisation",
        next_step="Send the token that this agent collected itself.",
        field="$.approval_token",
    )
