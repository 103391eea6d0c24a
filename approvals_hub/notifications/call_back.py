"""Calls agents' programs back when their questions have ended, as Standard Webhooks.

A call says which question has ended and how; it carries no token, no code and nothing of what was asked. Whoever takes
it fetches the rest with its own signature. It may come twice: the receiver knows a call by its `webhook-id`.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.log import logger
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications import callback_store as store
from approvals_hub.notifications import openleash_webhook
from approvals_hub.notifications.callbacks import SECRETS, URLS, names_host
from approvals_hub.notifications.outbox import CALLS as CALLS
from approvals_hub.notifications.retry import next_try
from notify.delivery import Delivered, Delivery, TryLater, permanent
from notify.message import Event

if TYPE_CHECKING:
    from notify.channel import Channel

log = logger("notifications")

AT_ONCE: Final = 50
"""Calls that are made at the same time, without those that are slow."""
SLOW: Final = 0.3
"""Seconds after which a call that is not answered takes no room of the others any more: however many programs take a
connection and say nothing, those that answer are called within a second or two."""
MOST: Final = 400
"""Calls under way, the slow ones too."""
LEASE: Final = 40 * SECOND
"""How long one process has for a call, in milliseconds; the channel gives up long before."""
NOT_LISTED: Final = "the address is not, or no more, on the agent's list"
NOT_OPENED: Final = (
    "the address or its secret cannot be opened: the hub's key does not fit, as after a restore without it. Set the"
    " secret anew, and ask again"
)
LONGEST_SAID: Final = 200
LONGEST_SLEEP: Final = 1.0
"""Seconds until a worker looks again though nobody woke it."""


@dataclass(slots=True)
class CallBack:
    """One for each process; a worker calls it again and again. Whoever dies in between has lost a lease."""

    db: Database
    vault: Vault
    channel: Channel[Event]
    clock: Clock
    _tasks: dict[asyncio.Task[None], float] = field(default_factory=dict)
    """Each with when it began, in seconds of the loop's clock."""

    async def __call__(self) -> float:
        """Begin what is due; it does not wait for the answers. Returns the seconds until the next is due."""
        now, room = self.clock.now(), self._room()
        due = await self.db.read(store.next_due)
        if due is None:
            return LONGEST_SLEEP
        if due > now:
            return min(LONGEST_SLEEP, (due - now) / SECOND)
        if room <= 0:
            return SLOW

        async def claim(tx: Tx) -> list[tuple[Row, str | Delivery]]:
            rows = await store.claim(tx, now=now, until=now + LEASE, limit=room)
            return [(row, await self._address_in(tx, row, now)) for row in rows]

        for row, address in await self.db.run(claim):
            task = asyncio.create_task(self._call(row, address), name=f"callback:{row['id']}")
            self._tasks[task] = asyncio.get_running_loop().time()
            task.add_done_callback(self._tasks.pop)
        return 0.0

    def _room(self) -> int:
        """For how many more there is room."""
        before = asyncio.get_running_loop().time() - SLOW
        quick = sum(began > before for began in self._tasks.values())
        return min(AT_ONCE - quick, MOST - len(self._tasks))

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Break off what is under way: it is called again when its lease is over."""
        for task in self._tasks:
            task.cancel()
        await self.idle()

    async def _address_in(self, tx: Tx, row: Row, now: int) -> str | Delivery:
        """The address with its secrets; or why there is none: its host is on the list no more, or it does not open."""
        kept = await store.kept(tx, row["agent_id"])
        if kept is None:
            return permanent(NOT_LISTED)
        if row["event"] is not None:
            return await self._openleash_address_in(tx, row, kept["hosts"])
        org_id, agent_id = row["org_id"], row["agent_id"]
        sealed = [kept["secret"]]
        if kept["previous"] is not None and kept["previous_until"] > now:
            sealed.append(kept["previous"])
        try:
            url = (await self.vault.unseal_in(tx, org_id, bytes(row["url"]), URLS + row["escalation_id"])).decode()
            secrets = [
                (await self.vault.unseal_in(tx, org_id, bytes(each), SECRETS + agent_id)).decode() for each in sealed
            ]
        except (LookupError, SealBroken) as error:
            log.error("callback_not_opened", **_named(row), why=type(error).__name__)
            return permanent(NOT_OPENED)
        if not names_host(kept["hosts"], url):
            return permanent(NOT_LISTED)
        return json.dumps({"url": url, "secrets": secrets})

    async def _openleash_address_in(self, tx: Tx, row: Row, hosts: str) -> str | Delivery:
        found = await store.webhook(tx, row["agent_id"])
        if found is None:
            return permanent(NOT_LISTED)
        try:
            opened = await openleash_webhook.address_in(tx, self.vault, row["org_id"], row["agent_id"], found)
        except (LookupError, SealBroken) as error:
            log.error("callback_not_opened", **_named(row), why=type(error).__name__)
            return permanent(NOT_OPENED)
        return openleash_webhook.endpoint_of(opened) if names_host(hosts, opened["url"]) else permanent(NOT_LISTED)

    async def _call(self, row: Row, address: str | Delivery) -> None:
        try:
            told = event_of(row) if row["event"] is None else openleash_webhook.event_of(row)
            result = await self.channel.send(address, told) if isinstance(address, str) else address
            at = self.clock.now()

            async def work(tx: Tx) -> None:
                await _settle_in(tx, row, result, at)

            await self.db.run(work)
        except Exception:
            log.exception("callback_not_written_down", **_named(row))


def _named(row: Row) -> dict[str, str]:
    """Which call, and the question by which all that came of it is found."""
    return {"call_id": row["id"], "escalation_id": row["escalation_id"]}


def event_of(row: Row) -> Event:
    """What a call says."""
    return Event(
        id=row["id"],
        expires_at=row["until"],
        type="escalation.ended",
        happened_at=row["ended_at"],
        data={
            "escalation_id": row["escalation_id"],
            "action_id": row["action_id"],
            "action_hash": row["action_hash"],
            "status": row["state"],
            "version": row["version"],
        },
    )


async def _settle_in(tx: Tx, row: Row, result: Delivery, at: int) -> None:
    said = None if isinstance(result, Delivered) else result.why[:LONGEST_SAID]
    if isinstance(result, TryLater):
        again = next_try(attempts=row["attempts"], after=result.after, now=at, until=row["until"])
        if again is not None:
            await store.try_again(tx, row["id"], attempts=row["attempts"], said=said or "", at=again)
            return
    state = "delivered" if isinstance(result, Delivered) else "failed"
    await store.settle(tx, row["id"], attempts=row["attempts"], state=state, said=said, at=at)
