"""Challenges: random, single use, for one purpose and one session."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.db.database import Row
from approvals_hub.stepup.challenge import CHALLENGE_LIFE, Purpose, spend_challenge_in
from approvals_hub_client.canonical import b64u
from tests.fakes.front_door import FrontDoor, credential_of
from tests.fakes.soft_authenticator import SoftAuthenticator


async def spend(door: FrontDoor, challenge_id: str, purpose: Purpose, session_id: str | None) -> Row | HubError:
    now = door.time.now
    return await door.db.run(
        lambda tx: spend_challenge_in(tx, challenge_id, purpose=purpose, session_id=session_id, now=now)
    )


async def test_a_challenge_is_spent_once(door: FrontDoor) -> None:
    issued = await door.issue_challenge("sign_in")
    first = await spend(door, issued.challenge_id, "sign_in", None)
    assert not isinstance(first, HubError)
    assert bytes(first["challenge"]) == issued.challenge
    assert isinstance(await spend(door, issued.challenge_id, "sign_in", None), Unauthenticated)


async def test_a_challenge_has_256_random_bits(door: FrontDoor) -> None:
    one, two = await door.issue_challenge("sign_in"), await door.issue_challenge("sign_in")
    assert len(one.challenge) == len(two.challenge) == 32
    assert one.challenge != two.challenge


async def test_a_challenge_older_than_five_minutes_is_refused(door: FrontDoor) -> None:
    issued = await door.issue_challenge("sign_in")
    door.time.now += CHALLENGE_LIFE
    assert isinstance(await spend(door, issued.challenge_id, "sign_in", None), Unauthenticated)


async def test_a_sign_in_challenge_is_no_fresh_factor(door: FrontDoor) -> None:
    issued = await door.issue_challenge("sign_in")
    assert isinstance(await spend(door, issued.challenge_id, "fresh", None), Unauthenticated)


async def test_a_challenge_of_another_session_is_refused(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    issued = await door.issue_challenge("fresh", owner)
    other = await door.signed_in(phone)
    assert isinstance(await spend(door, issued.challenge_id, "fresh", other.session.session_id), Unauthenticated)
    assert isinstance(await spend(door, issued.challenge_id, "fresh", None), Unauthenticated)


async def test_enrolling_and_fresh_factors_need_a_session(door: FrontDoor) -> None:
    for purpose in ("enrol", "fresh"):
        with pytest.raises(Unauthenticated):
            await door.issue_challenge(purpose)  # type: ignore[arg-type] # mypy widens the loop's variable to str


async def test_an_invitations_session_gets_no_fresh_challenge(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    with pytest.raises(Forbidden):
        await door.issue_challenge("fresh", credential_of(accepted.session.token))


async def test_signing_in_offers_any_discoverable_passkey(door: FrontDoor) -> None:
    issued = await door.issue_challenge("sign_in")
    assert issued.public_key["allowCredentials"] == []
    assert issued.public_key["challenge"] == b64u(issued.challenge)
    assert issued.public_key["userVerification"] == "required"


async def test_a_fresh_factor_is_asked_of_the_persons_own_passkeys(door: FrontDoor) -> None:
    passkey = SoftAuthenticator()
    owner, _ = await door.owner(passkey)
    issued = await door.issue_challenge("fresh", owner)
    assert [entry["id"] for entry in issued.public_key["allowCredentials"]] == [b64u(passkey.credential_id)]


async def test_enrolling_leaves_out_passkeys_that_are_there(door: FrontDoor) -> None:
    passkey = SoftAuthenticator()
    owner, _ = await door.owner(passkey)
    issued = await door.issue_challenge("enrol", owner)
    assert [entry["id"] for entry in issued.public_key["excludeCredentials"]] == [b64u(passkey.credential_id)]
    assert issued.public_key["user"]["displayName"] == "Owner"
