"""Who asked a question, from the hub's own records: an agent, or the hub itself."""

from __future__ import annotations

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalation import HUB, HUB_NAME, Escalation
from approvals_hub.people import store as people


class Asker(msgspec.Struct, frozen=True):
    """The asker as the hub knows it, not as it names itself. The hub answers for its own questions."""

    agent_id: str
    name: str
    owner_id: str
    owner_name: str
    trust: str


async def asker_in(tx: Tx, escalation: Escalation) -> Asker:
    """Who asked this question, and how they proved themselves then."""
    if escalation.agent_id == HUB:
        return Asker(HUB, HUB_NAME, HUB, HUB_NAME, HUB)
    row = await agents.agent(tx, escalation.agent_id)
    assert row is not None
    names = await people.names(tx, [row["owner_id"]])
    return Asker(row["id"], row["name"], row["owner_id"], names.get(row["owner_id"], ""), escalation.trust)
