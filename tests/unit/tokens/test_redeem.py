"""Spending an approval token, once."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub


async def test_an_approved_action_is_redeemed_with_a_proof(house: StaffedHub) -> None:
    token = await house.bot.approved()
    redeemed = await token.redeem()
    assert (redeemed.jti, redeemed.escalation_id, redeemed.repeated) == (token.jti, token.escalation_id, False)
