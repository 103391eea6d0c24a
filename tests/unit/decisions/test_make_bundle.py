"""Who gets the receipt bundle of a question, and that it holds."""

from __future__ import annotations

from approvals_hub_client.bundle import verify_bundle
from approvals_hub_client.bundle_form import Bundle
from approvals_hub_client.canonical import dumps
from approvals_hub_client.trust import plain
from tests.unit.hub_fixture import StaffedHub


def held(bundle: Bundle) -> None:
    report = verify_bundle(dumps(plain(bundle)))
    assert report.first_bad is None
    assert report.ok


async def test_the_bundle_of_a_redeemed_approval_verifies(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    held(await house.hub.make_bundle(house.bot.credential(), token.escalation_id))
