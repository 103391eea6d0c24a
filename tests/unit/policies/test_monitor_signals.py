"""Monitors set what names them and do nothing else; what others hold is none of theirs."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Forbidden, HubError, Invalid, Unauthenticated
from tests.unit.hub_fixture import Bot, StaffedHub
from tests.unit.policies.kept_policies import publish, rules


async def monitor(house: StaffedHub, name: str = "probe") -> Bot:
    made = await house.hub.invite_agent.with_api_key(house.operator, house.org_id, name=name, role="monitor")
    return Bot(house, made.agent_id, made.key_id, api_key=made.api_key)


async def test_a_monitor_sets_what_names_it_for_a_while_and_clears_what_it_set_alone(house: StaffedHub) -> None:
    signals, mine = house.hub.policies.signals, house.hub.policies.monitor_signals
    probe, other = await monitor(house), await monitor(house, "other")
    await signals.declare(house.operator, "incident", "Something burns", [probe.agent_id, other.agent_id])
    await signals.declare(house.operator, "foreign", "Not theirs")
    await publish(
        house,
        rules(
            "id: burning, effect: deny, action: '*', where: {signal: incident}",
            "id: calm, effect: allow, action: '*'",
        ),
    )

    async def decides() -> str:
        return (await house.hub.authorize(house.bot.credential(), house.bot.action())).told.decision.decision

    made = await mine.set(probe.credential(), "incident", "5xx", lasts=600)
    assert made.settings[0].until == house.time.now + 600 * SECOND
    assert await decides() == "DENY"
    # Somebody else holds it too, and people: what the first one lets go still stands, and ends none of theirs.
    await mine.set(other.credential(), "incident", "latency", lasts=600)
    await signals.set(house.operator, "incident", "we look", lasts=3600)
    assert [each.setter for each in (await mine.list(probe.credential()))[0].settings] == [probe.agent_id]
    assert not (await mine.clear(probe.credential(), "incident")).stands
    assert not (await mine.clear(probe.credential(), "incident")).stands
    [shown] = [each for each in (await signals.list(house.operator)).declared if each.name == "incident"]
    assert {each.setter for each in shown.settings} == {"people", other.agent_id}
    await mine.clear(other.credential(), "incident")
    assert await decides() == "DENY"
    house.time.now += 3600 * SECOND
    assert await decides() == "ALLOW"
    # People clear what a monitor holds, too.
    await mine.set(probe.credential(), "incident", "5xx", lasts=600)
    await signals.clear(house.operator, "incident")
    assert await decides() == "ALLOW"
    assert [each.name for each in await mine.list(probe.credential())] == ["incident"]
    assert [entry["actor_type"] for entry in await house.events("signal.set")] == [
        "agent",
        "agent",
        "operator",
        "agent",
    ]


async def test_a_leaked_monitors_key_sets_no_other_signal_for_ever_and_asks_for_nothing(house: StaffedHub) -> None:
    signals, mine, probe = house.hub.policies.signals, house.hub.policies.monitor_signals, await monitor(house)
    await signals.declare(house.operator, "incident", "Something burns", [probe.agent_id])
    await signals.declare(house.operator, "change_freeze", "Nothing is deployed")
    for name in ("change_freeze", "none", "hub.approver_haste"):
        with pytest.raises(Forbidden) as refused:
            await mine.set(probe.credential(), name, "x", lasts=60)
        assert refused.value.code == "signal_not_yours"
    with pytest.raises(Forbidden):
        await mine.clear(probe.credential(), "change_freeze")
    with pytest.raises(Invalid):
        await mine.set(probe.credential(), "incident", "x", lasts=None)
    refusals = [entry["detail"]["signal"] for entry in await house.events("signal.refused")]
    assert refusals == ["change_freeze", None, None, "change_freeze"]
    for asks in (
        house.hub.authorize(probe.credential(), probe.action()),
        house.hub.escalate(probe.credential(), probe.asking()),
        house.hub.list_escalations.of_agent(probe.credential(), states=(), before=None, limit=2),
    ):
        with pytest.raises(HubError) as only:
            await asks
        assert only.value.code == "monitors_only_set_signals"
    assert (await house.hub.read_agents.itself(probe.credential())).role == "monitor"
    await house.hub.govern.set_agent_state(house.operator, house.org_id, probe.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await mine.set(probe.credential(), "incident", "x", lasts=60)


async def test_an_agent_that_asks_cannot_say_itself_when_it_may(house: StaffedHub) -> None:
    with pytest.raises(Forbidden) as refused:
        await house.hub.policies.monitor_signals.clear(house.bot.credential(), "change_freeze")
    assert refused.value.code == "signal_not_yours"
    assert await house.hub.policies.monitor_signals.list(house.bot.credential()) == []


async def test_a_probe_that_flaps_sends_no_mail_each_time(house: StaffedHub) -> None:
    signals, mine, probe = house.hub.policies.signals, house.hub.policies.monitor_signals, await monitor(house)
    await signals.declare(house.operator, "incident", "Something burns", [probe.agent_id])
    for _ in range(3):
        await mine.set(probe.credential(), "incident", "5xx", lasts=600)
        await mine.clear(probe.credential(), "incident")
    told = [(each.kind, each.by_name) for each in await house.hub.list_notices(house.operator, limit=9)]
    assert told == [("signal_cleared", "probe"), ("signal_set", "probe")]
    assert len(await house.events("signal.set")) == 3
