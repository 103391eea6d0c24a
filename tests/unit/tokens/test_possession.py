"""Whether an executor shows that the agent handed the token over for this very redemption."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE, to_text
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.tokens.possession import POP_WINDOW, Pop
from approvals_hub_client.keys import Ed25519SigningKey
from tests.unit.hub_fixture import StaffedHub


async def test_a_stolen_token_without_the_agents_signature_spends_nothing(house: StaffedHub) -> None:
    token = await house.bot.approved()
    for pop in (None, Pop(to_text(house.time.now), "AAAA"), token.pop(by=Ed25519SigningKey())):
        with pytest.raises(Unauthenticated) as refused:
            await house.hub.redeem(token.redemption(pop=pop))
        assert refused.value.code == "invalid_pop"


async def test_a_signature_for_another_run_or_from_another_time_is_none_for_this(house: StaffedHub) -> None:
    token = await house.bot.approved()
    late = token.pop(iat=to_text(house.time.now - POP_WINDOW - MINUTE))
    for pop in (token.pop("run-2"), late):
        with pytest.raises(Unauthenticated):
            await house.hub.redeem(token.redemption(pop=pop))
    assert not (await house.hub.redeem(token.redemption())).repeated


async def test_what_stands_for_the_agents_own_request_is_not_the_executors_to_say(house: StaffedHub) -> None:
    token = await house.bot.approved()
    with pytest.raises(Unauthenticated):
        await house.hub.redeem(token.redemption(pop=None, signed_by="guessed"))
