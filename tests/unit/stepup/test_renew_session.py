"""A session's next token: by a refresh token, or after a step-up."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from approvals_hub.core.errors import HubError, Unauthenticated
from approvals_hub.people.session import NATIVE_TOKEN_LIFE, PersonCredential, token_hash
from approvals_hub.stepup.open_session import OpenedSession
from approvals_hub.stepup.renew_session import PREVIOUS_LIFE
from approvals_hub.stepup.sign_in import SignInProof
from approvals_hub_client.canonical import b64u
from approvals_hub_client.statement import sign_in_bytes
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_fixture import HERE, PUBLIC_URL, Person, StaffedHub, code_of
from tests.unit.step_up_actor import begin_link, collect

KEY = "K" * 22
"""What an app makes for one refresh."""


async def native_session(person: Person) -> OpenedSession:
    """Sign in as an app does."""
    issued = await person.house.hub.issue_challenge("sign_in")
    message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=person.device_id, audience=PUBLIC_URL)
    proof = SignInProof(
        issued.challenge_id, device_id=person.device_id, signature=person.key.sign(message), native=True
    )
    return (await person.house.hub.sign_in(proof, HERE)).session


def credential(house: StaffedHub, session: OpenedSession) -> PersonCredential:
    return PersonCredential(token_hash(session.token), house.org_id)


async def stepped_up(house: StaffedHub, before: PersonCredential) -> OpenedSession:
    """The session's next tokens after a step-up."""
    after = await house.hub.renew_session.after_step_up(before)
    assert after is not None
    return after


async def refused(house: StaffedHub, refresh_token: str | None, retry_key: str | None = None) -> str:
    assert refresh_token is not None
    with pytest.raises(Unauthenticated) as found:
        await house.hub.renew_session(refresh_token, retry_key)
    return code_of(found.value)


async def test_an_apps_token_is_over_after_a_quarter_of_an_hour_and_refreshed(house: StaffedHub) -> None:
    session = await native_session(house.owner)
    assert session.token_expires_at == house.time.now + NATIVE_TOKEN_LIFE
    house.time.now += NATIVE_TOKEN_LIFE
    with pytest.raises(Unauthenticated) as over:
        await house.hub.current_session(credential(house, session))
    assert code_of(over.value) == "token_expired"
    assert session.refresh_token is not None
    renewed = await house.hub.renew_session(session.refresh_token)
    assert renewed.session_id == session.session_id
    assert (await house.hub.current_session(credential(house, renewed))).person_id == house.owner.person_id


async def test_the_token_before_a_refresh_opens_nothing(house: StaffedHub) -> None:
    session = await native_session(house.owner)
    await house.hub.renew_session(session.refresh_token or "")
    with pytest.raises(Unauthenticated):
        await house.hub.current_session(credential(house, session))


async def test_a_stolen_refresh_token_that_is_used_again_ends_the_session_for_both(house: StaffedHub) -> None:
    stolen = await native_session(house.owner)
    renewed = await house.hub.renew_session(stolen.refresh_token or "")
    assert await refused(house, stolen.refresh_token) == "refresh_reused"
    assert await refused(house, renewed.refresh_token) == "session_ended"
    with pytest.raises(Unauthenticated):
        await house.hub.current_session(credential(house, renewed))
    [ended] = await house.events("session.ended")
    assert (ended["decision"], ended["actor_type"]) == ("refresh_reused", "hub")
    told = await house.rows("SELECT person_id FROM outbox WHERE kind = 'session.stolen'")
    assert [row["person_id"] for row in told] == [house.owner.person_id]


async def test_a_refresh_whose_answer_was_lost_gives_the_same_tokens_again(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    first = await house.hub.renew_session(before.refresh_token or "", KEY)
    house.time.now += NATIVE_TOKEN_LIFE - 1
    assert await house.hub.renew_session(before.refresh_token or "", KEY) == first
    assert (await house.hub.current_session(credential(house, first))).person_id == house.owner.person_id
    house.time.now += 1
    assert (await house.hub.renew_session(first.refresh_token or "")).session_id == first.session_id
    assert await house.events("session.ended") == []


async def test_many_retries_at_once_give_one_successor(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    found = await asyncio.gather(*[house.hub.renew_session(before.refresh_token or "", KEY) for _ in range(8)])
    assert {(one.token, one.refresh_token) for one in found} == {(found[0].token, found[0].refresh_token)}
    assert len(await house.rows("SELECT token_hash FROM refresh_tokens")) == 2


@pytest.mark.parametrize("guess", [None, "k" * 22, "K" * 21 + "L", ""])
async def test_a_thief_of_the_refresh_token_without_the_key_of_the_refresh_ends_the_session(
    house: StaffedHub, guess: str | None
) -> None:
    before = await native_session(house.owner)
    renewed = await house.hub.renew_session(before.refresh_token or "", KEY)
    assert await refused(house, before.refresh_token, guess) == "refresh_reused"
    assert await refused(house, renewed.refresh_token) == "session_ended"
    assert await refused(house, before.refresh_token, KEY) == "session_ended"


async def test_a_thief_who_refreshes_first_is_found_by_the_clients_own_refresh(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    stolen = await house.hub.renew_session(before.refresh_token or "", "thief" * 5)
    assert await refused(house, before.refresh_token, KEY) == "refresh_reused"
    assert await refused(house, stolen.refresh_token) == "session_ended"


async def test_a_key_made_after_a_refresh_without_one_brings_nothing_again(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    await house.hub.renew_session(before.refresh_token or "")
    assert await refused(house, before.refresh_token, KEY) == "refresh_reused"


async def test_a_retry_after_its_successor_was_used_is_a_reuse_also_with_the_key(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    second = await house.hub.renew_session(before.refresh_token or "", KEY)
    third = await house.hub.renew_session(second.refresh_token or "", KEY)
    assert third.token != second.token
    assert await refused(house, before.refresh_token, KEY) == "refresh_reused"
    assert await refused(house, third.refresh_token) == "session_ended"


async def test_a_retry_when_what_it_gave_is_over_is_a_reuse(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    await house.hub.renew_session(before.refresh_token or "", KEY)
    house.time.now += NATIVE_TOKEN_LIFE
    assert await refused(house, before.refresh_token, KEY) == "refresh_reused"


async def test_a_retry_for_a_person_who_was_disabled_meanwhile_gives_nothing(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    await house.hub.renew_session(before.refresh_token or "", KEY)
    await house.change("UPDATE people SET state = 'disabled' WHERE id = :id", id=house.owner.person_id)
    assert await refused(house, before.refresh_token, KEY) == "person_disabled"


async def test_the_same_key_at_another_refresh_gives_other_tokens(house: StaffedHub) -> None:
    one, other = await native_session(house.owner), await native_session(house.owner)
    found = [await house.hub.renew_session(each.refresh_token or "", KEY) for each in (one, other)]
    assert len({token for each in found for token in (each.token, each.refresh_token)}) == 4


async def test_neither_the_key_nor_what_it_brings_again_is_stored(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    renewed = await house.hub.renew_session(before.refresh_token or "", KEY)
    rows = [dict(row) for row in await house.rows("SELECT * FROM refresh_tokens")]
    held = b"".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row.values())
    for secret in (KEY, renewed.token, renewed.refresh_token or "", before.refresh_token or ""):
        assert secret.encode() not in held
        assert secret not in repr(renewed)


async def test_one_refresh_token_used_many_times_at_once_gives_one_successor_at_most(house: StaffedHub) -> None:
    session = await native_session(house.owner)
    results = await asyncio.gather(
        *[house.hub.renew_session(session.refresh_token or "") for _ in range(8)], return_exceptions=True
    )
    assert sum(isinstance(result, OpenedSession) for result in results) == 1
    assert {code_of(result) for result in results if isinstance(result, HubError)} == {"refresh_reused"}


async def test_an_invented_refresh_token_is_refused(house: StaffedHub) -> None:
    assert await refused(house, "rft_" + "A" * 43) == "refresh_unknown"


async def test_a_session_token_is_no_refresh_token(house: StaffedHub) -> None:
    session = await native_session(house.owner)
    assert await refused(house, session.token) == "refresh_unknown"


async def test_a_disabled_person_refreshes_nothing(house: StaffedHub) -> None:
    session = await native_session(house.owner)
    await house.change("UPDATE people SET state = 'disabled' WHERE id = :id", id=house.owner.person_id)
    assert await refused(house, session.refresh_token) == "person_disabled"


async def test_a_refresh_token_is_stored_as_a_hash_alone(house: StaffedHub) -> None:
    session = await native_session(house.owner)
    rows = await house.rows("SELECT token_hash FROM refresh_tokens")
    assert [bytes(row["token_hash"]) for row in rows] == [token_hash(session.refresh_token or "")]


async def test_a_browsers_session_has_no_refresh_token(house: StaffedHub) -> None:
    await house.owner.sign_in()
    assert await house.rows("SELECT session_id FROM refresh_tokens") == []


async def test_a_fixed_session_is_worth_nothing_after_a_step_up_but_for_reads_on_the_way(house: StaffedHub) -> None:
    before = house.owner.credential
    renewed = await stepped_up(house, before)
    reading = replace(before, changes=False)
    for good in (reading, credential(house, renewed)):
        assert await house.hub.list_sessions(good) != []
    with pytest.raises(Unauthenticated) as lost:
        await house.hub.current_session(reading)
    assert code_of(lost.value) == "session_renewed"
    house.time.now += PREVIOUS_LIFE
    with pytest.raises(Unauthenticated) as over:
        await house.hub.list_sessions(reading)
    assert code_of(over.value) == "session_unknown"
    assert await house.hub.session_orgs.credential(b"\0" * 32) is None


async def test_a_token_stolen_before_a_step_up_changes_nothing_from_that_moment_on(house: StaffedHub) -> None:
    stolen = house.owner.credential
    name = (await house.bot.ask()).escalation.id
    fresh = await house.owner.fresh()
    house.owner.credential = credential(house, await stepped_up(house, stolen))
    thief = replace(house.owner, credential=stolen)
    statement = await house.owner.statement(name)
    for attempt in (
        thief.send(statement),
        house.hub.sign_out(stolen),
        house.hub.end_session.others(stolen),
        house.hub.issue_challenge("fresh", stolen),
        house.hub.revoke_device(stolen, house.owner.device_id, fresh),
        house.hub.govern.stop(stolen, house.org_id),
    ):
        with pytest.raises(Unauthenticated) as refusal:
            await attempt
        assert code_of(refusal.value) == "session_renewed"
    assert await house.hub.renew_session.after_step_up(stolen) is None
    assert (await house.owner.send(statement)).decision == "approve"


async def test_an_app_has_a_new_pair_after_a_step_up_and_what_it_had_before_ends(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    after = await stepped_up(house, credential(house, before))
    assert (after.session_id, after.token_expires_at) == (before.session_id, house.time.now + NATIVE_TOKEN_LIFE)
    assert after.refresh_token not in (None, before.refresh_token)
    assert await refused(house, before.refresh_token) == "refresh_ended"
    reading = replace(credential(house, before), changes=False)
    assert await house.hub.list_sessions(reading) != []
    house.time.now += PREVIOUS_LIFE
    with pytest.raises(Unauthenticated):
        await house.hub.list_sessions(reading)
    assert (await house.hub.current_session(credential(house, after))).person_id == house.owner.person_id
    assert (await house.hub.renew_session(after.refresh_token or "")).session_id == before.session_id


async def test_an_app_that_lost_the_answer_with_its_new_pair_signs_in_again_by_its_key(house: StaffedHub) -> None:
    before = await native_session(house.owner)
    await stepped_up(house, credential(house, before))
    assert await refused(house, before.refresh_token) == "refresh_ended"
    assert await refused(house, before.refresh_token, KEY) == "refresh_ended"
    again = await native_session(house.owner)
    assert (await house.hub.current_session(credential(house, again))).person_id == house.owner.person_id


async def test_a_thief_who_refreshes_with_the_token_of_before_a_step_up_gets_nothing_and_ends_nothing(
    house: StaffedHub,
) -> None:
    stolen = await native_session(house.owner)
    mine = await stepped_up(house, credential(house, stolen))
    assert await refused(house, stolen.refresh_token) == "refresh_ended"
    assert (await house.hub.renew_session(mine.refresh_token or "")).session_id == stolen.session_id
    assert await house.events("session.ended") == []


async def test_a_fixed_session_is_dead_once_the_hub_collected_what_ties_and_its_page_has_looked(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    renew, planted = plugged.hub.renew_session, plugged.owner.credential
    began = credential(plugged, await stepped_up(plugged, planted))
    plugged.owner.credential = began
    assert await renew.owed(began) is None
    begun = await begin_link(plugged.owner)
    vendor.approve(begun.step.id)
    await collect(plugged)
    # Whoever comes with the token of before the linking gets none of what takes its place, though it comes first.
    assert await renew.after_step_up(planted) is None
    assert await renew.owed(planted) is None
    looks = await asyncio.gather(*(renew.owed(began) for _ in range(4)))
    [after] = [each for each in looks if each is not None]
    with pytest.raises(Unauthenticated):
        await plugged.hub.list_sessions(replace(planted, changes=False))
    with pytest.raises(Unauthenticated):
        await plugged.hub.list_sessions(began)
    plugged.time.now += PREVIOUS_LIFE
    with pytest.raises(Unauthenticated):
        await plugged.hub.list_sessions(replace(began, changes=False))
    present = credential(plugged, after)
    assert (await plugged.hub.current_session(present)).session_id == after.session_id
    assert await renew.owed(present) is None
