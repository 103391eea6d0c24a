"""Somebody asks for a link to an address. What they get tells nobody whether anybody has it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import NotFound, TooMany, settled
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import joining_store as joining
from approvals_hub.people.person import check_email
from approvals_hub.stepup import sign_in_link_store as store
from approvals_hub.stepup.sign_in_attempt import secret_hash
from approvals_hub.stepup.sign_in_link import EVERYBODY_LIMIT, LIFE, PERSON_LIMIT, SOURCE_LIMIT, AskedLink, code_hash


@dataclass(frozen=True, slots=True)
class AskForLink:
    """Writes a row for every address, known or not; a worker sends the mail, so that the answer waits for none."""

    db: Database
    clock: Clock
    key: bytes = field(repr=False)
    """Codes are hashed under it."""
    offered: bool
    """Whether the settings let people sign in this way, and mail can be sent."""

    async def __call__(self, email: str, *, language: str, source: str) -> AskedLink:
        """Ask. Raises Invalid for what is no address, NotFound where it is not offered, TooMany by source."""
        if not self.offered:
            raise NotFound(
                "method_unknown",
                "nobody signs in by a link here",
                next_step="Choose a way that GET /v1/sign-in-ways lists.",
            )
        check_email(email)
        now, link_id = self.clock.now(), new_id("lnk")
        asked = AskedLink(new_secret("lnk"), f"{secrets.randbelow(1_000_000):06d}", now + LIFE)

        async def work(tx: Tx) -> AskedLink | TooMany:
            since = now - LIFE
            here = await store.asked_since(tx, since, source=source, limit=SOURCE_LIMIT)
            everywhere = await store.asked_since(tx, since, source=None, limit=EVERYBODY_LIMIT)
            if here >= SOURCE_LIMIT or everywhere >= EVERYBODY_LIMIT:
                return _too_many()
            reader = await joining.reader_of(tx, email)
            # The same reads for an address that nobody has.
            person_id = "" if reader is None else str(reader["id"])
            sent = await store.sent_since(tx, since, person_id=person_id, limit=PERSON_LIMIT)
            goes_out = reader is not None and sent < PERSON_LIMIT
            await store.add(
                tx,
                link_id=link_id,
                person_id=person_id if goes_out else None,
                org_id=reader["org_id"] if reader is not None and goes_out else None,
                secret_hash=secret_hash(asked.secret),
                code_hash=code_hash(self.key, link_id, asked.code),
                language=language,
                source=source,
                at=now,
                expires_at=asked.expires_at,
            )
            return asked

        return settled(await self.db.run(work))


def _too_many() -> TooMany:
    return TooMany(
        "too_many_links",
        "too many links were asked for",
        next_step="Sign in with a passkey, or wait some minutes.",
        retry_after=300,
    )
