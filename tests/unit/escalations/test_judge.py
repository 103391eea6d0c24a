"""What an organisation's policies and its default requirement ask together."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Invalid
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import publish, rules


async def test_a_request_may_ask_more_than_the_policy_and_no_less(house: StaffedHub) -> None:
    for name in ("Ada", "Bo", "Cy"):
        await house.person(name)
    await publish(house, rules("id: a, effect: allow, action: '*', approval: {quorum: 2}"))
    more = await house.bot.ask(requirement={"approvals": 3})
    assert more.escalation.asked().approvals == 3
    with pytest.raises(Invalid) as refused:
        await house.bot.ask(requirement={"approvals": 1})
    assert refused.value.code == "requirement_loosened"


async def test_demands_that_came_apart_after_the_policy_was_published_refuse_the_question(house: StaffedHub) -> None:
    await publish(house, rules("id: a, effect: allow, action: '*', approval: {methods: [passkey]}"))
    await house.require(methods=["bankid"])
    with pytest.raises(Conflict) as refused:
        await house.bot.ask()
    assert (refused.value.code, refused.value.extra) == ("requirements_apart", {"rule_id": "a"})


@pytest.mark.parametrize("sent", ["email_otp", "sms_otp"])
async def test_nobody_approves_by_a_code_that_was_sent_what_a_label_calls_critical(
    house: StaffedHub, sent: str
) -> None:
    labels = "labels: [{action: db.*, risk: critical}]"
    await publish(house, f"version: 1\ndefault: require_approval\n{labels}\nrules: []\n")
    await house.require(methods=("passkey", sent))
    for attempt in (house.bot.ask(), house.hub.authorize(house.bot.credential(), house.bot.action())):
        with pytest.raises(Conflict) as refused:
            await attempt
        assert (refused.value.code, sent in refused.value.detail) == ("requirements_apart", True)
    assert await house.rows("SELECT id FROM escalations") == []
    assert (await house.bot.ask(house.bot.action(action_type="mail.read"))).escalation.open
