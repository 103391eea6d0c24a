"""How risky BankID takes an order to be, against what the question accepts, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused
from tests.fakes.bankid_scene import anna
from tests.flows.test_step_up import gives_up, require, waiting_question
from tests.flows.test_step_up_bankid import Country, country

__all__ = ["country"]


async def signed(country: Country, *, most_risk: str | None, risk: str | None, blocks: bool = True) -> dict[str, Any]:
    """What became of a step-up for which Anna signed while BankID saw this risk.

    `blocks` False: BankID completes the order all the same, as it does where nothing was asked of it.
    """
    world, bankid = country.world, country.bankid
    await country.link(anna())
    limit = {} if most_risk is None else {"most_risk": most_risk}
    await require(world, methods=["bankid"], **limit)
    asking, name = await waiting_question(world, await world.agent())
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "bankid", same_device=False)
    bankid.risk = risk
    order = bankid.scan(begun["shown"]["qr"], anna())
    assert order.asked.get("requirement", {}).get("risk") == most_risk
    if not blocks:
        del order.asked["requirement"]
    bankid.approve(order)
    accepted = most_risk is None or (risk == "low" and most_risk == "low")
    found = await country.until(begun["step_up_id"], "proven" if accepted else "ended")
    if not accepted:
        with pytest.raises(Refused) as refused:
            await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
        assert refused.value.problem["code"] == "step_up_not_proven"
    await gives_up(asking)
    return found


async def ended_in_log(country: Country) -> list[str]:
    """What the audit log says of step-ups that ended, once it is sealed."""
    path = f"/v1/orgs/{country.world.org_id}/audit/events?kind=step_up.ended"
    while await country.world.hub.sealer.seal_all():
        pass
    return [line["entry"]["decision"] for line in (await country.world.owner.call("GET", path))["items"]]


async def test_a_risk_within_the_questions_limit_proves(country: Country) -> None:
    assert (await signed(country, most_risk="low", risk="low"))["cause"] is None


async def test_without_a_limit_a_moderate_risk_proves_as_before(country: Country) -> None:
    assert (await signed(country, most_risk=None, risk="moderate"))["cause"] is None


@pytest.mark.parametrize(("most_risk", "risk"), [("low", "moderate"), ("moderate", "high")])
async def test_bankid_itself_ends_an_order_with_more_risk_than_the_question_accepts(
    country: Country, most_risk: str, risk: str
) -> None:
    found = await signed(country, most_risk=most_risk, risk=risk)
    assert (found["cause"], found["hint"]) == ("too_risky", "transactionRiskBlocked")
    assert await ended_in_log(country) == ["too_risky"]


async def test_a_signature_over_the_limit_that_bankid_lets_pass_is_refused_by_the_hub_and_recorded(
    country: Country,
) -> None:
    found = await signed(country, most_risk="low", risk="moderate", blocks=False)
    assert (found["cause"], found["hint"]) == ("too_risky", "risk")
    assert await ended_in_log(country) == ["too_risky"]


async def test_a_risk_that_was_asked_for_and_is_missing_is_refused_and_recorded(country: Country) -> None:
    found = await signed(country, most_risk="moderate", risk=None, blocks=False)
    assert (found["cause"], found["hint"]) == ("too_risky", "risk_missing")
    assert await ended_in_log(country) == ["too_risky"]


async def test_a_stolen_session_does_not_lift_the_limit(country: Country) -> None:
    world = country.world
    await require(world, most_risk="low")
    given = await world.send("PUT", f"/v1/orgs/{world.org_id}/requirement", by=world.owner, body={})
    assert (given.status, given.json()["code"]) == (403, "fresh_factor_needed")
