"""What follows for open questions when somebody leaves a group, or has other roles: who is asked changes at once.

Whether a vote counts is looked at wherever votes are; here are the inboxes, and who is told.
"""

from __future__ import annotations

from collections.abc import Collection

from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.beside import read_beside
from approvals_hub.domain.requirement import Requirement, stored
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.notifications.outbox import queue_again
from approvals_hub.orgs import store as orgs
from approvals_hub.routing import store as plans
from approvals_hub.routing.still_asked import groups_named, narrowed


async def left_in(tx: Tx, org_id: str, people: Collection[str], now: int) -> None:
    """Take what these people are not asked any more out of their inboxes, and wake them."""
    lines = await inbox.lines_of(tx, people=sorted(people), org_id=org_id)
    gone: dict[str, list[str]] = {}
    for (person_id, row), asked in zip(lines, await _asked_now_in(tx, org_id, lines), strict=True):
        if person_id not in asked.asked_at(row["stage"]):
            gone.setdefault(person_id, []).append(row["id"])
    for person_id, ids in gone.items():
        await inbox.leave(tx, person_id=person_id, escalation_ids=ids)
    for escalation_id in sorted({each for ids in gone.values() for each in ids}):
        await queue_again(tx, escalation_id=escalation_id, at=now)
    for person_id in people:
        tx.changed(f"inbox:{person_id}")


async def put_back_in(tx: Tx, person_id: str, now: int) -> None:
    """Show somebody again what they are asked: they may answer here, or have a role, once more."""
    found = await inbox.left_behind(tx, person_id=person_id, now=now)
    for org_id in sorted({row["org_id"] for row in found}):
        lines = [(person_id, row) for row in found if row["org_id"] == org_id]
        for (_, row), asked in zip(lines, await _asked_now_in(tx, org_id, lines), strict=True):
            if person_id in asked.asked_at(row["stage"]):
                await tx.lock("escalations", row["id"])  # one that ends at this moment would leave its line behind
                await inbox.put_back(tx, person_id=person_id, escalation_id=row["id"])
    tx.changed(f"inbox:{person_id}")


async def _asked_now_in(tx: Tx, org_id: str, lines: list[tuple[str, Row]]) -> list[Requirement]:
    """For each person and open question its requirement, without the person where it names them no more.

    Two statements at most, however many they are.
    """
    if not lines:
        return []
    found = [(person_id, row, stored(row["requirement"]), _veto(row)) for person_id, row in lines]
    people = sorted({person_id for person_id, _ in lines})
    roles = await orgs.roles_of(tx, org_id, people)
    groups = {group for person_id, _, asked, veto in found for group in groups_named(asked, [person_id], veto)}
    members = await plans.memberships(tx, org_id, sorted(groups), people) if groups else {}
    return [
        narrowed(asked, {person_id: roles.get(person_id, "")}, members, opened_at=row["created_at"], veto=veto)
        for person_id, row, asked, veto in found
    ]


def _veto(row: Row) -> tuple[str, ...]:
    beside = read_beside(row["beside"])
    return () if beside is None else beside.veto
