"""Fresh factors, for what a stolen session must not do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.db.database import Tx
from approvals_hub.people.session import PersonCredential, Session, admit_person_in
from approvals_hub.stepup.challenge import CHALLENGE_LIFE
from approvals_hub.stepup.fresh import Fresh
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey, SigningKey
from approvals_hub_client.statement import sign_in_bytes
from tests.fakes.front_door import PUBLIC_URL, FrontDoor, Phone, credential_of
from tests.fakes.soft_authenticator import SoftAuthenticator


async def prove(door: FrontDoor, credential: PersonCredential, fresh: Fresh | None) -> HubError | None:
    """What a use case that needs a fresh factor is told."""

    async def work(tx: Tx) -> HubError | None:
        session = await admit_person_in(tx, credential, door.time.now)
        assert isinstance(session, Session)
        return await door.fresh.verify_fresh_in(tx, session, fresh, door.time.now)

    return await door.db.run(work)


async def factor(door: FrontDoor, credential: PersonCredential, phone: Phone) -> Fresh:
    """What a page sends."""
    issued = await door.issue_challenge("fresh", credential)
    if isinstance(phone.key, SoftAuthenticator):
        return Fresh(issued.challenge_id, phone.device_id, assertion=phone.key.get(issued.challenge))
    message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=phone.device_id, audience=PUBLIC_URL)
    return Fresh(issued.challenge_id, phone.device_id, signature=phone.key.sign(message))


@pytest.mark.parametrize("key", [Ed25519SigningKey(), SoftAuthenticator()])
async def test_a_signature_of_the_persons_device_is_a_fresh_factor(
    door: FrontDoor, key: SigningKey | SoftAuthenticator
) -> None:
    owner, phone = await door.owner(key)
    assert await prove(door, owner, await factor(door, owner, phone)) is None


async def test_a_passkey_need_not_say_which_device_it_is(door: FrontDoor) -> None:
    owner, phone = await door.owner(SoftAuthenticator())
    fresh = await factor(door, owner, phone)
    assert await prove(door, owner, replace(fresh, device_id=None)) is None


@pytest.mark.parametrize("assertion", [None, {}, {"rawId": "AA", "response": {}}])
async def test_an_answer_that_names_no_passkey_of_the_person_is_refused(door: FrontDoor, assertion: Any) -> None:
    owner, phone = await door.owner(SoftAuthenticator())
    fresh = replace(await factor(door, owner, phone), device_id=None, assertion=assertion)
    assert isinstance(await prove(door, owner, fresh), Forbidden)


async def test_somebody_elses_passkey_that_names_itself_is_refused(door: FrontDoor) -> None:
    owner, _ = await door.owner(SoftAuthenticator())
    stranger = SoftAuthenticator()
    issued = await door.issue_challenge("fresh", owner)
    refused = await prove(door, owner, Fresh(issued.challenge_id, None, assertion=stranger.get(issued.challenge)))
    assert isinstance(refused, Forbidden)


async def test_a_fresh_factor_counts_once(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    fresh = await factor(door, owner, phone)
    await prove(door, owner, fresh)
    assert isinstance(await prove(door, owner, fresh), Unauthenticated)


async def test_a_stolen_session_without_a_factor_is_refused(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    refused = await prove(door, owner, None)
    assert isinstance(refused, Forbidden)
    assert refused.code == "fresh_factor_needed"


async def test_a_factor_older_than_five_minutes_is_refused(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    fresh = await factor(door, owner, phone)
    door.time.now += CHALLENGE_LIFE
    assert isinstance(await prove(door, owner, fresh), Unauthenticated)


async def test_another_persons_factor_is_refused_and_recorded(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    _, other = await door.member(owner)
    refused = await prove(door, owner, await factor(door, owner, other))
    assert isinstance(refused, Forbidden)
    event = (await door.events("session.refused"))[-1]
    assert (event["decision"], event["signature_valid"]) == ("invalid_signature", False)
    assert event["actor_id"] == phone.person_id


async def test_a_factor_given_in_another_session_is_refused(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    other = credential_of((await door.signed_in(phone)).session.token)
    assert isinstance(await prove(door, owner, await factor(door, other, phone)), Unauthenticated)


async def test_a_forged_signature_is_no_fresh_factor(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    forged = await factor(door, owner, replace(phone, key=Ed25519SigningKey()))
    assert isinstance(await prove(door, owner, forged), Forbidden)


async def test_a_revoked_device_gives_no_fresh_factor(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    lost_key = Ed25519SigningKey()
    lost = await door.enrol_key(owner, phone.person_id, lost_key, existing=phone)
    fresh = await factor(door, owner, Phone(lost.device.device_id, phone.person_id, lost_key))
    await door.revoke_device(owner, lost.device.device_id, by=phone)
    assert isinstance(await prove(door, owner, fresh), Unauthenticated)
