"""Calls the programs of OpenLeash agents: when people have decided about what they asked, or about what they proposed.

Which address, with which secret, the agent said when it joined. It is called as long as its host is on the list of
hosts that a person keeps for this agent, as every address that an agent names.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from approvals_hub.agents.join_openleash import CALLED, KEPT, NOT_KEPT
from approvals_hub.agents.openleash_names import Webhook
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications import callback_store as store
from approvals_hub.notifications.callbacks import names_host
from approvals_hub.notifications.outbox import CALL_WITHIN, CALLS
from notify.host_list import HostList
from notify.message import OpenLeashEvent

REQUEST: Final = "approval_request"
DRAFT: Final = "policy_draft"
APPROVED, DENIED = "approved", "denied"
ENDS: Final = {outcome.APPROVED: APPROVED, outcome.DENIED: DENIED, outcome.NOT_ME: DENIED}
"""What OpenLeash knows of how a question may end; of others it says nothing, and the agent sees them when it asks."""
WEBHOOKS: Final = "openleash-webhook:"


class OpenLeashWebhooks:
    """Keeps what an agent says of its webhook when it joins."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def keep_in(self, tx: Tx, org_id: str, agent_id: str, webhook: Webhook, now: int) -> str:
        """What becomes of it. What could never be called is not kept: without a secret, without TLS, with a host that
        readers disagree about."""
        host = _host_of(webhook.url)
        if host is None or not webhook.secret:
            return NOT_KEPT
        plain = msgspec.json.encode({"url": webhook.url, "secret": webhook.secret, "token": webhook.token})
        sealed = await self._vault.seal_in(tx, org_id, plain, WEBHOOKS + agent_id)
        await store.keep_webhook(tx, agent_id=agent_id, org_id=org_id, sealed=sealed, masked=host, at=now)
        return KEPT

    async def standing_in(self, tx: Tx, org_id: str, agent_id: str) -> str:
        """The same of an agent that has joined."""
        row = await store.webhook(tx, agent_id)
        if row is None:
            return NOT_KEPT
        opened = await address_in(tx, self._vault, org_id, agent_id, row)
        hosts = await store.kept(tx, agent_id)
        return CALLED if hosts is not None and names_host(hosts["hosts"], opened["url"]) else KEPT


async def plan_request_call_in(tx: Tx, org_id: str, agent_id: str, escalation_id: str, now: int) -> None:
    """Call when people have decided about this question; nothing where the agent has no webhook."""
    await _plan_in(tx, org_id, agent_id, escalation_id, REQUEST, now)


async def queue_draft_call_in(tx: Tx, org_id: str, agent_id: str, draft_id: str, now: int, *, approved: bool) -> None:
    """Call now about a draft that this agent proposed; the same."""
    event = f"{DRAFT}.{APPROVED if approved else DENIED}"
    if await _plan_in(tx, org_id, agent_id, draft_id, event, now):
        await store.due(tx, draft_id, at=now, until=now + CALL_WITHIN)
        tx.changed(CALLS)


async def address_in(tx: Tx, vault: Vault, org_id: str, agent_id: str, row: Row) -> dict[str, Any]:
    """The URL, the secret and the token. Raises LookupError, SealBroken."""
    plain = await vault.unseal_in(tx, org_id, bytes(row["sealed"]), WEBHOOKS + agent_id)
    opened: dict[str, Any] = msgspec.json.decode(plain)
    return opened


def endpoint_of(opened: dict[str, Any]) -> str:
    """The same as the channel takes it."""
    members = {"url": opened["url"], "secrets": [opened["secret"]], "bearer": opened["token"] or ""}
    return msgspec.json.encode({**members, "scheme": "openleash"}).decode()


def event_of(row: Row) -> OpenLeashEvent:
    """What a call says: no token, which the agent fetches with its own signature, and nothing of what was asked."""
    if row["event"] == REQUEST:
        end = ENDS[row["state"]]
        data = {
            "approval_request_id": row["escalation_id"],
            "status": end.upper(),
            "action_id": row["action_id"],
            "action_hash": row["action_hash"].removeprefix("sha256:"),
        }
        event = f"{REQUEST}.{end}"
    else:
        event = row["event"]
        data = {"policy_draft_id": row["escalation_id"], "status": event.rpartition(".")[2].upper()}
    return OpenLeashEvent(
        id=row["id"],
        expires_at=row["until"],
        type=event,
        happened_at=row["ended_at"],
        agent_id=row["agent_id"],
        data=data,
    )


async def _plan_in(tx: Tx, org_id: str, agent_id: str, about: str, event: str, now: int) -> bool:
    row = await store.webhook(tx, agent_id)
    if row is None:
        return False
    await store.plan(
        tx,
        call_id=new_id("cbk"),
        org_id=org_id,
        escalation_id=about,
        agent_id=agent_id,
        url=bytes(row["sealed"]),
        masked=row["masked"],
        at=now,
        event=event,
    )
    return True


def _host_of(url: str) -> str | None:
    """As a person would list it."""
    try:
        host = urlsplit(url).netloc
        return host if HostList([host]).origin(url) is not None else None
    except ValueError:
        return None
