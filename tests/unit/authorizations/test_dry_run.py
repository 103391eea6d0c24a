"""What a new text would have decided about real decisions."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from approvals_hub.authorizations.dry_run import DAYS, DryRun, DryRuns
from approvals_hub.authorizations.told import Told
from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Forbidden, Invalid, TooMany
from approvals_hub.db.database import Tx
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules


async def asked(house: StaffedHub, kind: str, **payload: Any) -> str:
    """One real decision."""
    action = house.bot.action(action_type=kind, payload=payload)
    return (await house.hub.authorize(house.bot.credential(), action)).told.decision.decision


async def dry(house: StaffedHub, text: str, name: str = "main", **more: Any) -> DryRun:
    return await house.hub.dry_run(house.operator, name, text, **more)


async def everything(house: StaffedHub) -> list[int]:
    """How many rows there are of all that a decision could leave behind."""
    tables = ("escalations", "authorizations", "reservations", "counters", "policies", "policy_versions", "outbox")
    return [(await house.rows(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"] for table in tables]


async def test_real_decisions_are_decided_once_more_with_the_totals_of_then_and_nothing_follows(
    house: StaffedHub,
) -> None:
    pays = "id: pay, effect: allow, action: pay.card"
    await publish(house, rules(pays, "id: drop, effect: allow, action: db.drop, approval: {}"))
    for _ in range(3):
        assert await asked(house, "pay.card", amount_minor=40, currency="EUR") == "ALLOW"
        house.time.now += 1000
    assert [await asked(house, kind) for kind in ("db.drop", "mail.send")] == ["REQUIRE_APPROVAL", "DENY"]
    await house.bot.ask(house.bot.action(action_type="db.drop", payload={"n": 1}))
    house.time.now += 1000
    before = await everything(house)
    limited = f"{pays}, spend: {{limit: 100, currency: EUR, window: day, above: approval}}"
    found = await dry(house, rules(limited, "id: drop, effect: deny, action: db.drop", default="allow"))
    assert found.changes == {"ALLOW to REQUIRE_APPROVAL": 1, "DENY to ALLOW": 1, "REQUIRE_APPROVAL to DENY": 2}
    assert (found.replayed, found.not_replayed, found.complete) == (6, {}, True)
    # The third of 40 passes a limit of 100, which counts what was really done.
    first = found.items[0]
    assert (first.recorded.was, first.now, first.would_be, first.rule_id) == (
        "ALLOW",
        "ALLOW",
        "REQUIRE_APPROVAL",
        "pay",
    )
    assert "would pass spend pay (day)" in first.reason
    assert await everything(house) == before
    [entry] = await house.events("policy.dry_run")
    assert set(entry["detail"]) == {"name", "hash"}


async def test_the_list_is_read_by_cursor_and_the_counts_are_of_all(house: StaffedHub) -> None:
    await publish(house, ALLOW)
    for number in range(5):
        await asked(house, "pay.card", n=number)
        house.time.now += 1000
    pages, after = [], None
    while True:
        found = await dry(house, DENY, after=after, limit=2)
        assert found.changes == {"ALLOW to DENY": 5}
        pages.append([each.recorded.id for each in found.items[:2]])
        if len(found.items) <= 2:
            break
        after = pages[-1][-1]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({each for page in pages for each in page}) == 5
    bounded = DryRuns(house.hub.db, house.hub.vault, house.hub.dry_run.recorder, house.hub.clock, most=3)
    few = await bounded(house.operator, "main", DENY)
    assert (few.replayed, few.complete) == (3, False)


async def test_what_is_older_or_was_kept_without_its_action_is_not_decided_and_counted_as_such(
    house: StaffedHub,
) -> None:
    await publish(house, ALLOW)
    await asked(house, "pay.card", n=1)
    house.time.now += (DAYS + 1) * DAY
    await asked(house, "pay.card", n=2)
    [row] = await house.rows("SELECT id, answer FROM authorizations ORDER BY at DESC LIMIT 1")
    place = f"authorization:{row['id']}"

    async def as_kept_before(tx: Tx) -> None:
        plain = await house.hub.vault.unseal_in(tx, house.org_id, bytes(row["answer"]), place)
        told = msgspec.structs.replace(msgspec.json.decode(plain, type=Told), action=None, labels=None)
        sealed = await house.hub.vault.seal_in(tx, house.org_id, msgspec.json.encode(told), place)
        await tx.execute("UPDATE authorizations SET answer = :sealed WHERE id = :id", sealed=sealed, id=row["id"])

    await house.hub.db.run(as_kept_before)
    house.time.now += 1000
    found = await dry(house, DENY)
    assert (found.replayed, found.not_replayed) == (0, {"action_not_recorded": 1})
    await house.change("UPDATE authorizations SET answer = :broken", broken=b"\1broken")
    assert (await dry(house, DENY)).not_replayed == {"erased": 1}


async def test_labels_of_then_count_and_a_proof_that_nobody_wrote_down_is_not_guessed(house: StaffedHub) -> None:
    async def label(*teams: str) -> None:
        await house.hub.policies.label_agents(
            house.operator, house.bot.agent_id, teams=teams, project=None, environment=None
        )

    await label("web")
    await publish(house, ALLOW)
    await asked(house, "pay.card", n=1)
    await label("ops")
    await publish(house, ASK, version=1)
    await asked(house, "pay.card", n=2)
    house.time.now += 1000
    found = await dry(
        house, rules("id: a, effect: deny, action: '*', where: {team: [web]}", default="require_approval")
    )
    assert found.changes == {"ALLOW to DENY": 1}
    proof = await dry(house, rules("id: a, effect: allow, action: '*', counterparty_proof: required"))
    assert (proof.changes, proof.not_replayed) == ({"ALLOW to DENY": 1}, {"counterparty_proof_not_recorded": 1})


async def test_nobody_learns_by_dry_runs_what_questions_hold_without_the_right_to_read_them(house: StaffedHub) -> None:
    for role in ("developer", "approver"):
        person = await house.person("P", role)
        with pytest.raises(Forbidden):
            await house.hub.dry_run(person.credential, "main", DENY)
    auditor = await house.person("Aud", "auditor")
    assert (await house.hub.dry_run(auditor.credential, "main", DENY)).replayed == 0


async def test_one_runs_at_a_time_and_what_is_no_text_or_no_number_of_days_is_refused(house: StaffedHub) -> None:
    async def one() -> str:
        try:
            return str((await dry(house, DENY)).replayed)
        except TooMany as refused:
            return refused.code

    house.hub.dry_run._running.add(house.org_id)
    assert await one() == "dry_run_running"
    house.hub.dry_run._running.clear()
    assert await asyncio.gather(one()) == ["0"]
    for more in ({"text": "nonsense"}, {"text": DENY, "days": 31}, {"text": DENY, "name": "No Name"}):
        with pytest.raises(Invalid):
            await dry(house, **more)


async def test_the_signals_and_the_mode_of_then_count_for_answers_and_for_questions_alike(house: StaffedHub) -> None:
    signals, mode = house.hub.policies.signals, house.hub.policies.mode
    await publish(house, ASK)
    await signals.declare(house.operator, "incident", "x")
    await mode.define(house.operator, ["normal", "lockdown"], "normal")
    await asked(house, "pay.card")
    await signals.set(house.operator, "incident", "x", stays=True)
    await asked(house, "pay.card", n=1)
    await house.bot.ask(house.bot.action(action_type="pay.card", payload={"n": 2}))
    await signals.clear(house.operator, "incident")
    await mode.set(house.operator, "lockdown", "x", stays=True)
    await house.bot.ask(house.bot.action(action_type="pay.card", payload={"n": 3}))
    house.time.now += 1000
    text = rules(
        "id: a, effect: deny, action: pay.*, where: {signal: incident}",
        "id: b, effect: deny, action: pay.*, where: {mode: lockdown}",
        default="require_approval",
    )
    found = await dry(house, text)
    assert (found.changes, found.not_replayed) == ({"REQUIRE_APPROVAL to DENY": 3}, {})
    assert [each.rule_id for each in found.items] == ["a", "a", "b"]
    opened = [entry["detail"] for entry in await house.events("escalation.opened")]
    assert [(each.get("signals"), each.get("mode")) for each in opened] == [
        (None, None),
        (["incident"], None),
        (["incident"], None),
        (None, "lockdown"),
    ]
    measured = await dry(house, text.replace("incident", "hub.approver_haste"))
    assert measured.not_replayed == {"signals_not_recorded": 4}
