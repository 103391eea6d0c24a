"""Which organisation a session belongs to."""

from __future__ import annotations

from approvals_hub.people.lookup import REMEMBERED, SessionOrgs
from approvals_hub.people.session import token_hash
from tests.fakes.front_door import FrontDoor


async def test_a_sessions_token_gives_its_organisation(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    found = await SessionOrgs(door.db, door.time.clock).credential(owner.token_hash)
    assert found == owner


async def test_a_token_that_nobody_was_given_is_nobodys(door: FrontDoor) -> None:
    assert await SessionOrgs(door.db, door.time.clock).credential(token_hash("ses_unknown")) is None


async def test_a_session_that_has_ended_is_still_found_and_refused_by_the_unit(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    await door.end_session(owner)
    assert await SessionOrgs(door.db, door.time.clock).credential(owner.token_hash) == owner


async def test_the_memory_of_sessions_is_bounded(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    orgs = SessionOrgs(door.db, door.time.clock)
    orgs._orgs.update({number.to_bytes(32, "big"): "org" for number in range(REMEMBERED)})
    await orgs.credential(owner.token_hash)
    assert len(orgs._orgs) == REMEMBERED
