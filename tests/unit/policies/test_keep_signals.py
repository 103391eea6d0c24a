"""Signals: who declares, sets and clears them, and what rules make of it, on both engines."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from approvals_hub.policies.signal import SIGNALS_LIMIT
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.policies.kept_policies import publish, rules

ROOT = Path(__file__).parents[3]
FREEZE = rules(
    "id: freeze, effect: deny, action: '*', where: {signal: change_freeze}",
    "id: normally, effect: allow, action: '*'",
)
ASKED = rules(
    "id: freeze, effect: deny, action: '*', where: {signal: change_freeze}",
    "id: ask, effect: allow, action: '*', approval: {quorum: 1}",
)


async def declared(house: StaffedHub, name: str = "change_freeze") -> None:
    await house.hub.policies.signals.declare(house.operator, name, "Nothing is deployed")


async def decided(house: StaffedHub, action: dict[str, Any]) -> tuple[str, bool]:
    told = await house.hub.authorize(house.bot.credential(), action)
    return told.told.decision.decision, told.repeated


async def test_a_rule_that_denies_holds_as_long_as_its_signal_is_set_and_answers_are_not_kept_beyond_it(
    house: StaffedHub,
) -> None:
    signals, action = house.hub.policies.signals, house.bot.action()
    await declared(house)
    await publish(house, FREEZE)
    assert await decided(house, action) == ("ALLOW", False)
    assert await decided(house, action) == ("ALLOW", True)
    await signals.set(house.operator, "change_freeze", "black friday", lasts=3600)
    assert await decided(house, action) == ("DENY", False)
    # What was allowed before the freeze is the same question again after it.
    house.time.now += 3600 * SECOND
    assert await decided(house, action) == ("ALLOW", True)
    await signals.set(house.operator, "change_freeze", "again", stays=True)
    house.time.now += 40 * DAY
    assert (await decided(house, house.bot.action()))[0] == "DENY"
    await signals.clear(house.operator, "change_freeze")
    assert (await decided(house, house.bot.action()))[0] == "ALLOW"
    stood = [entry["detail"].get("signals") for entry in await house.events("action.authorized")]
    assert stood == [None, ["change_freeze"], ["change_freeze"], None]


async def test_what_people_approved_is_not_spent_in_a_freeze_that_was_set_since(house: StaffedHub) -> None:
    await declared(house)
    await publish(house, ASKED)
    token = await house.bot.approved()
    await house.hub.policies.signals.set(house.operator, "change_freeze", "stop", lasts=3600)
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert refused.value.code == "policy_denies"
    await house.hub.policies.signals.clear(house.operator, "change_freeze")
    await token.redeem()


async def test_every_change_is_in_the_log_with_what_stood_before_and_admins_are_told_once(house: StaffedHub) -> None:
    signals, ada = house.hub.policies.signals, await house.person("Ada", "admin")
    await declared(house)
    await declared(house)
    set_by_ada = await signals.set(
        ada.credential, "change_freeze", "a plain reason", lasts=3600, fresh=await ada.fresh()
    )
    assert [(each.setter, each.reason, each.set_by) for each in set_by_ada.settings] == [
        ("people", "a plain reason", ada.person_id)
    ]
    await signals.set(house.operator, "change_freeze", "for longer", stays=True)
    [shown] = (await signals.list(house.owner.credential)).declared
    assert (shown.stands, shown.settings[0].reason, shown.settings[0].until) == (True, "for longer", None)
    await signals.clear(house.operator, "change_freeze")
    assert not (await signals.clear(house.operator, "change_freeze")).stands
    assert len(await house.events("signal.declared")) == 1
    first, second = [entry["detail"] for entry in await house.events("signal.set")]
    assert (first["stood_before"], first["stays"], second["stood_before"], second["stays"]) == (
        False,
        False,
        True,
        True,
    )
    assert second["until_before"] == first["until"]
    assert "plain reason" not in str(await house.rows("SELECT * FROM audit_entries"))
    assert "plain reason" not in str(await house.rows("SELECT * FROM signal_settings"))
    [cleared] = [entry["detail"] for entry in await house.events("signal.cleared")]
    assert (cleared["stood_before"], cleared["stands"], cleared["held_before"]) == (True, False, ["people"])
    told = [
        (each.kind, each.subject_name, each.by_name) for each in await house.hub.list_notices(house.operator, limit=9)
    ]
    assert told == [("signal_cleared", "change_freeze", None), ("signal_set", "change_freeze", "Ada")]


async def test_a_stolen_session_neither_sets_nor_clears_nor_declares(house: StaffedHub) -> None:
    signals, owner = house.hub.policies.signals, house.owner.credential
    await declared(house)
    with pytest.raises(Forbidden):
        await signals.declare(owner, "incident", "x")
    with pytest.raises(Forbidden):
        await signals.set(owner, "change_freeze", "x", lasts=60)
    await signals.set(house.operator, "change_freeze", "x", lasts=60)
    with pytest.raises(Forbidden):
        await signals.clear(owner, "change_freeze")
    with pytest.raises(Forbidden):
        await signals.remove(owner, "change_freeze")


async def test_who_reads_policies_reads_signals_and_nobody_without_the_right_changes_them(house: StaffedHub) -> None:
    signals = house.hub.policies.signals
    await declared(house)
    reader, approver = await house.person("Eva", "developer"), await house.person("Bo")
    assert [each.name for each in (await signals.list(reader.credential)).declared] == ["change_freeze"]
    with pytest.raises(Forbidden):
        await signals.list(approver.credential)
    with pytest.raises(Forbidden):
        await signals.set(reader.credential, "change_freeze", "x", lasts=60, fresh=await reader.fresh())


async def test_a_starter_policy_that_names_what_nobody_declared_says_each_command_that_is_missing(
    house: StaffedHub,
) -> None:
    text = (ROOT / "ops/policies/coding_agent.yaml").read_text(encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        await publish(house, text)
    named = re.findall(r"approvals-hub signals declare (\w+) --about", str(refused.value.next_step))
    assert named == ["prompt_injection", "credential_read", "change_freeze"]
    for name in named:
        await house.hub.policies.signals.declare(house.operator, name, "What it is")
    with pytest.raises(Invalid, match="there is no route 'on_call'") as refused:
        await publish(house, text)
    assert "approvals-hub routes apply FILE" in str(refused.value.next_step)
    with pytest.raises(Invalid) as refused:
        await publish(house, rules("id: a, effect: deny, action: '*', where: {mode: [lockdown, elevated]}"))
    assert "approvals-hub mode define normal lockdown elevated --usual normal" in str(refused.value.next_step)


async def test_a_misspelt_signal_is_refused_where_it_is_published_and_one_in_use_is_not_removed(
    house: StaffedHub,
) -> None:
    signals = house.hub.policies.signals
    await declared(house)
    with pytest.raises(Invalid) as refused:
        await publish(house, FREEZE.replace("change_freeze", "change_freze"))
    assert "did you mean 'change_freeze'?" in refused.value.detail
    assert "rule 'freeze' (line 4)" in refused.value.detail
    assert 'approvals-hub signals declare change_freze --about "..."' in str(refused.value.next_step)
    with pytest.raises(Invalid) as guessed:
        await publish(house, FREEZE.replace("change_freeze", "hub.approver_hast"))
    assert "did you mean 'hub.approver_haste'?" in guessed.value.detail
    assert guessed.value.next_step == "Correct the policy and publish it again."
    await publish(house, FREEZE)
    with pytest.raises(Conflict) as used:
        await signals.remove(house.operator, "change_freeze")
    assert (used.value.code, used.value.extra["policies"]) == ("signal_in_use", ["main"])
    await house.hub.policies.keep.remove(house.operator, "main", version=1)
    await signals.remove(house.operator, "change_freeze")
    assert (await signals.list(house.operator)).declared == ()


async def test_what_cannot_be_a_signal_is_refused_with_its_member(house: StaffedHub) -> None:
    signals = house.hub.policies.signals
    await declared(house)
    wrong = [
        (signals.declare(house.operator, "hub.mine", "x"), "$.name"),
        (signals.declare(house.operator, "Freeze", "x"), "$.name"),
        (signals.declare(house.operator, "freeze", ""), "$.about"),
        (signals.declare(house.operator, "freeze", "x", [house.bot.agent_id]), "$.monitors[0]"),
        (signals.declare(house.operator, "freeze", "x", ["agt_none"]), "$.monitors[0]"),
        (signals.declare(house.operator, "freeze", "x", [f"agt_{n}" for n in range(11)]), "$.monitors"),
        (signals.set(house.operator, "change_freeze", "", lasts=60), "$.reason"),
        (signals.set(house.operator, "change_freeze", "x"), "$.lasts"),
        (signals.set(house.operator, "change_freeze", "x", lasts=60, stays=True), "$.lasts"),
        (signals.set(house.operator, "change_freeze", "x", lasts=59), "$.lasts"),
        (signals.set(house.operator, "change_freeze", "x", lasts=30 * 86_400 + 1), "$.lasts"),
    ]
    for call, field in wrong:
        with pytest.raises(Invalid) as refused:
            await call
        assert refused.value.field == field
    for unknown in (signals.set(house.operator, "chang_freeze", "x", lasts=60), signals.clear(house.operator, "none")):
        with pytest.raises(NotFound):
            await unknown
    with pytest.raises(NotFound):
        await signals.remove(house.operator, "none")
    await house.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO signals (org_id, name, about, monitors, changed_at, changed_by)"
        " SELECT :org, 's' || i, 'x', '[]', 0, 'x' FROM n",
        most=SIGNALS_LIMIT - 1,
        org=house.org_id,
    )
    with pytest.raises(Conflict) as many:
        await declared(house, "one_more")
    assert many.value.code == "too_many"


async def test_a_signal_that_is_declared_and_set_at_one_process_decides_at_every_other_at_once(
    postgres_uri: str, tmp_path: Path
) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        other = await house.another_process()
        await publish(house, rules("id: normally, effect: allow, action: '*'"))
        assert (await other.authorize(house.bot.credential(), house.bot.action())).told.decision.decision == "ALLOW"
        await declared(house)
        await publish(house, FREEZE, version=1)
        under_way = [other.authorize(house.bot.credential(), house.bot.action()) for _ in range(5)]
        setting = house.hub.policies.signals.set(house.operator, "change_freeze", "x", lasts=60)
        found = (await asyncio.gather(*under_way, setting))[:-1]
        # Whichever came first: each says what stood when it was decided.
        assert all((each.told.decision.decision == "DENY") is bool(each.told.standing.signals) for each in found)
        for hub in (house.hub, other):
            decision = (await hub.authorize(house.bot.credential(), house.bot.action())).told.decision
            assert decision.rule_id == "freeze"
