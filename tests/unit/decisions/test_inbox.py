"""What waits for an approver, and what they have answered."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Forbidden, NotFound, Unauthenticated
from approvals_hub.decisions.inbox import Page
from approvals_hub.people.session import PersonCredential
from tests.unit.hub_fixture import Person, StaffedHub

LONG = 50


async def ids(person: Person) -> list[str]:
    page = await person.house.hub.inbox(person.credential)
    return [line.escalation.id for line in page.lines]


async def waiting(person: Person) -> asyncio.Task[Page]:
    """A page that waits for a change of what is there now."""
    page = await person.house.hub.inbox(person.credential)
    return asyncio.create_task(person.house.hub.inbox(person.credential, since=page.version, seconds=LONG))


async def test_everybody_who_may_answer_sees_the_question_and_nobody_else(house: StaffedHub) -> None:
    ada, bo, auditor = await house.person("Ada"), await house.person("Bo"), await house.person("Cy", "auditor")
    opened = await house.bot.ask()
    assert [await ids(person) for person in (ada, bo, auditor, house.owner)] == [[opened.escalation.id]] * 2 + [[], []]


async def test_what_expires_first_stands_first(house: StaffedHub) -> None:
    late, soon = await house.bot.ask(expires_in=600), await house.bot.ask(expires_in=60)
    assert await ids(house.owner) == [soon.escalation.id, late.escalation.id]


async def test_a_question_whose_time_is_over_is_not_shown_though_no_worker_has_run(house: StaffedHub) -> None:
    await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    assert await ids(house.owner) == []


async def test_an_answered_question_of_several_people_stays_and_says_so(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    await ada.answer(opened.escalation.id)
    [hers], [his] = (
        (await house.hub.inbox(ada.credential)).lines,
        (await house.hub.inbox(bo.credential)).lines,
    )
    assert (hers.answered, his.answered) == (True, False)


async def test_an_answer_that_does_not_count_any_more_is_asked_for_again(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, _ = await house.person("Ada"), await house.person("Bo")
    lost = await ada.further_device()
    opened = await house.bot.ask()
    await lost.answer(opened.escalation.id)
    await house.hub.revoke_device(ada.credential, lost.device_id, await ada.fresh())
    [line] = (await house.hub.inbox(ada.credential)).lines
    assert not line.answered


async def test_similar_questions_are_counted(house: StaffedHub) -> None:
    for _ in range(3):
        await house.bot.ask()
    await house.bot.ask(house.bot.action(payload={"table": "orders"}))
    assert sorted(line.similar for line in (await house.hub.inbox(house.owner.credential)).lines) == [0, 2, 2, 2]
    lines = (await house.hub.inbox(house.owner.credential)).lines
    alike = {line.escalation.id: set(line.similar_ids) for line in lines if line.similar}
    assert all(others == alike.keys() - {each} for each, others in alike.items()), "the others, by name"


async def test_the_asker_is_named_from_the_hubs_own_records(house: StaffedHub) -> None:
    script = await house.api_key_agent("script")
    await script.ask()
    [line] = (await house.hub.inbox(house.owner.credential)).lines
    assert (line.asker.name, line.asker.owner_id, line.asker.trust) == ("script", house.owner.person_id, "api_key")


async def test_the_version_changes_with_what_is_there_and_with_nothing_else(house: StaffedHub) -> None:
    versions = [(await house.hub.inbox(house.owner.credential)).version]
    opened = await house.bot.ask(expires_in=60)
    versions.append((await house.hub.inbox(house.owner.credential)).version)
    await house.owner.statement(opened.escalation.id)
    assert (await house.hub.inbox(house.owner.credential)).version == versions[-1]
    await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 600)
    versions.append((await house.hub.inbox(house.owner.credential)).version)
    assert len(set(versions)) == 3


async def test_a_waiting_inbox_hears_of_a_new_question(house: StaffedHub) -> None:
    task = await waiting(house.owner)
    opened = await house.bot.ask()
    page = await asyncio.wait_for(task, 20)
    assert [line.escalation.id for line in page.lines] == [opened.escalation.id]


async def test_a_waiting_inbox_hears_that_a_question_has_ended(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    task = await waiting(house.owner)
    await house.hub.withdraw(house.bot.credential(), opened.escalation.id)
    assert (await asyncio.wait_for(task, 20)).lines == []


async def test_another_version_than_the_present_one_is_answered_at_once(house: StaffedHub) -> None:
    page = await house.hub.inbox(house.owner.credential, since="another", seconds=LONG)
    assert page.lines == []


async def test_nothing_new_within_the_time_is_the_same_version(house: StaffedHub) -> None:
    before = await house.hub.inbox(house.owner.credential)
    after = await house.hub.inbox(house.owner.credential, since=before.version, seconds=0.05)
    assert after.version == before.version


async def test_a_person_who_is_disabled_while_the_inbox_waits_is_sent_away(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    task = await waiting(ada)
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    with pytest.raises(Unauthenticated):
        await asyncio.wait_for(task, 20)


async def test_a_session_that_only_enrols_a_key_sees_no_inbox(house: StaffedHub) -> None:
    await house.bot.ask()
    await house.change("UPDATE sessions SET scope = 'enrolment'")
    with pytest.raises(Forbidden):
        await ids(house.owner)


async def test_an_unknown_session_sees_no_inbox(house: StaffedHub) -> None:
    with pytest.raises(Unauthenticated):
        await house.hub.inbox(PersonCredential(bytes(32), house.org_id))


async def test_my_history_shows_every_answer_newest_first_replaced_ones_too(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.owner.answer(token.escalation_id, "deny")
    receipts = await house.hub.inbox.history(house.owner.credential, before=None, limit=10)
    assert {receipt.decision for receipt in receipts} == {"approve", "deny"}
    assert [receipt.decision_id for receipt in receipts] == sorted(
        (receipt.decision_id for receipt in receipts), reverse=True
    )


async def test_my_history_goes_on_where_a_page_ended(house: StaffedHub) -> None:
    for _ in range(3):
        await house.bot.approved()
    first = await house.hub.inbox.history(house.owner.credential, before=None, limit=2)
    rest = await house.hub.inbox.history(house.owner.credential, before=first[-1].decision_id, limit=2)
    assert len({receipt.decision_id for receipt in (*first, *rest)}) == 3


async def test_my_present_answer_to_a_question_is_told(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    assert await house.hub.inbox.mine(house.owner.credential, opened.escalation.id) is None
    receipt = await house.owner.answer(opened.escalation.id)
    mine = await house.hub.inbox.mine(house.owner.credential, opened.escalation.id)
    assert mine is not None
    assert mine.decision_id == receipt.decision_id


async def test_nobody_reads_somebody_elses_answer(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo", "admin")
    opened = await house.bot.ask()
    receipt = await ada.answer(opened.escalation.id)
    assert await house.hub.inbox.mine(bo.credential, opened.escalation.id) is None
    assert await house.hub.inbox.history(bo.credential, before=None, limit=10) == []
    with pytest.raises(NotFound):
        await house.hub.inbox.receipt(bo.credential, receipt.decision_id)


async def test_a_receipt_has_its_proof_of_inclusion_once_the_log_is_sealed(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    receipt = await house.owner.answer(opened.escalation.id)
    before = await house.hub.inbox.receipt(house.owner.credential, receipt.decision_id)
    await house.hub.sealer.seal_all()
    after = await house.hub.inbox.receipt(house.owner.credential, receipt.decision_id)
    assert before.inclusion is None
    assert after.inclusion is not None
    assert receipt.decision_id in after.inclusion["entry"]


async def test_a_receipt_shows_how_things_stand_now(house: StaffedHub) -> None:
    token = await house.bot.approved()
    [receipt] = await house.hub.inbox.history(house.owner.credential, before=None, limit=1)
    assert (receipt.status, receipt.token_state) == ("approved", "ready")
    house.time.now += 10 * MINUTE
    [receipt] = await house.hub.inbox.history(house.owner.credential, before=None, limit=1)
    assert (receipt.escalation_id, receipt.token_state) == (token.escalation_id, "expired")
