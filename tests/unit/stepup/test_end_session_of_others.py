"""Who may end other sessions than their own: whoever shows a key, or has just signed in at a provider."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Tx
from approvals_hub.people.session import EMAIL_LINK, ENROLMENT, FRESH, FULL, INVITATION, PersonCredential
from approvals_hub.stepup.open_session import Whose, new_session_secrets, open_session_in
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import HERE, FrontDoor, Phone, credential_of
from tests.unit.hub_fixture import code_of

PROVIDER = "company"


async def test_a_stolen_session_ends_none_of_its_persons_other_sessions(door: FrontDoor) -> None:
    stolen, phone = await door.owner()
    other = (await door.signed_in(phone)).session
    for attempt in (door.end_session(stolen, other.session_id), door.end_others(stolen)):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert code_of(refused.value) == "fresh_factor_needed"
    await door.current_session(credential_of(other.token))
    assert await door.events("session.ended") == []
    assert (await door.end_session(stolen)).current  # signing out stays easy


async def test_a_stolen_session_ends_no_other_by_a_factor_of_somebody_else(door: FrontDoor) -> None:
    stolen, phone = await door.owner()
    _, thief = await door.member(stolen)
    other = (await door.signed_in(phone)).session
    for attempt in (door.end_session(stolen, other.session_id, by=thief), door.end_others(stolen, by=thief)):
        with pytest.raises(HubError) as refused:
            await attempt
        assert code_of(refused.value) == "invalid_signature"
    await door.current_session(credential_of(other.token))
    assert [event["decision"] for event in await door.events("session.refused")] == ["invalid_signature"] * 2


async def test_who_names_sessions_to_end_is_not_told_which_of_others_there_are(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    member, other = await door.member(owner)
    theirs = (await door.current_session(owner)).session_id
    by_provider = await opened(door, other, PROVIDER)
    door.time.now += FRESH + 1
    for asker, by, code in (
        (member, None, "fresh_factor_needed"),
        (by_provider, None, "sign_in_again"),
        (member, other, "session_unknown"),
        (by_provider, other, "session_unknown"),
    ):
        said = set()
        for session_id in (theirs, "ses_none"):
            with pytest.raises(HubError) as refused:
                await door.end_session(asker, session_id, by=by)
            said.add((code_of(refused.value), str(refused.value)))
        assert {each for each, _ in said} == {code}
        assert len(said) == 1
    await door.current_session(owner)


async def test_who_has_just_signed_in_at_a_provider_ends_other_sessions_without_a_key(door: FrontDoor) -> None:
    _, phone = await door.owner()
    one, others = (await door.signed_in(phone)).session, [(await door.signed_in(phone)).session for _ in range(2)]
    anew = await opened(door, phone, PROVIDER)
    door.time.now += FRESH
    await door.end_session(anew, one.session_id)
    assert {each.session_id for each in others} <= set(await door.end_others(anew))
    assert [entry.current for entry in await door.list_sessions(anew)] == [True]


async def test_a_stolen_session_of_a_provider_ends_no_other_once_the_sign_in_is_old(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    stolen = await opened(door, phone, PROVIDER)
    door.time.now += FRESH + 1
    own = (await door.current_session(owner)).session_id
    for attempt in (door.end_session(stolen, own), door.end_others(stolen)):
        with pytest.raises(Forbidden, match="just signed in") as refused:
            await attempt
        assert code_of(refused.value) == "sign_in_again"
    await door.current_session(owner)
    assert await door.events("session.ended") == []
    # Whoever has a key shows it instead.
    assert (await door.end_session(stolen, own, by=phone)).session_id == own
    assert (await door.end_session(stolen)).current


async def test_a_stolen_session_that_a_provider_has_just_opened_forgets_no_browser(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    stolen = await opened(door, phone, PROVIDER)
    own = (await door.current_session(owner)).session_id
    for attempt in (
        door.end_session(stolen, own, forget_device=True),
        door.end_others(stolen, forget_devices=True),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert code_of(refused.value) == "fresh_factor_needed"
    await door.current_session(owner)
    await door.signed_in(phone)


async def test_a_forged_factor_is_refused_also_where_none_was_needed(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    forged = Phone(phone.device_id, phone.person_id, Ed25519SigningKey())
    for asker in (owner, await opened(door, phone, PROVIDER)):
        with pytest.raises(HubError) as refused:
            await door.end_session(asker, by=forged)
        assert code_of(refused.value) == "invalid_signature"
        await door.current_session(asker)


async def test_a_mails_link_ends_no_session_but_its_own(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    own = (await door.current_session(owner)).session_id
    for scope, method, code in (
        (FULL, EMAIL_LINK, "fresh_factor_needed"),
        (ENROLMENT, EMAIL_LINK, "enrolment_only"),
        (ENROLMENT, INVITATION, "enrolment_only"),
    ):
        by_link = await opened(door, phone, method, scope)
        for attempt in (
            door.end_session(by_link, own),
            door.end_session(by_link, "ses_none"),
            door.end_others(by_link),
        ):
            with pytest.raises(Forbidden) as refused:
                await attempt
            assert code_of(refused.value) == code
        assert (await door.end_session(by_link)).current
    await door.current_session(owner)


async def opened(door: FrontDoor, phone: Phone, method: str, scope: str = FULL) -> PersonCredential:
    """A session of this phone's person that no key opened."""
    [org] = await door.rows("SELECT id FROM orgs")
    secrets, whose = new_session_secrets(), Whose(org["id"], phone.person_id, scope, method=method)

    async def work(tx: Tx) -> None:
        await open_session_in(tx, door.visits, secrets, whose, HERE, door.time.now)

    await door.db.run(work)
    return credential_of(secrets.token, org["id"])
