"""Sends the links that were asked for. A link's token is made when it is sent: none lies in the database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.ids import new_secret
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.link_mail import link_mail
from approvals_hub.stepup import sign_in_link_store as store
from approvals_hub.stepup.sign_in_attempt import secret_hash
from approvals_hub.stepup.sign_in_link import link_url
from identity.code_mail import Mail
from identity.one_time_code import NotSent, Send

AT_ONCE = 10
"""Mails that are sent at the same time."""
LEASE = 30 * SECOND
"""How long one process has for sending, in milliseconds: longer than a channel's limit."""


@dataclass(frozen=True, slots=True)
class SendLinks:
    """One round; a worker calls it again and again, in every process. A crash costs one lease, and a new token."""

    db: Database
    clock: Clock
    public_url: str
    send: Send[Mail] | None

    async def __call__(self) -> int:
        """Send what is due, drop what is over; returns how many were sent or dropped."""
        now, tokens = self.clock.now(), [new_secret("lnk") for _ in range(AT_ONCE)]

        async def look(tx: Tx) -> bool:
            return await store.any_due(tx, now)

        if self.send is None or not await self.db.read(look):
            return 0

        async def claim(tx: Tx) -> tuple[list[tuple[Row, str]], int]:
            due = await store.claim_due(tx, now=now, until=now + LEASE, limit=AT_ONCE)
            for row, token in zip(due, tokens, strict=False):
                await store.give_token(tx, row["id"], secret_hash(token))
            return list(zip(due, tokens, strict=False)), await store.forget_expired(tx, now=now, limit=500)

        due, dropped = await self.db.run(claim)
        await asyncio.gather(*[self._send(self.send, row, token, now) for row, token in due])
        return len(due) + dropped

    async def _send(self, send: Send[Mail], row: Row, token: str, now: int) -> None:
        minutes = max(1, (row["expires_at"] - now) // 60_000)
        url = link_url(self.public_url, token)
        mail = link_mail(url, organisation=row["org_name"], minutes=minutes, language=row["language"])
        result = await send(row["email"], mail)
        at = self.clock.now()

        async def work(tx: Tx) -> None:
            if isinstance(result, NotSent) and not result.permanent:
                await store.send_later(tx, row["id"], at=at + int(result.retry_after * 1000))
            else:
                await store.sent(tx, row["id"])

        await self.db.run(work)
