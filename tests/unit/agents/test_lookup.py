"""Whose key a request names."""

from __future__ import annotations

import pytest

from approvals_hub.agents.agent import ApiKey, api_key_hash
from approvals_hub.agents.lookup import REMEMBERED, AgentKeys
from approvals_hub.core.errors import Unauthenticated
from tests.unit.hub_fixture import StaffedHub


async def test_a_key_is_found_with_its_agent_and_organisation(house: StaffedHub) -> None:
    known = await house.hub.agent_keys.signed(house.bot.key_id)
    assert known is not None
    assert (known.agent_id, known.org_id, known.key) == (house.bot.agent_id, house.org_id, house.bot.key.public)


async def test_an_unknown_key_is_nobodys(house: StaffedHub) -> None:
    assert await house.hub.agent_keys.signed("key_unknown") is None
    assert await house.hub.agent_keys.bearer(api_key_hash("ahk_unknown")) is None


async def test_a_key_that_comes_later_is_found_though_it_was_asked_for_before(house: StaffedHub) -> None:
    made = await house.hub.invite_agent.with_api_key(house.operator, house.org_id, name="s")
    keys = AgentKeys(house.hub.db)
    await house.change("UPDATE agent_api_keys SET secret_hash = :other", other=b"x")
    assert await keys.bearer(api_key_hash(made.api_key)) is None
    await house.change("UPDATE agent_api_keys SET secret_hash = :hash", hash=api_key_hash(made.api_key))
    assert await keys.bearer(api_key_hash(made.api_key)) == ApiKey(
        api_key_hash(made.api_key), made.agent_id, house.org_id
    )


async def test_a_key_is_read_from_the_database_once(house: StaffedHub) -> None:
    keys = AgentKeys(house.hub.db)
    first = await keys.signed(house.bot.key_id)
    await house.change("DELETE FROM agent_keys")
    assert await keys.signed(house.bot.key_id) is first


async def test_a_remembered_key_that_was_revoked_is_refused_by_the_unit_of_work(house: StaffedHub) -> None:
    assert await house.hub.agent_keys.signed(house.bot.key_id) is not None
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    assert await house.hub.agent_keys.signed(house.bot.key_id) is not None
    with pytest.raises(Unauthenticated):
        await house.hub.read_agents.itself(house.bot.credential())


async def test_the_memory_of_keys_is_bounded(house: StaffedHub) -> None:
    keys = AgentKeys(house.hub.db)
    known = await keys.signed(house.bot.key_id)
    assert known is not None
    keys._signed.update({f"key_{number}": known for number in range(REMEMBERED)})
    await keys.signed((await house.agent("b")).key_id)
    assert len(keys._signed) <= REMEMBERED + 1
