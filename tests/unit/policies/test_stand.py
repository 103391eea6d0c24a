"""What the hub measures itself becomes signals, by rows that are there already, on both engines."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.policies import signal_store as store
from approvals_hub.policies.stand import stands_in
from approvals_hub.policies.standing import NOTHING
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import publish, rules

WATCHED = rules(
    "id: refused, effect: deny, action: '*', where: {signal: hub.agent_refused_often}",
    "id: haste, effect: deny, action: '*', where: {signal: [hub.approver_haste, hub.all_approved]}",
    "id: flooded, effect: deny, action: '*', where: {signal: hub.approver_flooded}",
    "id: rest, effect: allow, action: '*'",
)


async def copied(house: StaffedHub, table: str, row: Row, count: int, **changes: Any) -> None:
    """So many more rows like this one, each with an id, a nonce and a question of its own."""
    members = {**dict(row), **changes}
    columns, values = ", ".join(members), ", ".join(f":{name}" for name in members)
    for _ in range(count):
        own = {"id": f"x_{os.urandom(8).hex()}"}
        if table == "decisions":
            own |= {"nonce": os.urandom(16), "escalation_id": f"esc_{os.urandom(8).hex()}"}
        await house.change(f"INSERT INTO {table} ({columns}) VALUES ({values})", **{**members, **own})


async def decides(house: StaffedHub) -> str | None:
    told = await house.hub.authorize(house.bot.credential(), house.bot.action())
    return told.told.decision.rule_id


async def _planned(tx: Tx, sql: str) -> list[Row]:
    return await tx.rows(f"EXPLAIN QUERY PLAN {sql}")


async def test_each_measure_stands_from_its_number_on_and_falls_when_it_is_over(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "deny")
    await publish(house, WATCHED)
    await house.change("UPDATE decisions SET hurried = 0")
    [question] = await house.rows("SELECT * FROM escalations")
    [answer] = await house.rows("SELECT * FROM decisions")
    assert await decides(house) == "rest"
    # Of this agent alone, and only what people refused.
    await copied(house, "escalations", question, 3)
    await copied(house, "escalations", question, 5, agent_id="agt_other")
    await copied(house, "escalations", question, 5, cause="org_stopped")
    assert await decides(house) == "rest"
    await copied(house, "escalations", question, 1)
    assert await decides(house) == "refused"
    await house.change("UPDATE escalations SET ended_at = ended_at - :day", day=DAY)
    assert await decides(house) == "rest"
    await copied(house, "decisions", answer, 2, hurried=1)
    await copied(house, "decisions", answer, 5, hurried=1, org_id="org_other")
    assert await decides(house) == "rest"
    await copied(house, "decisions", answer, 1, hurried=1)
    assert await decides(house) == "haste"
    await house.change("UPDATE decisions SET hurried = 0")
    # Twenty approvals in a row; the one denial is the oldest of them until it is not looked at any more.
    await house.change("UPDATE decisions SET decision = 'approve' WHERE org_id = :org", org=house.org_id)
    await copied(house, "decisions", answer, 15, decision="approve")
    assert await decides(house) == "rest"
    await copied(house, "decisions", answer, 1, decision="approve")
    assert await decides(house) == "haste"
    await copied(house, "decisions", answer, 1, at=answer["at"] + 1, decision="deny")
    assert await decides(house) == "rest"
    await house.change("UPDATE prompts SET count = 49")
    assert await decides(house) == "rest"
    await house.change("UPDATE prompts SET count = 50")
    assert await decides(house) == "flooded"
    # The list says the same to people.
    shown = (await house.hub.policies.signals.list(house.operator)).measured
    assert [each.name for each in shown if each.stands] == ["hub.approver_flooded"]
    signals = [entry["detail"].get("signals") for entry in await house.events("action.authorized")]
    assert [each for each in signals if each] == [
        ["hub.agent_refused_often"],
        ["hub.approver_haste"],
        ["hub.all_approved"],
        ["hub.approver_flooded"],
    ]


async def test_what_no_policy_names_is_not_measured_and_what_nobody_declared_is_not_read(house: StaffedHub) -> None:
    await house.change("UPDATE prompts SET count = 99")

    async def read(tx: Tx) -> Any:
        return await stands_in(tx, house.org_id, house.bot.agent_id, 0, told=False, measured=frozenset({"hub.none"}))

    assert await house.hub.db.read(read) == NOTHING


async def test_the_measures_are_looked_up_by_an_index_and_never_by_reading_all_rows(
    sqlite_database: SqliteDatabase,
) -> None:
    refused = "agent_id = 'a' AND ended_at > 1 AND state IN ('denied', 'not_me') AND cause IS NULL"
    for sql, index in (
        ("SELECT id FROM decisions WHERE org_id = 'o' AND at > 1 AND hurried = 1", "decisions_hurried"),
        (f"SELECT id FROM escalations WHERE {refused}", "escalations_refused"),
        ("SELECT MAX(count) FROM prompts WHERE org_id = 'o' AND day = 1", "prompts_day"),
        ("SELECT decision FROM decisions WHERE org_id = 'o' AND at > 1 ORDER BY at DESC LIMIT 20", "decisions_org_at"),
    ):
        rows = await sqlite_database.read(partial(_planned, sql=sql))
        plan = str([tuple(row) for row in rows])
        assert index in plan
        assert "SCAN" not in plan


async def test_counting_ends_at_the_number_that_matters(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "deny")
    [question] = await house.rows("SELECT * FROM escalations")
    await copied(house, "escalations", question, 4)

    async def count(tx: Tx) -> tuple[int, int]:
        found = [await store.refused(tx, house.bot.agent_id, since=0, most=most) for most in (3, 9)]
        return found[0], found[1]

    assert await house.hub.db.read(count) == (3, 5)
