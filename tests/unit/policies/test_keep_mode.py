"""The mode of an organisation: who sets it, which there are, and what rules make of it."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Conflict, Forbidden, Invalid
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import publish, rules

LOCKED = rules(
    "id: locked, effect: deny, action: '*', where: {mode: lockdown}",
    "id: usually, effect: allow, action: '*', where: {mode: normal}",
    "id: asked, effect: allow, action: '*', approval: {quorum: 1}",
)


async def decides(house: StaffedHub) -> tuple[str, str | None]:
    told = await house.hub.authorize(house.bot.credential(), house.bot.action())
    return told.told.decision.decision, told.told.decision.rule_id


async def test_rules_follow_the_mode_and_what_is_over_is_the_usual_one_again(house: StaffedHub) -> None:
    mode = house.hub.policies.mode
    with pytest.raises(Invalid) as unknown:
        await publish(house, LOCKED)
    assert "there is no mode 'lockdown' here; known are normal" in unknown.value.detail
    await mode.define(house.operator, ["normal", "elevated", "lockdown"], "normal")
    await publish(house, LOCKED)
    assert await decides(house) == ("ALLOW", "usually")
    await mode.set(house.operator, "elevated", "a hunch", lasts=3600)
    assert await decides(house) == ("REQUIRE_APPROVAL", "asked")
    found = await mode.set(house.operator, "lockdown", "it is true", lasts=3600)
    assert (found.mode, found.reason, found.set_by) == ("lockdown", "it is true", "operator")
    assert await decides(house) == ("DENY", "locked")
    house.time.now += 3600 * SECOND
    assert await decides(house) == ("ALLOW", "usually")
    assert (await mode.read(house.owner.credential)).reason is None
    details = [entry["detail"] for entry in await house.events("mode.changed")]
    assert [(each["before"], each["after"]) for each in details] == [("normal", "elevated"), ("elevated", "lockdown")]
    assert details[1]["until_before"] == details[0]["until"]
    modes = [entry["detail"].get("mode") for entry in await house.events("action.authorized")]
    assert modes == [None, "elevated", "lockdown", None]
    told = [(each.kind, each.subject_name) for each in await house.hub.list_notices(house.operator, limit=9)]
    assert told == [("mode_changed", "lockdown"), ("mode_changed", "elevated")]


async def test_a_mode_that_holds_or_that_a_policy_names_is_not_taken_from_the_list(house: StaffedHub) -> None:
    mode = house.hub.policies.mode
    await mode.define(house.operator, ["normal", "elevated", "lockdown"], "normal")
    await publish(house, LOCKED)
    with pytest.raises(Conflict) as named:
        await mode.define(house.operator, ["normal", "elevated"], "normal")
    assert (named.value.code, named.value.extra["policies"]) == ("mode_in_use", ["main"])
    await mode.set(house.operator, "elevated", "x", stays=True)
    with pytest.raises(Conflict) as present:
        await mode.define(house.operator, ["normal", "lockdown"], "normal")
    assert present.value.code == "mode_in_use"
    await mode.set(house.operator, "normal", "over", stays=True)
    assert (await mode.define(house.operator, ["normal", "lockdown"], "normal")).known == ("normal", "lockdown")
    before = await mode.define(house.operator, ["normal", "lockdown"], "lockdown")
    assert await mode.define(house.operator, ["normal", "lockdown"], "lockdown") == before
    assert len(await house.events("modes.defined")) == 3


async def test_what_cannot_be_a_mode_is_refused_and_the_usual_one_again_is_no_change(house: StaffedHub) -> None:
    mode = house.hub.policies.mode
    wrong = [
        (mode.define(house.operator, ["Normal"], "Normal"), "$.modes[0]"),
        (mode.define(house.operator, [], "normal"), "$.modes"),
        (mode.define(house.operator, ["normal", "normal"], "normal"), "$.modes"),
        (mode.define(house.operator, ["normal"], "usual"), "$.usual"),
        (mode.set(house.operator, "lockdwn", "x", stays=True), "$.mode"),
    ]
    for call, field in wrong:
        with pytest.raises(Invalid) as refused:
            await call
        assert refused.value.field == field
    assert (await mode.set(house.operator, "normal", "x", stays=True)).since is None
    assert await house.events("mode.changed") == []


async def test_a_stolen_session_changes_no_mode_and_a_reader_none_either(house: StaffedHub) -> None:
    mode, reader = house.hub.policies.mode, await house.person("Eva", "auditor")
    assert (await mode.read(reader.credential)).mode == "normal"
    with pytest.raises(Forbidden):
        await mode.define(house.owner.credential, ["normal", "lockdown"], "normal")
    with pytest.raises(Forbidden):
        await mode.set(reader.credential, "normal", "x", stays=True, fresh=await reader.fresh())
    await mode.define(house.owner.credential, ["normal", "lockdown"], "normal", fresh=await house.owner.fresh())
    with pytest.raises(Forbidden):
        await mode.set(house.owner.credential, "lockdown", "x", stays=True)
