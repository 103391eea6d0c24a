"""What a database holds after all kills, beside what its hub had acknowledged: nothing lost, nothing twice."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from approvals_hub.app import OpenHub, Place
from approvals_hub.audit.verify import verify
from approvals_hub.db.database import Row, Tx
from approvals_hub.hub import Hub
from tests.load.story import Story

RECORDED = {
    "escalation.opened": "SELECT COUNT(*) AS count FROM escalations",
    "decision.recorded": "SELECT COUNT(*) AS count FROM decisions",
    "token.redeemed": "SELECT COUNT(*) AS count FROM redemptions",
}
"""Each kind of entry in the log, and the rows that were written in the same unit of work."""


@dataclass
class Reckoning:
    """The counts, and what does not add up."""

    counts: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def hold(self, fact: bool, what: str) -> None:
        if not fact:
            self.broken.append(what)


async def reckon(place: Place, stories: list[Story]) -> Reckoning:
    """Compare the database with the stories, seal what waits, and verify the exported log."""
    result = Reckoning()
    async with OpenHub(place) as hub:
        await _compare(hub, stories, result)
        while await hub.sealer.seal_all():
            result.hold(not hub.sealer.refused, f"the log cannot go on: {hub.sealer.refused}")
            if hub.sealer.refused:
                return result
        for org in {story.asked["org_id"] for story in stories if story.asked}:
            await _verify(hub, org, result)
    return result


async def _compare(hub: Hub, stories: list[Story], result: Reckoning) -> None:
    async def rows(sql: str) -> list[Row]:
        async def work(tx: Tx) -> list[Row]:
            return await tx.rows(sql)

        return await hub.db.read(work)

    opened = Counter(row["action_id"] for row in await rows("SELECT action_id FROM escalations"))
    answers = Counter(row["escalation_id"] for row in await rows("SELECT escalation_id FROM decisions"))
    spent = Counter(row["escalation_id"] for row in await rows("SELECT escalation_id FROM redemptions"))
    for story in stories:
        count = opened[story.action["action_id"]]
        result.hold(count <= 1, f"{story.key} was opened {count} times")
        if story.asked is None:
            continue
        result.hold(count == 1, f"{story.id} was acknowledged and is gone")
        result.hold(answers[story.id] == (story.ending != "withdraw"), f"{story.id} has {answers[story.id]} answers")
        result.hold(spent[story.id] == (story.ending == "approve"), f"{story.id} was spent {spent[story.id]} times")
    result.hold(not _beside(opened, (story.action["action_id"] for story in stories)), "a question nobody asked")
    entries = {
        row["kind"]: row["count"]
        for row in await rows("SELECT kind, COUNT(*) AS count FROM audit_entries GROUP BY kind")
    }
    for kind, sql in RECORDED.items():
        (written,) = await rows(sql)
        logged = entries.get(kind, 0)
        result.hold(logged == written["count"], f"{logged} entries of {kind} for {written['count']} rows")
        result.counts[kind] = logged


def _beside(found: Counter[str], known: Iterable[str]) -> set[str]:
    return set(found) - set(known)


async def _verify(hub: Hub, org_id: str, result: Reckoning) -> None:
    export = io.BytesIO()
    async for piece in hub.read_audit.export.lines(org_id):
        export.write(piece)
    export.seek(0)
    report = verify(export)
    result.counts["entries"] = report.entries
    result.hold(report.ok, f"the log does not verify: {report}")
