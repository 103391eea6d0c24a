"""What is asked of people about one action: by its organisation's policies, beside its default requirement."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

from approvals_hub.agents.agent import Agent
from approvals_hub.core.errors import Conflict, HubError, Invalid
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import stored
from approvals_hub.escalations.freeze import Frozen, freeze_in
from approvals_hub.policies.consult import asker_of, consult_in, refuse_denied, standing_in, trust_in
from approvals_hub.policies.decision import Decision
from approvals_hub.policies.demand import requirement_for
from approvals_hub.policies.document import Asked
from approvals_hub.policies.relying_party import Trust
from approvals_hub.policies.standing import Standing

DUE_WHEN_SPENT: Final = "due"
"""Stands for a counterparty's proof while people are asked: it is handed in with the token, and asked for then."""


class Judged(msgspec.Struct, frozen=True):
    """What people are asked if it opens now, and the decision of the policies; None where there are none."""

    frozen: Frozen
    decision: Decision | None
    trust: Trust | None = None
    """Of the counterparty, where the action names one."""
    standing: Standing | None = None
    """What stood in the organisation."""

    @property
    def route(self) -> str | None:
        """The route that the policy names."""
        asked = None if self.decision is None else self.decision.asked
        return None if asked is None else asked.route


async def judge_in(
    tx: Tx,
    agent: Agent,
    action: dict[str, Any],
    now: int,
    *,
    expires_in: int | None,
    tighter: dict[str, Any] | None,
    holds: bool = True,
    but: str | None = None,
) -> Judged | HubError:
    """The policies are asked, then what they and the organisation want is frozen. What a policy denies is refused:
    people cannot allow it. `expires_in` and `tighter` are what the request asks, `holds` and `but` as in `consult_in`.
    """
    standing = await standing_in(tx, asker_of(agent), now)
    decision = await consult_in(
        tx,
        asker_of(agent),
        action,
        now,
        holds=holds,
        but=but,
        counterparties=(DUE_WHEN_SPENT,),
        standing=standing,
    )
    refusal: HubError | None = refuse_denied(decision)
    if refusal is not None:
        return refusal
    default = agent.requirement
    if decision is not None and decision.asked is not None:
        try:
            default = _both(default, msgspec.json.encode(decision.asked))
        except Invalid as apart:
            return Conflict(
                "requirements_apart",
                apart.detail,
                next_step="An owner or admin changes the policy, or the default requirement.",
                extra={"rule_id": decision.rule_id},
            )
    frozen = await freeze_in(
        tx,
        org_id=agent.org_id,
        owner_id=agent.owner_id,
        default=default,
        expires_in=expires_in,
        tighter=tighter,
    )
    if isinstance(frozen, HubError):
        return frozen
    return Judged(frozen, decision, await trust_in(tx, asker_of(agent), action), standing)


@lru_cache(maxsize=1024)
def _both(default: str, asked: bytes) -> str:
    return requirement_for(stored(default), msgspec.json.decode(asked, type=Asked)).text().decode()
