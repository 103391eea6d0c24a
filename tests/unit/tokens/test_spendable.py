"""What makes an approval void between the yes and the act."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Conflict
from tests.unit.hub_fixture import StaffedHub, code_of


async def refused_code(house: StaffedHub, *changes: str) -> str:
    token = await house.bot.approved()
    for change in changes:
        assert await house.change(change) > 0
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert (await house.bot.standing(token.escalation_id)).approval_token is None
    return code_of(refused.value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE escalations SET epoch = 'epo_before_the_restore'", "restored_copy"),
        ("UPDATE escalations SET token_state = 'revoked'", "token_revoked"),
        ("UPDATE escalations SET token_state = 'expired'", "token_expired"),
        ("UPDATE escalations SET valid_until = 1", "token_expired"),
        ("UPDATE agents SET state = 'paused'", "agent_paused"),
        ("UPDATE orgs SET stopped_at = 1", "org_stopped"),
        ("UPDATE people SET state = 'disabled'", "approver_gone"),
        ("UPDATE memberships SET removed_at = 1", "approver_gone"),
        ("UPDATE devices SET state = 'revoked'", "approver_gone"),
        ("UPDATE devices SET state = 'pending'", "approver_gone"),
    ],
)
async def test_the_token_is_void_at_once_with_its_cause(house: StaffedHub, change: str, code: str) -> None:
    assert await refused_code(house, change) == code


async def test_a_revoked_agent_redeems_nothing(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.change("UPDATE agents SET state = 'revoked'")
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert code_of(refused.value) == "agent_revoked"


async def test_an_approval_lives_as_long_as_the_approver_signed(house: StaffedHub) -> None:
    token = await house.bot.approved()
    until = (await house.bot.standing(token.escalation_id)).escalation.valid_until
    assert until == house.time.now + 600 * SECOND
    house.time.now = until - 1
    fresh = (await house.bot.standing(token.escalation_id)).approval_token
    assert fresh is not None
    house.time.now = until
    assert (await house.bot.standing(token.escalation_id)).approval_token is None
    with pytest.raises(Conflict) as refused:
        await token.redeem(token=fresh)
    assert code_of(refused.value) == "token_expired"


async def test_a_recalled_approval_says_who_took_it_back_in_the_log(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.recall(house.owner.credential, token.escalation_id)
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert (code_of(refused.value), refused.value.extra["cause"]) == ("token_revoked", "recalled")


async def test_pausing_an_agent_and_resuming_it_does_not_bring_its_token_back(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "active")
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert (code_of(refused.value), refused.value.extra["cause"]) == ("token_revoked", "agent_paused")


async def test_stopping_and_resuming_the_organisation_does_not_bring_a_token_back(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.govern.stop(house.operator, house.org_id)
    await house.hub.govern.resume(house.operator, house.org_id)
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert code_of(refused.value) == "token_revoked"


async def test_of_two_needed_approvals_one_that_counts_no_more_makes_the_token_void(house: StaffedHub) -> None:
    ada, bea = await house.person("Ada"), await house.person("Bea")
    await house.change("UPDATE orgs SET requirement = '{\"approvals\":2}'")
    opened = await house.bot.ask(action := house.bot.action())
    await ada.answer(opened.escalation.id)
    await bea.answer(opened.escalation.id)
    standing = await house.bot.standing(opened.escalation.id)
    assert standing.approval_token is not None
    await house.hub.govern.set_person_state(house.operator, house.org_id, bea.person_id, "disabled")
    assert (await house.bot.standing(opened.escalation.id)).approval_token is None
    assert action["action_id"] == standing.escalation.action_id
