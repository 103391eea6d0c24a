"""SQL of how people answer, in numbers."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_MINE = "(CAST(:person AS TEXT) IS NULL OR {column} = :person)"


async def before(tx: Tx, *, escalation_id: str, person_id: str, since: int) -> Row | None:
    """How long a question is, when it first was on a screen of this person's, and how many they approved since then."""
    return await tx.row(
        "SELECT e.shown_length, (SELECT MIN(r.at) FROM telling_receipts r WHERE r.escalation_id = e.id"
        " AND r.person_id = :person AND r.kind = 'opened' AND r.telling_id IS NULL) AS opened_at,"
        " (SELECT COUNT(*) FROM decisions d WHERE d.org_id = e.org_id AND d.at > :since AND d.approver_id = :person"
        " AND d.decision = 'approve') AS approved"
        " FROM escalations e WHERE e.id = :id",
        id=escalation_id,
        person=person_id,
        since=since,
    )


async def approvers(tx: Tx, *, org_id: str, person_id: str | None, after: str | None, limit: int) -> list[Row]:
    """Members who may answer, or were asked; one of them, or all, by id."""
    return await tx.rows(
        "SELECT m.person_id, p.name, m.roles FROM memberships m JOIN people p ON p.id = m.person_id"
        f" WHERE m.org_id = :org AND m.removed_at IS NULL AND {_MINE.format(column='m.person_id')}"
        " AND (CAST(:after AS TEXT) IS NULL OR m.person_id > :after) ORDER BY m.person_id LIMIT :limit",
        org=org_id,
        person=person_id,
        after=after,
        limit=limit,
    )


async def answers(tx: Tx, *, org_id: str, person_id: str | None, since: int) -> list[Row]:
    """For each person, of their answers that stand since then: how many, of what, how fast, the median time, and how
    many came in the minute in which most did.

    The median is the mean of the one or two in the middle. One row for each person, in one statement.
    """
    return await tx.rows(
        "SELECT approver_id, COUNT(*) AS answered,"
        " SUM(CASE WHEN decision = 'approve' THEN 1 ELSE 0 END) AS approved,"
        " SUM(CASE WHEN hurried = 1 THEN 1 ELSE 0 END) AS hurried,"
        " MAX(together) AS busiest_minute,"
        " CAST(AVG(CASE WHEN read_ms IS NOT NULL AND 2 * place BETWEEN timed AND timed + 2 THEN read_ms END)"
        " AS INTEGER) AS median_ms"
        " FROM (SELECT approver_id, decision, hurried, read_ms,"
        " ROW_NUMBER() OVER (PARTITION BY approver_id, CASE WHEN read_ms IS NULL THEN 1 ELSE 0 END ORDER BY read_ms)"
        " AS place, COUNT(*) OVER (PARTITION BY approver_id ORDER BY at RANGE BETWEEN 59999 PRECEDING AND CURRENT ROW)"
        " AS together, COUNT(read_ms) OVER (PARTITION BY approver_id) AS timed FROM decisions"
        f" WHERE org_id = :org AND at >= :since AND superseded_at IS NULL AND {_MINE.format(column='approver_id')})"
        " AS one GROUP BY approver_id",
        org=org_id,
        person=person_id,
        since=since,
    )


async def prompts(tx: Tx, *, org_id: str, person_id: str | None, since_day: int) -> dict[str, tuple[int, int]]:
    """For each person: how many questions came since that day, and how many on the busiest one."""
    rows = await tx.rows(
        "SELECT person_id, CAST(SUM(count) AS INTEGER) AS count, MAX(count) AS most FROM prompts"
        f" WHERE org_id = :org AND day >= :day AND {_MINE.format(column='person_id')} GROUP BY person_id",
        org=org_id,
        person=person_id,
        day=since_day,
    )
    return {row["person_id"]: (row["count"], row["most"]) for row in rows}
