"""Following an invitation's link."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.people.disable import disable_in
from approvals_hub.people.invite import Invitation
from approvals_hub.people.person import INVITE_LIFE
from approvals_hub.people.session import ENROLMENT_LIMIT
from tests.fakes.front_door import HERE, FrontDoor, credential_of


async def answer_to(door: FrontDoor, token: str) -> tuple[str, str, str]:
    """What somebody with a bad token reads."""
    with pytest.raises(Unauthenticated) as refused:
        await door.accept(token, HERE)
    return refused.value.code, refused.value.detail, refused.value.next_step


async def test_an_accepted_invitation_opens_a_session_for_enrolling_alone(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner, Invitation(name="Ada"))
    assert (accepted.session.scope, accepted.purpose, accepted.has_keys) == ("enrolment", "invite", False)
    with pytest.raises(Forbidden, match="only enrol"):
        await door.list_sessions(credential_of(accepted.session.token))


async def test_an_enrolment_session_ends_after_half_an_hour(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    door.time.now += ENROLMENT_LIMIT
    with pytest.raises(Unauthenticated, match="expired"):
        await door.issue_challenge("enrol", credential_of(accepted.session.token))


async def test_unknown_used_and_expired_tokens_get_the_same_answer(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    used = await door.invite_person(owner, Invitation(name="Ada"))
    await door.accept(used.token, HERE)
    expired = await door.invite_person(owner, Invitation(name="Bob"))
    answers = [await answer_to(door, "inv_unknown"), await answer_to(door, used.token)]
    door.time.now += INVITE_LIFE
    answers.append(await answer_to(door, expired.token))
    assert len(set(answers)) == 1


async def test_a_person_who_was_disabled_meanwhile_gets_the_same_answer(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    invited = await door.invite_person(owner, Invitation(name="Ada"))
    await door.db.run(lambda tx: disable_in(tx, invited.person_id, door.time.now))
    assert await answer_to(door, invited.token) == await answer_to(door, "inv_unknown")


async def test_a_link_that_is_followed_twice_leaves_an_entry(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    invited = await door.invite_person(owner, Invitation(name="Ada"))
    await door.accept(invited.token, HERE)
    await answer_to(door, invited.token)
    [event] = await door.events("session.refused")
    assert event["decision"] == "invite_invalid"
    assert event["detail"].pop("visit").startswith("sha256:")
    assert event["detail"] == {"invite_id": invited.invite_id, "method": "invitation", "used": True}


async def test_of_ten_who_follow_one_link_at_once_one_gets_in(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    invited = await door.invite_person(owner, Invitation(name="Ada"))
    answers = await asyncio.gather(*(door.accept(invited.token, HERE) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(answer, HubError) for answer in answers) == 1
