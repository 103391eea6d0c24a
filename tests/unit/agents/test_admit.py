"""A signed request counts once, while its agent may act, and in its own copy of the database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from approvals_hub.agents.admit import admit_agent_in, readmit_agent_in
from approvals_hub.agents.agent import WINDOW, Agent, AgentCredential
from approvals_hub.app import OpenHub
from approvals_hub.core.errors import HubError, Unauthenticated
from approvals_hub.hub import Hub
from tests.unit.hub_fixture import StaffedHub, staffed_hub


async def admit(
    house: StaffedHub, credential: AgentCredential, *, hub: Hub | None = None, paused_may: bool = False
) -> str:
    """`in`, or the code of the refusal; a commit either way."""
    now, started = house.time.now, house.hub.epoch.started
    found = await (hub or house.hub).db.run(
        lambda tx: admit_agent_in(tx, credential, now, epoch_started=started, paused_may=paused_may)
    )
    return found.code if isinstance(found, HubError) else "in"


async def test_a_request_is_let_in_once(house: StaffedHub) -> None:
    credential = house.bot.credential()
    assert [await admit(house, credential) for _ in range(2)] == ["in", "nonce_replayed"]


async def test_a_request_replayed_after_a_restart_is_refused(house: StaffedHub) -> None:
    credential = house.bot.credential()
    assert await admit(house, credential) == "in"
    async with OpenHub(house.place, house.time.clock) as restarted:
        assert await admit(house, credential, hub=restarted) == "nonce_replayed"


async def test_a_request_replayed_at_another_process_is_refused(postgres_uri: str, tmp_path: Path) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        other = await house.another_process()
        credential = house.bot.credential()
        told = await asyncio.gather(*(admit(house, credential, hub=hub) for hub in (house.hub, other) * 10))
        assert sorted(told) == ["in"] + ["nonce_replayed"] * 19


async def test_two_agents_may_choose_the_same_nonce(house: StaffedHub) -> None:
    other = await house.agent("other")
    assert await admit(house, house.bot.credential(nonce="n")) == "in"
    assert await admit(house, other.credential(nonce="n")) == "in"


@pytest.mark.parametrize(
    ("away", "told"),
    [
        (0, "in"),
        (-WINDOW, "in"),
        (WINDOW, "in"),
        (-WINDOW - 1, "signature_outside_window"),
        (WINDOW + 1, "signature_outside_window"),
        (-30 * 86_400_000, "signature_outside_window"),
    ],
)
async def test_a_request_from_outside_the_window_is_refused(house: StaffedHub, away: int, told: str) -> None:
    house.time.now += 2 * WINDOW
    assert await admit(house, house.bot.credential(created=house.time.now + away)) == told


async def test_a_nonce_older_than_the_restore_is_refused(house: StaffedHub) -> None:
    """The restored copy has forgotten the nonces that were spent after the backup."""
    started = house.hub.epoch.started // 1000 * 1000
    assert await admit(house, house.bot.credential(created=started - 1)) == "signature_outside_window"
    assert await admit(house, house.bot.credential(created=started)) == "in"


async def test_a_unit_that_fails_has_spent_no_nonce(house: StaffedHub) -> None:
    credential, now = house.bot.credential(), house.time.now

    async def work(tx: object) -> None:
        await admit_agent_in(tx, credential, now, epoch_started=0)  # type: ignore[arg-type] # the engine's own tx
        raise RuntimeError("the unit fails")

    with pytest.raises(RuntimeError, match="fails"):
        await house.hub.db.run(work)
    assert await admit(house, credential) == "in"


async def test_a_refused_request_has_spent_its_nonce(house: StaffedHub) -> None:
    await house.change("UPDATE agents SET state = 'paused'")
    credential = house.bot.credential()
    assert await admit(house, credential) == "agent_paused"
    await house.change("UPDATE agents SET state = 'active'")
    assert await admit(house, credential) == "nonce_replayed"


async def test_a_paused_agent_may_read_its_own_state(house: StaffedHub) -> None:
    await house.change("UPDATE agents SET state = 'paused'")
    assert await admit(house, house.bot.credential(), paused_may=True) == "in"


@pytest.mark.parametrize("state", ["revoked"])
async def test_a_revoked_agent_is_out_also_in_the_midst_of_a_request(house: StaffedHub, state: str) -> None:
    credential, now = house.bot.credential(), house.time.now
    assert await admit(house, credential) == "in"
    await house.change("UPDATE agents SET state = :state", state=state)
    found = await house.hub.db.read(lambda tx: readmit_agent_in(tx, credential, now))
    assert isinstance(found, Unauthenticated)


async def test_a_request_under_way_is_read_again_without_its_nonce(house: StaffedHub) -> None:
    credential, now = house.bot.credential(), house.time.now
    assert await admit(house, credential) == "in"
    found = await house.hub.db.read(lambda tx: readmit_agent_in(tx, credential, now))
    assert isinstance(found, Agent)


async def test_an_api_key_is_let_in_as_often_as_it_likes_until_it_is_revoked(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    assert [await admit(house, script.credential()) for _ in range(2)] == ["in", "in"]
    await house.change("UPDATE agent_api_keys SET revoked_at = :now", now=house.time.now)
    assert await admit(house, script.credential()) == "key_expired"
    now = house.time.now
    found = await house.hub.db.read(lambda tx: readmit_agent_in(tx, script.credential(), now))
    assert isinstance(found, Unauthenticated)
