"""The only owner lost everything: a link from the hub's own computer."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import HubError, Unauthenticated
from approvals_hub.keys.epoch import start_epoch_in
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.lost_keys import ELSEWHERE, Lost
from tests.unit.hub_actors import Person


async def refusal(lost: Lost, person_id: str) -> str:
    with pytest.raises(HubError) as refused:
        await lost.house.hub.recover_on_host(lost.house.operator, person_id)
    return refused.value.code


async def test_the_link_opens_after_the_waiting_time_and_its_key_counts_at_once(lost: Lost) -> None:
    house, owner = lost.house, lost.house.owner
    made = await house.hub.recover_on_host(house.operator, owner.person_id)
    assert made.recovery.usable_from == house.time.now + DAY
    house.time.now += DAY - 1
    with pytest.raises(Unauthenticated):
        await house.hub.accept_invitation(made.token, ELSEWHERE)
    house.time.now += 1
    accepted = await house.hub.accept_invitation(made.token, ELSEWHERE)
    session = PersonCredential(token_hash(accepted.session.token), house.org_id)
    key = Ed25519SigningKey()
    enrolled = await house.enrol_in_session(session, owner.person_id, key)
    assert (enrolled.device.state, enrolled.session is None) == ("active", False)
    assert await Person(house, owner.person_id, enrolled.device.device_id, key, session).sign_in()
    [completed] = await house.events("recovery.completed")
    assert completed["detail"]["way"] == "host"


async def test_everybody_is_told_at_once_and_it_is_an_entry_of_its_own(lost: Lost) -> None:
    await lost.house.hub.recover_on_host(lost.house.operator, lost.house.owner.person_id)
    everybody = {person.person_id for person in lost.people}
    assert set(await lost.told("recovery.opened_on_host")) == everybody
    [event] = await lost.house.events("recovery.opened_on_host")
    assert (event["actor_type"], event["detail"]["person_id"]) == ("operator", lost.house.owner.person_id)
    notices = await lost.house.hub.list_notices(lost.house.owner.credential, limit=1)
    assert [notice.kind for notice in notices] == ["recovery_opened_on_host"]


async def test_a_key_that_the_owner_still_has_cancels_it(lost: Lost) -> None:
    house = lost.house
    made = await house.hub.recover_on_host(house.operator, house.owner.person_id)
    await house.hub.end_recovery(house.owner.credential, made.recovery.id)
    house.time.now += 2 * DAY
    with pytest.raises(Unauthenticated):
        await house.hub.accept_invitation(made.token, ELSEWHERE)


async def test_the_link_works_once_and_the_newest_one_alone(lost: Lost) -> None:
    house = lost.house
    first = await house.hub.recover_on_host(house.operator, house.owner.person_id)
    second = await house.hub.recover_on_host(house.operator, house.owner.person_id)
    house.time.now += DAY
    await house.hub.accept_invitation(second.token, ELSEWHERE)
    for made in (first, second):
        with pytest.raises(Unauthenticated):
            await house.hub.accept_invitation(made.token, ELSEWHERE)


async def test_somebody_who_is_not_the_only_owner_has_others_who_help(lost: Lost) -> None:
    assert await refusal(lost, lost.ada.person_id) == "not_the_only_owner"
    await lost.house.person("Second", "owner")
    assert await refusal(lost, lost.house.owner.person_id) == "not_the_only_owner"


async def test_an_unknown_person_or_organisation_is_not_found(lost: Lost) -> None:
    assert await refusal(lost, "per_unknown") == "person_unknown"
    with pytest.raises(HubError) as refused:
        await lost.house.hub.recover_on_host(OperatorCredential("org_unknown"), lost.house.owner.person_id)
    assert refused.value.code == "org_unknown"


async def test_an_owner_who_never_had_a_key_is_set_up_instead(lost: Lost) -> None:
    await lost.house.change("UPDATE devices SET confirmed_at = NULL")
    assert await refusal(lost, lost.house.owner.person_id) == "never_had_key"


async def test_a_link_of_before_lets_nobody_into_a_restored_copy(lost: Lost) -> None:
    house = lost.house
    made = await house.hub.recover_on_host(house.operator, house.owner.person_id)
    await house.hub.db.run(lambda tx: start_epoch_in(tx, house.time.now))
    house.time.now += DAY
    with pytest.raises(Unauthenticated):
        await house.hub.accept_invitation(made.token, ELSEWHERE)
