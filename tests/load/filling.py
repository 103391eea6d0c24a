"""Fills a hub's database with past loops: all the rows that each leaves, in every table, and its entries in the log.

A loop began every `APART`, so that what the hub forgets after a time (nonces, keys of idempotency, what was told) is
there for the newest of them only, as it would be. What a loop only counts up (allowances, prompts) has as many rows
after a million as after one.
"""

from __future__ import annotations

import asyncio
import math
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from approvals_hub.app import OpenHub, Place
from approvals_hub.core.clock import DAY, SECOND, system_clock
from approvals_hub.notifications.forget import KEPT
from tests.load.past_log import PastLog, Pattern

BATCH = 10_000
APART = 8_640
"""Milliseconds between two loops: 10,000 a day, so that a million is 100 days."""
NONCE_KEPT = 300 * SECOND
TIMES = ("created_at", "expires_at", "latest_expiry", "seen_at", "ended_at", "valid_until", "at", "redeemed_at")
FOUND = {
    "escalations": "id = :escalation",
    "decisions": "escalation_id = :escalation",
    "redemptions": "escalation_id = :escalation",
    "telling_receipts": "escalation_id = :escalation",
    "idempotency_keys": "result = :escalation",
    "request_nonces": "key_id IN (SELECT id FROM agent_keys WHERE agent_id = :agent) LIMIT 2",
}
"""Where a finished loop's rows are: what is copied. The bench's approver has no channel; that telling is made up."""
AGE = {"idempotency_keys": DAY, "request_nonces": NONCE_KEPT} | dict.fromkeys(
    ("telling_receipts", "tellings", "delivery_attempts"), KEPT
)
"""How old, in milliseconds, rows of a table become; those of the others stay."""

Row = dict[str, Any]


def fill(folder: Path, count: int) -> None:
    """Put `count` past loops beside the finished ones in a hub's folder, made of these in turn. It must not run."""
    log_of, keep = asyncio.run(_sealed(folder))
    db = sqlite3.connect(folder / "hub.db", isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    db.execute("PRAGMA cache_size=-400000")
    db.row_factory = sqlite3.Row
    finished = db.execute("SELECT id FROM escalations WHERE token_state = 'redeemed' ORDER BY id").fetchall()
    loops = [Loop.of(db, row["id"]) for row in finished]
    db.row_factory = None
    log = log_of(db, loops[0].rows["escalations"][0]["org_id"])
    now = system_clock().now()
    for start in range(0, count, BATCH):
        rows: dict[str, list[list[Any]]] = {}
        db.execute("BEGIN")
        for number in range(start, min(start + BATCH, count)):
            loop, age = loops[number % len(loops)], (count - number) * APART
            own = loop.own(number)
            log.add(loop.pattern, now - age, own)
            for table, row in loop.again(number, own, age, now):
                rows.setdefault(table, []).append(row)
        for table, made in rows.items():
            columns = loops[0].rows[table][0]
            places = ", ".join("?" * len(columns))
            db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", made)
        log.write()
        db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    keep(log.org_id, log.note)


async def _sealed(
    folder: Path,
) -> tuple[Callable[[sqlite3.Connection, str], PastLog], Callable[[str, str], None]]:
    """Have the hub seal what waits; what makes its log go on, and what keeps a checkpoint outside."""
    place = Place(
        public_url="http://localhost",
        key_file=folder / "kek",
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{folder / 'hub.db'}",
    )
    async with OpenHub(place) as hub:
        while await hub.sealer.seal_all():
            pass
        sealer = hub.sealer
    return lambda db, org_id: PastLog(db, org_id, sealer.chain, sealer.signer(org_id)), sealer.outside.write


@dataclass(slots=True)
class Loop:
    """A finished loop: its rows, and its entries in the log."""

    ended_at: int
    """The instant from which its times are counted."""
    rows: dict[str, list[Row]]
    copied: list[Copied]
    pattern: Pattern

    @classmethod
    def of(cls, db: sqlite3.Connection, escalation_id: str) -> Loop:
        """As it lies in the database."""
        agent = db.execute("SELECT agent_id FROM escalations WHERE id = ?", (escalation_id,)).fetchone()[0]
        given = {"escalation": escalation_id, "agent": agent}
        rows = {
            table: [dict(row) for row in db.execute(f"SELECT * FROM {table} WHERE {where}", given)]
            for table, where in FOUND.items()
        }
        (question,), (decision,) = rows["escalations"], rows["decisions"]
        rows |= _told(question, decision["approver_id"])
        words = (escalation_id, question["jti"], question["action_id"], decision["id"])
        copied = [
            Copied.of(table, place, row, words) for table, found in rows.items() for place, row in enumerate(found)
        ]
        return cls(question["ended_at"], rows, copied, Pattern.of(db, escalation_id, words))

    def own(self, number: int) -> list[bytes]:
        """The ids of copy `number`, in the order of `words`."""
        return [b"esc_0%025d" % number, b"jti_0%025d" % number, b"action-%024d" % number, b"dec_0%025d" % number]

    def again(self, number: int, own: list[bytes], age: int, now: int) -> Iterator[tuple[str, list[Any]]]:
        """The rows that copy `number` has left, which ended `age` milliseconds ago."""
        ids, later = [word.decode() for word in own], now - age - self.ended_at
        for copied in self.copied:
            if age < copied.kept:
                yield copied.table, copied.row(f"{number:024d}{copied.place}", ids, later)


@dataclass(slots=True)
class Copied:
    """A row to copy, and which of its columns differ from copy to copy. This runs ten million times."""

    table: str
    place: int
    kept: float
    values: list[Any]
    exchanged: list[tuple[int, int]]
    times: list[int]
    unique: list[tuple[int, Callable[[str], Any]]]

    @classmethod
    def of(cls, table: str, place: int, row: Row, words: tuple[str, ...]) -> Copied:
        """One of the rows that a loop left in a table, the `place`th."""
        columns = list(row)
        own = UNIQUE.get(table, {})
        return cls(
            table,
            place,
            AGE.get(table, math.inf),
            list(row.values()),
            [(columns.index(name), words.index(value)) for name, value in row.items() if value in words],
            [columns.index(name) for name in TIMES if row.get(name) is not None],
            [(columns.index(name), make) for name, make in own.items()],
        )

    def row(self, name: str, ids: list[str], later: int) -> list[Any]:
        """A copy with a name, with these ids, so much later."""
        made = self.values.copy()
        for column, word in self.exchanged:
            made[column] = ids[word]
        for column in self.times:
            made[column] += later
        for column, make in self.unique:
            made[column] = make(name)
        return made


UNIQUE: dict[str, dict[str, Callable[[str], Any]]] = {
    "decisions": {"nonce": lambda _: os.urandom(28)},
    "telling_receipts": {"id": "rcp_0{}".format},
    "tellings": {"id": "tel_0{}".format},
    "delivery_attempts": {"id": "att_0{}".format, "telling_id": "tel_0{}".format},
    "idempotency_keys": {"key": lambda _: os.urandom(12).hex()},
    "request_nonces": {"nonce": lambda _: os.urandom(12).hex()},
}
"""What no two rows of a table may share beside the question's own ids; random where it is, as an index feels that."""


def _told(question: Row, person_id: str) -> dict[str, list[Row]]:
    """One message on the approver's phone, sent at the first attempt."""
    at, org, escalation = question["created_at"], question["org_id"], question["id"]
    telling = {
        "id": "",
        "org_id": org,
        "kind": "escalation.opened",
        "escalation_id": escalation,
        "person_id": person_id,
        "contact_id": "con_0",
        "channel": "webpush",
        "lane": "webpush",
        "level": 0,
        "reason": "level",
        "replaces": 1,
        "due_at": at,
        "expires_at": question["expires_at"],
        "state": "sent",
        "attempts": 1,
        "send_at": None,
        "settled_at": at,
    }
    attempt = {
        "id": "",
        "org_id": org,
        "telling_id": "",
        "escalation_id": escalation,
        "person_id": person_id,
        "at": at,
        "channel": "webpush",
        "recipient": "push.example.com",
        "attempt": 1,
        "status": "delivered",
        "latency_ms": 80,
    }
    return {"tellings": [telling], "delivery_attempts": [attempt]}
