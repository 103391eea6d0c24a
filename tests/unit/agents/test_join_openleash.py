"""OpenLeash agents join whom somebody has invited, and nobody else."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from approvals_hub.agents.invite import Invited
from approvals_hub.agents.join_openleash import Challenge, Joined
from approvals_hub.agents.openleash_names import ForOpenLeash
from approvals_hub.core.clock import DAY, MINUTE
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import register_bytes
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.openleash_bot import openleash_bot, public

FORMER = "6fa459ea-ee8a-4ca4-894e-db77e160355e"


async def invite(house: StaffedHub, **expecting: str) -> Invited:
    return await house.hub.invite_agent(
        house.operator, house.org_id, name="Shopper", openleash=ForOpenLeash(**expecting)
    )


async def join(house: StaffedHub, invited: Invited, key: Ed25519SigningKey, name: str = "shopper") -> Joined:
    return await house.hub.join_openleash.by_invite(invited.invite_id, invited.token, name, public(key))


async def refused(call: Any, kind: type[HubError]) -> str:
    with pytest.raises(kind) as found:
        await call
    return code_of(found.value)


def sign(key: Ed25519SigningKey, challenge: Challenge) -> str:
    return b64encode(key.sign(challenge.challenge)).decode()


async def answer(
    house: StaffedHub, key: Ed25519SigningKey, challenge: Challenge, owner_id: str = "", **instead: Any
) -> Joined:
    members: dict[str, Any] = {
        "challenge_id": challenge.challenge_id,
        "handle": "shopper",
        "public_key": public(key),
        "signature": sign(key, challenge),
        "owner_type": "user",
        "owner_id": owner_id or house.owner.person_id,
        **instead,
    }
    return await house.hub.join_openleash.by_challenge(**members)


async def test_an_invitation_makes_one_agent_with_its_name_and_key(house: StaffedHub) -> None:
    invited, key = await invite(house), Ed25519SigningKey()
    joined = await join(house, invited, key)
    assert (joined.handle, joined.org_id, joined.owner_id) == ("shopper", house.org_id, house.owner.person_id)
    assert await join(house, invited, key) == joined
    assert await refused(join(house, invited, Ed25519SigningKey()), Unauthenticated) == "invite_invalid"
    entry = (await house.events("agent.registered"))[-1]
    assert (entry["trust"], entry["signature_valid"], entry["detail"]["key"]) == (
        "openleash",
        None,
        key.public.thumbprint,
    )


async def test_of_many_with_one_invitation_at_once_one_joins(house: StaffedHub) -> None:
    invited = await invite(house)
    calls = (join(house, invited, Ed25519SigningKey(), f"a{number}") for number in range(10))
    told = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, Joined) for one in told) == 1
    assert all(isinstance(one, (Joined, Unauthenticated)) for one in told)


async def test_an_invitation_for_the_one_protocol_is_none_for_the_other(house: StaffedHub) -> None:
    ours = await house.hub.invite_agent(house.operator, house.org_id, name="bot")
    assert await refused(join(house, ours, Ed25519SigningKey()), Unauthenticated) == "invite_invalid"
    theirs, key = await invite(house), Ed25519SigningKey()
    text = b64u(key.public.raw)
    proof = b64u(key.sign(register_bytes(invite=theirs.token, public_key=text)))
    assert await refused(house.hub.register_agent(theirs.token, text, proof), Unauthenticated) == "invite_invalid"


async def test_an_unknown_a_late_a_mixed_up_and_anothers_invitation_get_the_same_words(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    late = await invite(house)
    house.time.now += DAY
    first, second = await invite(house), await invite(house)
    fresh = [await invite(house, agent_id="else"), await invite(house, public_key=public(Ed25519SigningKey()))]
    tried = [
        Invited("ain_0", "inv_0", 0),
        late,
        Invited(fresh[0].invite_id, fresh[1].token, 0),
        Invited(first.invite_id, second.token, 0),
        *fresh,
    ]
    words = set()
    for one in tried:
        with pytest.raises(Unauthenticated) as found:
            await join(house, one, key)
        words.add((found.value.code, found.value.detail, found.value.next_step))
    assert len(words) == 1


async def test_a_name_is_not_taken_over_from_another_owner_nor_across_organisations(house: StaffedHub) -> None:
    first = await openleash_bot(house)
    for again in (await invite(house), await invite(house, agent_id="shopper")):
        assert await refused(join(house, again, Ed25519SigningKey()), Conflict) == "agent_name_taken"
    # Nor when the one who has it is revoked, but in another organisation.
    await house.hub.govern.set_agent_state(house.operator, house.org_id, first.agent_id, "revoked")
    await house.change("UPDATE agents SET org_id = 'org_other' WHERE id = :id", id=first.agent_id)
    assert await refused(join(house, again, Ed25519SigningKey()), Conflict) == "agent_name_taken"
    await house.change("UPDATE agents SET org_id = :org WHERE id = :id", org=house.org_id, id=first.agent_id)
    joined = await join(house, again, Ed25519SigningKey())
    assert await house.hub.agent_keys.agent_of("shopper") == joined.agent_id


async def test_one_name_for_two_at_once_makes_one_agent(house: StaffedHub) -> None:
    invited = [await invite(house) for _ in range(6)]
    told = await asyncio.gather(*(join(house, one, Ed25519SigningKey()) for one in invited), return_exceptions=True)
    assert sum(isinstance(one, Joined) for one in told) == 1
    assert all(isinstance(one, (Joined, Conflict)) for one in told)


async def test_a_key_that_some_agent_has_spends_no_invitation(house: StaffedHub) -> None:
    invited = await invite(house)
    assert await refused(join(house, invited, house.bot.key), Conflict) == "key_taken"
    assert (await join(house, invited, Ed25519SigningKey())).handle == "shopper"


async def test_nobody_registers_an_agent_under_somebody_elses_account_without_their_consent(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    challenge = house.hub.join_openleash.challenge("shopper", public(key))
    assert await refused(answer(house, key, challenge), Forbidden) == "owner_not_asked"
    ada = await house.person("Ada", "owner")
    await house.hub.invite_agent(
        house.operator, house.org_id, name="A", owner_id=ada.person_id, openleash=ForOpenLeash(public_key=public(key))
    )
    for other in (house.owner.person_id, FORMER, "org_other"):
        assert await refused(answer(house, key, challenge, other), Forbidden) == "owner_not_asked"
    assert (await answer(house, key, challenge, ada.person_id)).owner_id == ada.person_id
    assert [entry["decision"] for entry in await house.events("agent.refused")] == ["owner_not_asked"] * 3


async def test_whoever_else_names_the_key_stands_in_nobodys_way(house: StaffedHub) -> None:
    key, ada = Ed25519SigningKey(), await house.person("Ada", "owner")
    await invite(house, public_key=public(key))
    expecting = ForOpenLeash(public_key=public(key))
    await house.hub.invite_agent(house.operator, house.org_id, name="A", owner_id=ada.person_id, openleash=expecting)
    challenge = house.hub.join_openleash.challenge("shopper", public(key))
    assert (await answer(house, key, challenge)).owner_id == house.owner.person_id


async def test_a_key_that_was_expected_joins_with_a_challenge_and_keeps_how_it_names_its_owner(
    house: StaffedHub,
) -> None:
    key = Ed25519SigningKey()
    await invite(house, public_key=public(key), agent_id="shopper", owner_id=FORMER)
    challenge = house.hub.join_openleash.challenge("shopper", public(key))
    joined = await answer(house, key, challenge, FORMER)
    assert await answer(house, key, challenge, FORMER) == joined
    entry = (await house.events("agent.registered"))[-1]
    assert (entry["trust"], entry["signature_valid"]) == ("openleash", True)
    assert (await house.events("agent.invited"))[-1]["detail"]["key"] == key.public.thumbprint


@pytest.mark.parametrize("what", ["signature", "request", "name", "key", "made up", "late", "base64"])
async def test_a_challenge_is_for_one_name_and_key_signed_by_that_key_in_time(house: StaffedHub, what: str) -> None:
    key, other = Ed25519SigningKey(), Ed25519SigningKey()
    for each in (key, other):
        await invite(house, public_key=public(each))
    challenge = house.hub.join_openleash.challenge("shopper", public(key))
    house.time.now += 5 * MINUTE if what == "late" else 0
    instead: dict[str, Any] = {
        "signature": {"signature": sign(other, challenge)},
        # What a request or a statement signs is never these bytes.
        "request": {"signature": b64encode(key.sign(b"POST\n/v1/authorize")).decode()},
        "name": {"handle": "other"},
        "key": {"public_key": public(other), "signature": sign(other, challenge)},
        "made up": {"challenge_id": "chl_" + b64u(bytes(56))},
        "late": {},
        "base64": {"signature": "å"},
    }[what]
    kind = Unauthenticated if "signature" in instead and what != "key" else Invalid
    code = await refused(answer(house, key, challenge, **instead), kind)
    assert code in ("invalid_signature", "challenge_unknown", "challenge_expired")


async def test_an_expected_key_joins_once(house: StaffedHub) -> None:
    key = Ed25519SigningKey()
    await invite(house, public_key=public(key))
    challenge = house.hub.join_openleash.challenge("shopper", public(key))
    joined = await answer(house, key, challenge)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, joined.agent_id, "revoked")
    assert await refused(answer(house, key, challenge), Forbidden) == "owner_not_asked"
    second = house.hub.join_openleash.challenge("again", public(key))
    assert await refused(answer(house, key, second, handle="again"), Forbidden) == "owner_not_asked"
