"""Lets an agent's request into a unit of work: it counts once, and only while the agent may act."""

from __future__ import annotations

from approvals_hub.agents import store
from approvals_hub.agents.agent import API_KEY, NONCE_LIFE, WINDOW, Agent, AgentCredential, SignedRequest, judge
from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import HubError, Unauthenticated
from approvals_hub.db.database import Row, Tx


async def admit_agent_in(
    tx: Tx,
    credential: AgentCredential,
    now: int,
    *,
    epoch_started: int,
    paused_may: bool = False,
    monitor_may: bool = False,
) -> Agent | HubError:
    """The agent behind a credential. Spends the nonce of a signed request, in this very unit.

    `epoch_started` is when this copy of the database began to count: what was signed before could be a replay of a
    nonce that the restored copy has forgotten. `paused_may` lets a paused agent read its own state, `monitor_may` an
    agent in that sets signals and may do nothing else.
    """
    may = {"paused_may": paused_may, "monitor_may": monitor_may}
    if not isinstance(credential, SignedRequest):
        return judge(await store.admitted_api_key(tx, credential.secret_hash), API_KEY, now, **may)
    # `created` counts whole seconds: what was signed in the second in which the copy began is not from before it.
    if abs(now - credential.created) > WINDOW or credential.created < epoch_started // SECOND * SECOND:
        return Unauthenticated(
            "signature_outside_window",
            "`created` is too far from the hub's time, or from before its last restore",
            next_step="Set the clock, then sign again with the same Idempotency-Key.",
        )
    fresh = await store.spend_nonce(tx, key_id=credential.key_id, nonce=credential.nonce, expires_at=now + NONCE_LIFE)
    if not fresh:
        return Unauthenticated(
            "nonce_replayed",
            "this signed request was received before",
            next_step="Sign again, with a new nonce and the same Idempotency-Key.",
        )
    return judge(await store.admitted_key(tx, credential.key_id), credential.trust, now, **may)


async def readmit_agent_in(tx: Tx, credential: AgentCredential, now: int) -> Agent | HubError:
    """The agent of a request that was admitted before and still runs, as it stands now; a paused one may read."""
    return judge_again(await key_in(tx, credential), credential, now)


async def key_in(tx: Tx, credential: AgentCredential) -> Row | None:
    """The row of the key that a request was admitted with, for `judge_again`."""
    if isinstance(credential, SignedRequest):
        return await store.admitted_key(tx, credential.key_id)
    return await store.admitted_api_key(tx, credential.secret_hash)


def judge_again(row: Row | None, credential: AgentCredential, now: int) -> Agent | HubError:
    """What follows from that row at this moment: the agent, or why it may not even read."""
    trust = credential.trust if isinstance(credential, SignedRequest) else API_KEY
    return judge(row, trust, now, paused_may=True)
