"""Limits as the database keeps them: whose total it is, and when what was spent leaves the window."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.clock import DAY, HOUR, MINUTE, SECOND
from tests.unit.hub_actors import Bot
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import publish, rules

WEEK, MONTH = 7 * DAY, 31 * DAY


def limited(name: str, window: str, per: str) -> str:
    spend = f"{{limit: 100, currency: EUR, window: {window}, per: {per}, above: deny}}"
    return f"id: {name}, effect: allow, action: pay.{name}, spend: {spend}"


async def spends(bot: Bot, rule: str, amount: int, vendor: str = "shop.example") -> str:
    """What comes of it; every one is another action."""
    action: dict[str, Any] = bot.action(
        action_type=f"pay.{rule}",
        relying_party={"domain": vendor},
        payload={"amount_minor": amount, "currency": "EUR", "merchant_domain": vendor},
    )
    return (await bot.house.hub.authorize(bot.credential(), action)).told.decision.decision


async def test_a_total_is_the_agents_the_vendors_the_teams_or_all_of_the_organisations(house: StaffedHub) -> None:
    await publish(house, rules(*(limited(per, "month", per) for per in ("agent", "vendor", "team", "org"))))
    one, same_team, other_team = house.bot, await house.agent("second"), await house.agent("third")
    for bot, team in ((one, "web"), (same_team, "web"), (other_team, "ops")):
        label = house.hub.policies.label_agents
        await label(house.operator, bot.agent_id, teams=[team], project=None, environment=None)
    found = {}
    for per in ("agent", "vendor", "team", "org"):
        found[per] = [
            await spends(one, per, 60),
            await spends(one, per, 50),
            await spends(same_team, per, 50),
            await spends(other_team, per, 50),
            await spends(other_team, per, 50, "bank.example"),
            await spends(other_team, per, 10, "cards.bank.example"),
        ]
    #            60          110 > 100  the second   the third    elsewhere    below elsewhere
    assert found == {
        "agent": ["ALLOW", "DENY", "ALLOW", "ALLOW", "ALLOW", "DENY"],  # 60; 50; 50 + 50, then 110
        "vendor": ["ALLOW", "DENY", "DENY", "DENY", "ALLOW", "ALLOW"],  # 60 at one; 50 + 10 at the other
        "team": ["ALLOW", "DENY", "DENY", "ALLOW", "ALLOW", "DENY"],  # 60 of web; 50 + 50 of ops, then 110
        "org": ["ALLOW", "DENY", "DENY", "DENY", "DENY", "ALLOW"],  # 60, then 110 each time; 70
    }


async def test_what_was_spent_counts_for_an_hour_a_day_a_week_or_a_month_and_no_second_longer(
    house: StaffedHub,
) -> None:
    windows = {"hour": HOUR, "day": DAY, "week": WEEK, "month": MONTH}
    await publish(house, rules(*(limited(name, name, "org") for name in windows)))
    began = house.time.now
    for name in windows:
        assert await spends(house.bot, name, 100) == "ALLOW"
    for name, lasts in windows.items():
        house.time.now = began + lasts - SECOND
        before = {each: await spends(house.bot, each, 1) for each in windows if windows[each] >= lasts}
        assert set(before.values()) == {"DENY"}, (name, before)
        house.time.now = began + lasts + SECOND
        after = {each: await spends(house.bot, each, 1) for each in windows if windows[each] >= lasts}
        assert after == {each: "ALLOW" if each == name else "DENY" for each in after}


async def test_what_nobody_answers_recalls_or_spends_in_time_is_spent_by_somebody_else(house: StaffedHub) -> None:
    await publish(
        house, rules(limited("org", "month", "org") + ", approval: {expires_in: 1h, approval_valid_for: 60s}")
    )
    bot, payload = house.bot, {"amount_minor": 100, "currency": "EUR"}

    async def asks() -> str:
        """The id of a question about all that there is to spend."""
        found = await bot.house.hub.authorize(bot.credential(), bot.action(action_type="pay.org", payload=payload))
        return "" if found.escalation is None else found.escalation.id

    unanswered = await asks()
    assert (unanswered != "", await asks()) == (True, "")
    house.time.now += HOUR
    approved = await asks()  # also before the worker has ended the first one
    await house.owner.answer(approved)
    assert await asks() == ""
    house.time.now += MINUTE
    recalled = await asks()
    await house.owner.answer(recalled)
    await house.hub.recall(house.owner.credential, recalled)
    assert await asks() != ""


async def test_how_often_is_counted_in_the_database_for_each_agent_and_released_by_no_report(house: StaffedHub) -> None:
    rule = "id: often, effect: allow, action: '*', frequency: {most: 2, window: hour, per: agent, above: deny}"
    await publish(house, rules(f"{rule}, proof: {{required: true}}"))
    bots = [house.bot, await house.agent("second")]

    async def asked(bot: Bot) -> str:
        told = (await house.hub.authorize(bot.credential(), bot.action())).told
        if told.proof_token is not None:
            jti = str(told.proof_jti)
            await house.hub.report(jti, status="failed", detail=None, proof_token=told.proof_token)
        return told.decision.decision

    assert [await asked(bot) for bot in bots * 3] == ["ALLOW"] * 4 + ["DENY"] * 2
    house.time.now += HOUR + SECOND
    assert [await asked(bot) for bot in bots] == ["ALLOW"] * 2
