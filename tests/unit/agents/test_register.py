"""An agent joins with a key of its own, once, and later changes it."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from approvals_hub.agents.register import LONGEST_OVERLAP
from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import register_bytes, rotate_bytes
from tests.unit.hub_fixture import Bot, StaffedHub, code_of

SMALL_ORDER = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"


async def invite(house: StaffedHub, **changes: Any) -> str:
    return (await house.hub.invite_agent(house.operator, house.org_id, name="bot", **changes)).token


def registration(invite: str, key: Ed25519SigningKey) -> tuple[str, str, str]:
    public = b64u(key.public.raw)
    return invite, public, b64u(key.sign(register_bytes(invite=invite, public_key=public)))


def rotation(bot: Bot, key: Ed25519SigningKey) -> tuple[str, str]:
    public = b64u(key.public.raw)
    return public, b64u(key.sign(rotate_bytes(agent_id=bot.agent_id, public_key=public)))


async def test_an_invitation_makes_one_agent_with_the_key_that_it_sent(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    made = await house.hub.register_agent(*registration(await invite(house, role="ci"), key))
    assert (made.org_id, made.name, made.role) == (house.org_id, "bot", "ci")
    assert (await Bot(house, made.agent_id, made.key_id, key).ask()).escalation.agent_id == made.agent_id


async def test_a_second_agent_does_not_join_with_the_same_invitation(house: StaffedHub) -> None:
    token = await invite(house)
    await house.hub.register_agent(*registration(token, Ed25519SigningKey()))
    with pytest.raises(Unauthenticated) as refused:
        await house.hub.register_agent(*registration(token, Ed25519SigningKey()))
    assert code_of(refused.value) == "invite_invalid"
    assert len(await house.events("agent.refused")) == 1


async def test_of_many_agents_with_one_invitation_at_once_one_joins(house: StaffedHub) -> None:
    token, before = await invite(house), len(await house.rows("SELECT id FROM agents"))
    answers = await asyncio.gather(
        *(house.hub.register_agent(*registration(token, Ed25519SigningKey())) for _ in range(20)),
        return_exceptions=True,
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert all(isinstance(answer, Unauthenticated) for answer in answers if isinstance(answer, BaseException))
    assert len(await house.rows("SELECT id FROM agents")) == before + 1


async def test_a_lost_answer_is_given_again_to_the_same_key(house: StaffedHub) -> None:
    sent = registration(await invite(house), Ed25519SigningKey())
    assert await house.hub.register_agent(*sent) == await house.hub.register_agent(*sent)


async def test_an_unknown_a_used_and_an_expired_invitation_get_the_same_words(house: StaffedHub) -> None:
    used, late = await invite(house), await invite(house)
    await house.hub.register_agent(*registration(used, Ed25519SigningKey()))
    house.time.now += DAY
    words = set()
    for token in ("inv_" + "A" * 43, used, late):
        with pytest.raises(Unauthenticated) as refused:
            await house.hub.register_agent(*registration(token, Ed25519SigningKey()))
        words.add((refused.value.code, refused.value.detail, refused.value.next_step))
    assert len(words) == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "AAAA",
        b64u(bytes(32)),
        b64u(bytes.fromhex(SMALL_ORDER)),
        b64u(b"\x01" + bytes(31)),
        b64u(b"\xff" * 32),
        b64u(bytes(33)),
        "=" * 43,
        b64u(Ed25519SigningKey(bytes(32)).public.raw) + "=",
    ],
)
async def test_a_key_under_which_anybodys_signature_verifies_is_refused(house: StaffedHub, key: str) -> None:
    token = await invite(house)
    with pytest.raises(Invalid) as refused:
        await house.hub.register_agent(token, key, b64u(bytes(64)))
    assert refused.value.field == "$.public_key"


@pytest.mark.parametrize("what", ["another key", "another invitation", "the private half elsewhere", "no signature"])
async def test_whoever_does_not_hold_the_private_half_does_not_join(house: StaffedHub, what: str) -> None:
    token, key = await invite(house), Ed25519SigningKey()
    public = b64u(key.public.raw)
    proofs = {
        "another key": key.sign(register_bytes(invite=token, public_key=b64u(Ed25519SigningKey().public.raw))),
        "another invitation": key.sign(register_bytes(invite="inv_x", public_key=public)),
        "the private half elsewhere": Ed25519SigningKey().sign(register_bytes(invite=token, public_key=public)),
        "no signature": bytes(64),
    }
    with pytest.raises(Invalid) as refused:
        await house.hub.register_agent(token, public, b64u(proofs[what]))
    assert refused.value.field == "$.proof"
    assert await house.hub.register_agent(*registration(token, key))


async def test_a_key_belongs_to_one_agent_and_a_refused_one_spends_no_invitation(house: StaffedHub) -> None:
    token = await invite(house)
    with pytest.raises(Conflict) as refused:
        await house.hub.register_agent(*registration(token, house.bot.key))
    assert code_of(refused.value) == "key_taken"
    assert await house.hub.register_agent(*registration(token, Ed25519SigningKey()))


async def test_one_key_with_two_invitations_at_once_makes_one_agent(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    sent = [registration(await invite(house), key) for _ in range(10)]
    answers = await asyncio.gather(*(house.hub.register_agent(*one) for one in sent), return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert all(isinstance(answer, Conflict) for answer in answers if isinstance(answer, BaseException))


async def test_registering_is_in_the_log_with_the_hash_of_the_key(house: StaffedHub) -> None:
    [entry] = await house.events("agent.registered")
    assert (entry["agent_id"], entry["detail"]["key"]) == (house.bot.agent_id, house.bot.key.public.thumbprint)
    assert (entry["trust"], entry["signature_valid"]) == ("signed", True)


async def test_a_new_key_signs_and_the_old_one_too_until_the_overlap_is_over(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    rotated = await house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, key), 60)
    assert rotated.previous_until == house.time.now + 60 * SECOND
    new = Bot(house, house.bot.agent_id, rotated.key_id, key)
    for bot in (house.bot, new):
        await house.hub.read_agents.itself(bot.credential())
    house.time.now = rotated.previous_until
    await house.hub.read_agents.itself(new.credential())
    with pytest.raises(Unauthenticated) as refused:
        await house.hub.read_agents.itself(house.bot.credential())
    assert code_of(refused.value) == "key_expired"


async def test_without_overlap_the_old_key_ends_at_once(house: StaffedHub) -> None:
    await house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, Ed25519SigningKey()), 0)
    with pytest.raises(Unauthenticated):
        await house.hub.read_agents.itself(house.bot.credential())


async def test_a_lost_answer_to_a_rotation_is_given_again(house: StaffedHub) -> None:
    sent = rotation(house.bot, Ed25519SigningKey())
    first = await house.hub.register_agent.rotate(house.bot.credential(), *sent, 60)
    house.time.now += SECOND
    assert await house.hub.register_agent.rotate(house.bot.credential(), *sent, 60) == first
    assert len(await house.events("agent.key_added")) == 1


async def test_a_key_that_has_ended_does_not_come_back(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    rotated = await house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, key), 60)
    new = Bot(house, house.bot.agent_id, rotated.key_id, key)
    for again in (house.bot.key, key):
        with pytest.raises(Conflict):
            await house.hub.register_agent.rotate(new.credential(), *rotation(new, again), 60)


async def test_an_agent_takes_no_other_agents_key(house: StaffedHub) -> None:
    other = await house.agent("other")
    with pytest.raises(Conflict):
        await house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, other.key), 60)


async def test_a_key_of_an_agent_in_another_organisation_is_taken_too(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    await house.change(
        "INSERT INTO agent_keys (id, org_id, agent_id, public_key, thumbprint, created_at)"
        " VALUES ('key_2', 'org_2', 'agt_2', :key, 't', 1)",
        key=key.public.raw,
    )
    with pytest.raises(Conflict):
        await house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, key), 60)


async def test_of_two_rotations_at_once_one_key_lives_on(house: StaffedHub) -> None:
    keys = [Ed25519SigningKey() for _ in range(6)]
    await asyncio.gather(
        *(house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, key), 60) for key in keys)
    )
    rows = await house.rows("SELECT id FROM agent_keys WHERE valid_until IS NULL")
    assert len(rows) == 1


async def test_a_proof_for_another_agent_rotates_nothing(house: StaffedHub) -> None:
    other, key = await house.agent("other"), Ed25519SigningKey()
    with pytest.raises(Invalid):
        await house.hub.register_agent.rotate(house.bot.credential(), *rotation(other, key), 60)


@pytest.mark.parametrize("overlap", [-1, LONGEST_OVERLAP + 1])
async def test_an_overlap_out_of_range_is_refused(house: StaffedHub, overlap: int) -> None:
    with pytest.raises(Invalid):
        await house.hub.register_agent.rotate(
            house.bot.credential(), *rotation(house.bot, Ed25519SigningKey()), overlap
        )


async def test_an_agent_with_an_api_key_does_not_raise_its_own_trust(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    with pytest.raises(Forbidden):
        await house.hub.register_agent.rotate(script.credential(), *rotation(script, Ed25519SigningKey()), 60)


@pytest.mark.parametrize("state", ["paused", "revoked"])
async def test_an_agent_that_may_not_act_changes_no_key(house: StaffedHub, state: str) -> None:
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, state)
    with pytest.raises(HubError):
        await house.hub.register_agent.rotate(house.bot.credential(), *rotation(house.bot, Ed25519SigningKey()), 60)
    assert await house.events("agent.key_added") == []


async def test_a_rotation_replayed_is_refused(house: StaffedHub) -> None:
    credential, sent = house.bot.credential(nonce=os.urandom(8).hex()), rotation(house.bot, Ed25519SigningKey())
    await house.hub.register_agent.rotate(credential, *sent, 60)
    with pytest.raises(Unauthenticated) as refused:
        await house.hub.register_agent.rotate(credential, *sent, 60)
    assert code_of(refused.value) == "nonce_replayed"
