"""Recovering by a code: what a stranger may try, and what they learn from it."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.core.errors import HubError, TooMany, Unauthenticated
from approvals_hub.stepup.recover_by_code import CodeGiven
from approvals_hub.stepup.step_up import WRONG_ADDRESS_HOURLY, WRONG_PERSON_HOURLY
from tests.fakes.lost_keys import ELSEWHERE, Lost
from tests.unit.hub_actors import Person

WRONG = "0000-0000-0000-0000"


async def attempt(lost: Lost, given: CodeGiven, source: str = "198.51.100.7") -> str:
    """The refusal's code, its text, and what it says to do next."""
    with pytest.raises(HubError) as refused:
        await lost.house.hub.recover_by_code(given, ELSEWHERE, source=source)
    return f"{refused.value.code} {refused.value.detail} {refused.value.next_step}"


async def test_a_good_code_opens_a_session_that_enrols_a_key_and_does_nothing_else(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    with pytest.raises(HubError) as refused:
        await lost.house.hub.inbox(phone.credential)
    assert (refused.value.code, await lost.state(phone)) == ("enrolment_only", "pending")


async def test_the_new_key_counts_after_the_waiting_time_and_not_before(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    new = Person(lost.house, lost.ada.person_id, phone.device_id, phone.key, phone.credential)
    await lost.later(DAY - 1)
    with pytest.raises(HubError) as refused:
        await new.sign_in()
    assert refused.value.code == "device_pending"
    await lost.later(1)
    assert await new.sign_in()


async def test_an_address_is_found_however_its_letters_are_written(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0], email="ADA@example.com")
    assert phone.recovery.person_id == lost.ada.person_id


async def test_a_code_is_read_the_way_people_type_it(lost: Lost) -> None:
    code = (await lost.codes())[0].lower().replace("-", " ")
    assert await lost.by_code(code)


async def test_a_code_that_was_used_is_refused(lost: Lost) -> None:
    [code, *_] = await lost.codes()
    await lost.by_code(code)
    with pytest.raises(Unauthenticated):
        await lost.by_code(code)


async def test_of_one_code_sent_many_times_at_once_one_is_taken(lost: Lost) -> None:
    [code, *_] = await lost.codes()
    given = CodeGiven(code, person_id=lost.ada.person_id)
    answers = await asyncio.gather(
        *(lost.house.hub.recover_by_code(given, ELSEWHERE, source="198.51.100.7") for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1


async def test_unknown_people_those_without_codes_and_wrong_codes_get_the_same_answer(lost: Lost) -> None:
    await lost.codes()
    asked = [
        CodeGiven(WRONG, email="nobody@example.com"),
        CodeGiven(WRONG, person_id="per_unknown"),
        CodeGiven(WRONG, person_id=lost.bo.person_id),
        CodeGiven(WRONG, email="ada@example.com"),
        CodeGiven("no code", person_id=lost.ada.person_id),
    ]
    assert len({await attempt(lost, given) for given in asked}) == 1


async def test_a_disabled_person_gets_in_by_no_code(lost: Lost) -> None:
    [code, *_] = await lost.codes()
    govern = lost.house.hub.govern
    await govern.set_person_state(lost.house.operator, lost.house.org_id, lost.ada.person_id, "disabled")
    assert "recovery_refused" in await attempt(lost, CodeGiven(code, person_id=lost.ada.person_id))


async def test_somebody_elses_code_opens_nothing(lost: Lost) -> None:
    [code, *_] = await lost.codes(lost.bo)
    assert "recovery_refused" in await attempt(lost, CodeGiven(code, person_id=lost.ada.person_id))


async def test_a_code_that_is_guessed_from_many_addresses_is_shut_for_its_person(lost: Lost) -> None:
    [code, *_] = await lost.codes()
    for number in range(WRONG_PERSON_HOURLY):
        await attempt(lost, CodeGiven(WRONG, person_id=lost.ada.person_id), f"203.0.113.{number}")
    with pytest.raises(TooMany):
        await lost.by_code(code, source="192.0.2.99")
    assert await lost.told("recovery.guessed") == [lost.ada.person_id]
    [event] = await lost.house.events("recovery.refused")
    assert (event["decision"], event["detail"]["person_id"]) == ("codes_guessed", lost.ada.person_id)
    lost.house.time.now += HOUR
    assert await lost.by_code(code)


async def test_somebody_unknown_is_shut_after_as_many_tries_as_somebody_who_is_here(lost: Lost) -> None:
    nobody = CodeGiven(WRONG, email="nobody@example.com")
    for number in range(WRONG_PERSON_HOURLY):
        await attempt(lost, nobody, f"203.0.113.{number}")
    assert "too_many_wrong_answers" in await attempt(lost, nobody, "192.0.2.99")


async def test_one_address_that_tries_many_people_is_shut(lost: Lost) -> None:
    [code, *_] = await lost.codes()
    for number in range(WRONG_ADDRESS_HOURLY):
        await attempt(lost, CodeGiven(WRONG, person_id=f"per_{number}"))
    with pytest.raises(TooMany):
        await lost.by_code(code)
    assert await lost.by_code(code, source="192.0.2.99")


async def test_a_stranger_who_guesses_shuts_no_code_of_somebody_who_is_signed_in(lost: Lost) -> None:
    for number in range(WRONG_PERSON_HOURLY):
        await attempt(lost, CodeGiven(WRONG, person_id=lost.ada.person_id), f"203.0.113.{number}")
    rows = await lost.house.rows("SELECT source FROM wrong_answers")
    assert all(row["source"].startswith("recovery:") for row in rows)


async def test_the_person_and_the_admins_are_told_when_a_recovery_opens_and_when_its_key_waits(lost: Lost) -> None:
    await lost.by_code((await lost.codes())[0])
    assert await lost.told("recovery.opened") == [lost.ada.person_id]
    assert await lost.told("recovery.waiting") == [lost.ada.person_id]
    notices = await lost.house.hub.list_notices(lost.house.owner.credential, limit=5)
    assert {"recovery_opened", "recovery_waiting"} <= {notice.kind for notice in notices}


async def test_a_person_of_another_organisation_is_not_chosen_into_this_one(lost: Lost) -> None:
    [code, *_] = await lost.codes()
    given = CodeGiven(code, person_id=lost.ada.person_id, org_id="org_other")
    assert "recovery_refused" in await attempt(lost, given)
