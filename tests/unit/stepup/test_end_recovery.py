"""Cancelling a recovery: by the person, by who governs, and what goes with it."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import HubError, NotFound
from approvals_hub.people.session import PersonCredential, token_hash
from tests.fakes.lost_keys import ELSEWHERE, Lost


async def test_any_active_key_of_the_person_cancels_a_recovery_that_they_did_not_begin(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    ended = await lost.house.hub.end_recovery(lost.ada.credential, phone.recovery.id)
    assert (ended.state, ended.cause, await lost.state(phone)) == ("ended", "cancelled", "revoked")
    [event] = await lost.house.events("recovery.ended")
    assert (event["decision"], event["actor_id"]) == ("cancelled", lost.ada.person_id)


async def test_its_session_and_its_link_end_with_it(lost: Lost) -> None:
    token = await lost.link()
    accepted = await lost.house.hub.accept_invitation(token, ELSEWHERE)
    session = PersonCredential(token_hash(accepted.session.token), lost.house.org_id)
    [recovery] = await lost.house.hub.list_recoveries.mine(lost.ada.credential)
    await lost.house.hub.end_recovery(lost.ada.credential, recovery.id)
    with pytest.raises(HubError) as refused:
        await lost.enrol(session)
    assert refused.value.code == "session_ended"


async def test_a_link_of_a_cancelled_recovery_is_followed_by_nobody(lost: Lost) -> None:
    token = await lost.link()
    [recovery] = await lost.house.hub.list_recoveries.mine(lost.ada.credential)
    await lost.house.hub.end_recovery(lost.ada.credential, recovery.id)
    with pytest.raises(HubError) as refused:
        await lost.house.hub.accept_invitation(token, ELSEWHERE)
    assert refused.value.code == "invite_invalid"


async def test_the_question_to_colleagues_ends_with_it(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    await lost.house.hub.end_recovery(lost.ada.credential, phone.recovery.id)
    [row] = await lost.house.rows(
        "SELECT state, cause FROM escalations WHERE id = :id", id=phone.recovery.escalation_id
    )
    assert (row["state"], row["cause"]) == ("withdrawn", "recovery_ended")
    assert (await lost.house.hub.inbox(lost.bo.credential)).lines == []


async def test_an_owner_cancels_a_members_recovery_and_an_approver_does_not(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    with pytest.raises(NotFound):
        await lost.house.hub.end_recovery(lost.bo.credential, phone.recovery.id)
    await lost.house.hub.end_recovery(lost.house.owner.credential, phone.recovery.id)
    assert await lost.state(phone) == "revoked"


async def test_the_session_of_a_recovery_cancels_nothing(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    with pytest.raises(HubError) as refused:
        await lost.house.hub.end_recovery(phone.credential, phone.recovery.id)
    assert refused.value.code == "enrolment_only"


async def test_an_owner_of_another_organisation_finds_no_such_recovery(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    await lost.house.change("UPDATE recoveries SET org_id = 'org_other' WHERE id = :id", id=phone.recovery.id)
    with pytest.raises(NotFound):
        await lost.house.hub.end_recovery(lost.house.owner.credential, phone.recovery.id)


async def test_cancelling_again_is_the_same_answer_and_writes_nothing(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    for _ in range(2):
        assert (await lost.house.hub.end_recovery(lost.ada.credential, phone.recovery.id)).state == "ended"
    assert len(await lost.house.events("recovery.ended")) == 1


async def test_a_completed_recovery_is_not_cancelled_but_its_key_revoked(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    await lost.later(DAY)
    with pytest.raises(HubError) as refused:
        await lost.house.hub.end_recovery(lost.ada.credential, phone.recovery.id)
    assert (refused.value.code, await lost.state(phone)) == ("recovery_completed", "active")
