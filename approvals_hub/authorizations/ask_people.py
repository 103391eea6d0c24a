"""An OpenLeash agent asks people about an action of which it was told that it takes people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from approvals_hub.agents.agent import Agent, AgentCredential, known_as
from approvals_hub.audit.record import Recorder
from approvals_hub.authorizations import store
from approvals_hub.authorizations.authorize import ASKS_PEOPLE, SAME_FOR, asking
from approvals_hub.authorizations.recorded import refused_action
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.asked import JUSTIFICATION_LIMIT, Asked, ask
from approvals_hub.escalations.escalate import Escalate, Opened
from approvals_hub.escalations.hold_agent import held_agent_in
from approvals_hub.escalations.recognise import keyed_in, salted_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault

CUT: Final = "…"


@dataclass(frozen=True, slots=True)
class AskPeople:
    """Opens the escalation that a decision asks for, once: the policies are asked again, and what they limit is
    reserved, as for every question."""

    db: Database
    escalate: Escalate
    vault: Vault
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(
        self,
        credential: AgentCredential,
        decision_id: str,
        action: Any,
        *,
        justification: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> Opened:
        """Ask. The same decision again returns the same question, however that stands by now.

        Raises NotFound for a decision that this agent was never told, or not within a day, Invalid for another action
        than the one decided about, Conflict where the decision asks nobody, and what escalating raises.
        """
        now = self.clock.now()
        asked: Asked | HubError
        try:
            asked = ask(
                action,
                agent_id=credential.agent_id,
                justification=words(justification, context),
                expires_in=None,
                now=now,
                known_as=known_as(credential),
            )
        except HubError as refusal:
            asked = refusal

        async def work(tx: Tx) -> Opened | HubError:
            async def act_in(tx: Tx, agent: Agent) -> Opened | HubError:
                return await self._ask_in(tx, agent, decision_id, asked, now)

            return await held_agent_in(tx, self.recorder, credential, now, self.epoch(), act_in, refused_action)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _ask_in(
        self, tx: Tx, agent: Agent, decision_id: str, asked: Asked | HubError, now: int
    ) -> Opened | HubError:
        if isinstance(asked, HubError):
            return asked
        row = await store.find_of_agent(tx, decision_id, agent.agent_id)
        if row is None or row["at"] <= now - SAME_FOR:
            return _unknown()
        plain = await keyed_in(tx, self.vault, agent.org_id, "plain", asked.plain_hash)
        if row["plain_hash"] != plain:
            return _another()
        if row["decision"] not in ASKS_PEOPLE:
            return _asks_nobody(row["decision"])
        if row["escalation_id"] is not None:
            before = await escalations.find(tx, row["escalation_id"])
            assert before is not None
            return Opened(await salted_in(tx, self.vault, before), repeated=True)
        asked = msgspec.structs.replace(asked, decision_id=decision_id)
        opened = await self.escalate.open_in(tx, agent, asked, asking(asked, plain, row["decided_by"]), now)
        if isinstance(opened, Opened):
            await store.asks(tx, decision_id, escalation_id=opened.escalation.id)
        return opened


def words(justification: str | None, context: dict[str, Any] | None) -> str | None:
    """What people are shown of an agent's words, marked as unverified: cut where they are longer than anybody's may
    be. What they decide on is the action, which is shown whole."""
    said = [justification or ""]
    if context:
        said.append(msgspec.json.encode(context).decode())
    text = " ".join(each.strip() for each in said if each.strip())
    if len(text) > JUSTIFICATION_LIMIT:
        text = text[: JUSTIFICATION_LIMIT - len(CUT)] + CUT
    return text or None


def _unknown() -> NotFound:
    return NotFound(
        "decision_unknown",
        "this agent was told no such decision within the last 24 hours",
        next_step="Authorize the action, and send its decision_id.",
        field="$.decision_id",
    )


def _another() -> Invalid:
    return Invalid(
        "action_mismatch",
        "the decision was about another action",
        next_step="Send exactly the action that was authorized.",
        field="$.action",
    )


def _asks_nobody(decision: str) -> Conflict:
    return Conflict(
        "decision_asks_nobody",
        f"the decision is {decision}: no answer of people would change it",
        next_step="Act where it is ALLOW; otherwise do not.",
        extra={"decision": decision},
    )
