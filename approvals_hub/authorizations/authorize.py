"""One call before any risky action: allowed, denied, or people are asked in the same call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from approvals_hub.agents.agent import OPENLEASH, Agent, AgentCredential, known_as
from approvals_hub.audit.record import Recorder
from approvals_hub.authorizations import store
from approvals_hub.authorizations.recorded import authorized, refused_action
from approvals_hub.authorizations.told import Authorized, Told, kept, told_before
from approvals_hub.core.clock import DAY, SECOND, Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.asked import Asked, ask
from approvals_hub.escalations.escalate import (
    OPEN_LIMIT,
    Asking,
    Escalate,
    refuse_stopped,
    refuse_subject,
)
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.hold_agent import held_agent_in
from approvals_hub.escalations.recognise import keyed_in, salted_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.policies.consult import (
    asker_of,
    consult_in,
    outline_in,
    owes_deposit,
    reserve_in,
    standing_in,
    trust_in,
)
from approvals_hub.policies.decision import (
    ALLOW,
    LONGEST_PROOF,
    REQUIRE_APPROVAL,
    REQUIRE_DEPOSIT,
    REQUIRE_STEP_UP,
    Decision,
    Obligation,
)
from approvals_hub.policies.document import HUMAN_APPROVAL
from approvals_hub.policies.document import Asked as AskedOfPeople
from approvals_hub.policies.label_agents import Labels, labels_in
from approvals_hub.policies.relying_party import Trust
from approvals_hub.policies.standing import NOTHING, Standing
from approvals_hub.tokens.counterparty import Handed, read_proofs
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.rely import Rely
from approvals_hub.tokens.token import PROOF_LIFE, Allowed
from approvals_hub.tokens.trusted_hub_store import give_proofs_back
from approvals_hub_client.canonical import sha256_text

SAME_FOR = DAY
"""How long the same action gets the same answer, in milliseconds."""
ASKS_PEOPLE = (REQUIRE_APPROVAL, REQUIRE_STEP_UP)
NO_POLICY = Decision(
    decision=REQUIRE_APPROVAL,
    code="no_policy",
    reason="the organisation has no policy, so people are asked about everything",
    policy=None,
    asked=AskedOfPeople(),
    obligations=(Obligation(HUMAN_APPROVAL, {}, "no policy"),),
)


@dataclass(frozen=True, slots=True)
class Authorize:
    """Decides by the policies in force, and asks people where they want people."""

    db: Database
    escalate: Escalate
    vault: Vault
    mint: Mint
    rely: Rely
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(
        self,
        credential: AgentCredential,
        action: Any,
        *,
        justification: str | None = None,
        expires_in: int | None = None,
        callback_url: str | None = None,
        counterparty_proofs: tuple[str, ...] = (),
        trace: bool = False,
    ) -> Authorized:
        """Decide about an action. The same action by the same policies and labels gets the same answer for a day, and
        is counted against limits once.

        `justification`, `expires_in` and `callback_url` are for people, where it takes people. Proofs of counterparties
        count with what is allowed at once; where people are asked, they are handed in with the token. `trace`: how the
        rules came out comes with it, as `outline` tells agents. Raises what escalating raises, Invalid for a proof that
        does not hold.

        An OpenLeash agent is told that it takes people, and asks them by a request of its own (`ask_people`), which has
        its words for them.
        """
        now = self.clock.now()
        handed = read_proofs(counterparty_proofs)
        asked: Asked | HubError
        try:
            asked = ask(
                action,
                agent_id=credential.agent_id,
                justification=justification,
                expires_in=expires_in,
                now=now,
                callback_url=callback_url,
                known_as=known_as(credential),
                shown=False,
            )
        except HubError as refusal:
            asked = refusal
        decision_id, jti = new_id("dcn"), new_id("prf")

        async def work(tx: Tx) -> Authorized | HubError:
            async def act_in(tx: Tx, agent: Agent) -> Authorized | HubError:
                result = await self._authorize_in(tx, agent, asked, handed, decision_id, jti, now)
                if isinstance(result, HubError) or not trace:
                    return result
                return await self._traced_in(tx, agent, asked, handed, result)

            return await held_agent_in(tx, self.recorder, credential, now, self.epoch(), act_in, refused_action)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _authorize_in(
        self,
        tx: Tx,
        agent: Agent,
        asked: Asked | HubError,
        handed: list[Handed],
        decision_id: str,
        jti: str,
        now: int,
    ) -> Authorized | HubError:
        if isinstance(asked, HubError):
            return asked
        refusal: HubError | None = refuse_subject(agent, asked) or refuse_stopped(agent)
        if refusal is not None:
            return refusal
        plain = await keyed_in(tx, self.vault, agent.org_id, "plain", asked.plain_hash)
        proofs = sorted(one.proof_hash for one in handed)
        labels = await labels_in(tx, agent.agent_id)
        standing = await standing_in(tx, asker_of(agent), now)
        decided_by = decided_by_of(agent, labels, proofs, standing)
        before = await store.same(
            tx, agent_id=agent.agent_id, plain_hash=plain, decided_by=decided_by, since=now - SAME_FOR
        )
        if before is not None:
            return await self._again_in(tx, agent, asked, before, now)
        mine = {"org_id": agent.org_id, "agent_id": agent.agent_id, "created_at": now}
        prev = await self.rely.on_in(tx, mine, handed, jti=decision_id, now=now)
        if isinstance(prev, HubError):
            return prev
        members, names = asked.action.members, tuple(one.kid for one in handed)
        twin, _ = await escalations.open_before(tx, agent_id=agent.agent_id, plain_hash=plain, now=now, most=OPEN_LIMIT)
        but = None if twin is None else twin.id
        found = await consult_in(
            tx, asker_of(agent), members, now, holds=True, but=but, counterparties=names, standing=standing
        )
        decision = NO_POLICY if found is None else found
        if decision.decision in ASKS_PEOPLE and owes_deposit(decision):
            # People are not asked about what a deposit holds back anyway.
            decision = msgspec.structs.replace(decision, decision=REQUIRE_DEPOSIT, asked=None)
        escalation: Escalation | None = None
        if prev and decision.decision != ALLOW:
            await give_proofs_back(tx, decision_id)
        if decision.decision in ASKS_PEOPLE and agent.trust != OPENLEASH:
            asks = msgspec.structs.replace(asked, decision_id=decision_id)
            opened = await self.escalate.open_in(tx, agent, asks, asking(asked, plain, decided_by), now)
            if isinstance(opened, HubError):
                return opened
            escalation = opened.escalation
        elif decision.decision == ALLOW:
            await reserve_in(tx, agent.org_id, decision, now, authorization_id=decision_id)
        trust = await trust_in(tx, asker_of(agent), members)
        told = self._told(agent, asked, decision, escalation, trust, prev, decision_id, jti, now)
        told = msgspec.structs.replace(told, standing=standing)
        answer = kept(told, members, labels)
        await store.add(
            tx,
            authorization_id=decision_id,
            org_id=agent.org_id,
            agent_id=agent.agent_id,
            action_id=asked.action.action_id,
            plain_hash=plain,
            decided_by=decided_by,
            decision=decision.decision,
            answer=await self.vault.seal_in(tx, agent.org_id, answer, f"authorization:{decision_id}"),
            escalation_id=None if escalation is None else escalation.id,
            proof_jti=told.proof_jti,
            at=now,
        )
        await self.recorder.record(tx, authorized(agent, asked, told, escalation, trust, now))
        return Authorized(told, escalation, repeated=False)

    @staticmethod
    async def _traced_in(
        tx: Tx, agent: Agent, asked: Asked | HubError, handed: list[Handed], found: Authorized
    ) -> Authorized:
        """The same with how the rules came out: then, which is as they come out now but for the time."""
        assert not isinstance(asked, HubError)
        names = tuple(one.kid for one in handed)
        asker, members, then = asker_of(agent), asked.action.members, found.told.decided_at
        stood = found.told.standing or NOTHING
        return replace(found, trace=await outline_in(tx, asker, members, stood, then, counterparties=names))

    async def _again_in(self, tx: Tx, agent: Agent, asked: Asked, before: Row, now: int) -> Authorized:
        """The answer of before; its proof is made anew where it has expired, and proves the same."""
        plain = await self.vault.unseal_in(tx, agent.org_id, bytes(before["answer"]), f"authorization:{before['id']}")
        told = told_before(plain)
        if told.proof_expires_at is not None and told.proof_jti is not None and now >= told.proof_expires_at:
            told = self._proven(agent, asked, told, told.proof_jti, now)
        escalation = None if before["escalation_id"] is None else await escalations.find(tx, before["escalation_id"])
        if escalation is not None:
            escalation = await salted_in(tx, self.vault, escalation)
        return Authorized(told, escalation, repeated=True)

    def _told(
        self,
        agent: Agent,
        asked: Asked,
        decision: Decision,
        escalation: Escalation | None,
        trust: Trust | None,
        prev: list[str],
        decision_id: str,
        jti: str,
        now: int,
    ) -> Told:
        told = Told(
            decision_id=decision_id,
            action_id=asked.action.action_id,
            action_hash=asked.action_hash if escalation is None else escalation.action_hash,
            salt=asked.salt if escalation is None else escalation.salt,
            decision=decision,
            decided_at=now,
            trust_profile=None if trust is None else trust.profile,
            prev=prev,
        )
        return self._proven(agent, asked, told, jti, now) if decision.proof else told

    def _proven(self, agent: Agent, asked: Asked, told: Told, jti: str, now: int) -> Told:
        decision = told.decision
        life = PROOF_LIFE if decision.proof_ttl is None else min(decision.proof_ttl, LONGEST_PROOF) * SECOND
        token = self.mint.allowed(
            Allowed(
                agent_id=agent.agent_id,
                org_id=agent.org_id,
                owner_id=agent.owner_id,
                audience=asked.audience,
                action_id=told.action_id,
                action_type=asked.action.action_type,
                action_hash=told.action_hash,
                decision_id=told.decision_id,
                policy_id=None if decision.policy is None else decision.policy.id,
                rule_id=decision.rule_id,
                trust_profile=told.trust_profile,
                prev=told.prev,
            ),
            jti=jti,
            expires_at=now + life,
        )
        return msgspec.structs.replace(told, proof_jti=jti, proof_token=token, proof_expires_at=now + life)


def decided_by_of(agent: Agent, labels: Labels, proofs: list[str], standing: Standing) -> str:
    """The hash of what decides beside the action. What an OpenLeash agent was told is no answer for any other way."""
    by: tuple[Any, ...] = (agent.policies_version, labels, proofs)
    by = by if standing == NOTHING else (*by, standing)
    return sha256_text(msgspec.json.encode((*by, OPENLEASH) if agent.trust == OPENLEASH else by))


def asking(asked: Asked, plain: str, decided_by: str) -> Asking:
    """The question that follows from an action: once for what decided about it."""
    return Asking(
        action=asked.action.members,
        justification=asked.justification,
        expires_in=asked.expires_in,
        key=f"authorize:{plain}:{decided_by}",
        request_hash=asked.plain_hash.encode(),
        callback_url=asked.callback_url,
    )
