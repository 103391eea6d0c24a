"""How it came to a decision, as an agent is told on demand."""

from __future__ import annotations

import msgspec

from approvals_hub.core.clock import HOUR
from tests.unit.authorizations.test_authorize import authorize, purchase
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import publish, rules


async def test_the_way_to_an_answer_is_told_on_demand_and_the_same_when_it_is_asked_for_later(
    house: StaffedHub,
) -> None:
    await publish(
        house,
        rules(
            "id: night, effect: allow, action: purchase, constraints: {amount_max: 50, times: {from: '00:00',"
            " until: '00:01', zone: UTC}}, where: {team: secret-team}",
            "id: buy, effect: allow, action: purchase",
        ),
    )
    action = purchase(house.bot)
    plain = await authorize(house.bot, action)
    house.time.now += HOUR
    traced = await authorize(house.bot, action, trace=True)
    assert (plain.trace, traced.told, traced.repeated) == (None, plain.told, True)
    assert traced.trace is not None
    assert [(each.rule_id, each.matches, each.decides) for each in traced.trace] == [
        ("night", False, False),
        ("buy", True, True),
    ]
    assert traced.trace[0].parts["constraints.amount"] == "false"


async def test_an_agent_that_reads_the_trace_learns_no_limit_name_or_list(house: StaffedHub) -> None:
    await publish(
        house,
        rules(
            "id: a, effect: deny, action: purchase, constraints: {amount_min: 54321,"
            " blocked_domains: [hidden.example]}, where: {team: secret-team},"
            " when: {match: {path: $.payload.hush, op: eq, value: hidden-word}}",
            "id: other, effect: deny, action: 'db.*'",
        ),
    )
    found = await authorize(house.bot, trace=True)
    assert found.trace is not None
    told = msgspec.json.encode(found.trace).decode()
    assert [each.rule_id for each in found.trace] == ["a"]
    assert [word for word in ("54321", "hidden", "secret", "hush") if word in told] == []


async def test_where_there_is_no_policy_there_is_no_way_to_tell(house: StaffedHub) -> None:
    found = await authorize(house.bot, trace=True)
    assert (found.trace, found.escalation is None) == ([], False)


async def test_an_expression_of_a_published_policy_decides(house: StaffedHub) -> None:
    await publish(
        house,
        rules("id: sum, effect: allow, action: purchase, when: {cel: 'action.payload.amount_minor * 2 <= 200'}"),
    )
    small, large = await authorize(house.bot), await authorize(house.bot, purchase(house.bot, 101), trace=True)
    assert (small.told.decision.decision, large.told.decision.decision) == ("ALLOW", "DENY")
    assert large.trace is not None
    assert large.trace[0].parts == {"when": "false"}
