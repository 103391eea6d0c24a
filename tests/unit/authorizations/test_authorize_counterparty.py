"""One call before any risky action, with proofs of counterparties."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.authorizations.told import Authorized
from approvals_hub.core.errors import Conflict, Invalid
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from approvals_hub_client.proof import proof_hash
from tests.unit.hub_actors import Bot
from tests.unit.hub_fixture import AUDIENCE, PUBLIC_URL, StaffedHub
from tests.unit.policies.kept_policies import DENY, publish, rules

PROVEN = "id: buy, effect: allow, action: purchase, proof: {required: true}"
PROOF_WANTED = rules("id: buy, effect: allow, action: '*', proof: {required: true}, counterparty_proof: required")


async def known(house: StaffedHub) -> None:
    """Proofs of this very hub count under the name that every action here has as its audience."""
    await house.hub.keep_trusted_hubs.add(
        house.operator, house.org_id, name="This hub", issuer=PUBLIC_URL, audiences=(AUDIENCE,)
    )


def purchase(bot: Bot, amount: int = 100, **changes: Any) -> dict[str, Any]:
    return bot.action(action_type="purchase", payload={"amount_minor": amount, "currency": "USD"}, **changes)


async def authorize(bot: Bot, action: dict[str, Any] | None = None, **more: Any) -> Authorized:
    return await bot.house.hub.authorize(bot.credential(), purchase(bot) if action is None else action, **more)


async def test_an_answer_without_the_counterpartys_proof_is_not_the_answer_with_it(house: StaffedHub) -> None:
    await known(house)
    proof = (await (await (await house.agent()).approved()).redeem()).proof_token
    await publish(house, PROOF_WANTED)
    action = purchase(house.bot)
    assert (await authorize(house.bot, action)).told.decision.decision == "DENY"
    assert (await authorize(house.bot, action, counterparty_proofs=(proof,))).told.decision.decision == "ALLOW"


async def test_an_agents_own_proof_is_no_counterpartys(house: StaffedHub) -> None:
    await known(house)
    await publish(house, rules(PROVEN, PROOF_WANTED.partition("rules:")[2].strip()[3:-1]))
    own = (await authorize(house.bot)).told.proof_token
    with pytest.raises(Invalid) as refused:
        await authorize(house.bot, house.bot.action(), counterparty_proofs=(str(own),))
    assert refused.value.extra == {"reason": "own"}


async def test_a_counterpartys_proof_is_wanted_verified_taken_once_and_stands_in_the_chain(house: StaffedHub) -> None:
    await known(house)
    proof = (await (await (await house.agent()).approved()).redeem()).proof_token
    await publish(house, PROOF_WANTED)
    without = await authorize(house.bot)
    assert (without.told.decision.decision, without.told.decision.code) == ("DENY", "counterparty_proof")
    found = await authorize(house.bot, counterparty_proofs=(proof,))
    assert found.told.decision.decision == "ALLOW"
    assert loads(paseto.unverified(str(found.told.proof_token)))["prev"] == [proof_hash(proof)]
    with pytest.raises(Conflict) as refused:
        await authorize(house.bot, counterparty_proofs=(proof,))
    assert refused.value.code == "counterparty_proof_used"
    with pytest.raises(Invalid):
        await authorize(house.bot, counterparty_proofs=(proof[:-4] + "AAAA",))


async def test_a_proof_is_not_used_up_by_what_is_not_allowed(house: StaffedHub) -> None:
    await known(house)
    proof = (await (await (await house.agent()).approved()).redeem()).proof_token
    await publish(house, DENY)
    await authorize(house.bot, counterparty_proofs=(proof,))
    await publish(house, PROOF_WANTED, version=1)
    assert (await authorize(house.bot, counterparty_proofs=(proof,))).told.decision.decision == "ALLOW"


async def test_where_people_are_asked_the_counterpartys_proof_comes_with_the_token(house: StaffedHub) -> None:
    await known(house)
    proof = (await (await (await house.agent()).approved()).redeem()).proof_token
    rule = "id: buy, effect: allow, action: '*', counterparty_proof: required, approval: {reason: optional}"
    await publish(house, rules(rule))
    token = await house.bot.approved()
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert (refused.value.code, refused.value.extra["reason"]) == ("policy_denies", "counterparty_proof")
    assert not (await token.redeem(counterparty_proofs=(proof,))).repeated
