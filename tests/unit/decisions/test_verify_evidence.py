"""A file of evidence is verified beside an export: what is missing, too much, or not what the log commits to."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from tests.unit.decisions.evidence_files import bent, closed, evidence_of, export_of, verified, why
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_app, question


async def test_answers_verify_and_what_a_code_proves_is_said_to_be_tied_by_the_hub_alone(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    await app.approve(await question(house, methods=("totp",)))
    report = verified(await evidence_of(house), await export_of(house))
    assert (report.ok, report.answers, report.verified, report.ties) == (True, 1, 1, {"server": 1})


async def test_what_was_erased_with_its_person_stays_verifiable_as_an_entry_alone(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)
    await house.change("DELETE FROM data_keys WHERE scope = :scope", scope=house.owner.person_id)

    async def forget(tx: Tx) -> None:
        tx.memory.pop("data-key:" + house.owner.person_id)

    await house.hub.db.run(forget)
    report = verified(await evidence_of(house), await export_of(house))
    assert (report.ok, report.verified, report.erased) == (True, 0, 1)


async def test_an_answer_that_was_left_out_of_the_file_is_missed(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    house.time.now += 60_000
    first, *_ = (await evidence_of(house)).splitlines(keepends=True)
    assert why(closed(first, []), await export_of(house)) == "the log has this answer, and the file does not"


async def test_a_file_that_was_asked_for_in_part_misses_nothing_else(house: StaffedHub) -> None:
    one, other = [(await house.bot.ask()).escalation.id for _ in range(2)]
    for name in (one, other):
        await house.owner.answer(name)
    house.time.now += 60_000
    export = await export_of(house)
    for wanted in ({"escalation": one}, {"since": house.time.now}, {"until": 1}, {"agent": "agt_none"}):
        report = verified(await evidence_of(house, **wanted), export)
        assert (report.ok, report.answers) == (True, int("escalation" in wanted)), wanted


async def test_an_answer_that_the_log_does_not_know_is_no_answer_and_a_newer_one_is_vouched_for_by_nothing(
    house: StaffedHub,
) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    house.time.now += 60_000
    export = await export_of(house)
    invented = bent(await evidence_of(house), lambda answer: answer.update(decision_id="dec_0"))
    assert "the log knows no such answer" in [fault.why for fault in verified(invented, export).faults]
    await house.owner.answer((await house.bot.ask()).escalation.id)
    report = verified(await evidence_of(house), export)
    assert (report.ok, report.verified, report.newer) == (True, 1, 1)


async def test_a_file_that_was_cut_doubled_or_is_another_organisations_is_none(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    file, export = await evidence_of(house), await export_of(house)
    first, answer, last = file.splitlines(keepends=True)
    assert why(first + answer, export) == "the file breaks off"
    assert why(closed(first, [answer, answer]), export) == "the file holds an answer twice"
    assert why(first + last, export) == "the file's last line does not fit the rest"
    assert why(file + first, export) == "the file's last line does not fit the rest"
    assert why(first + first + last, export) == "the file has a second header"
    assert why(answer, export) == "this is no approvals-hub.evidence.v1 file"
    foreign = first.replace(house.org_id.encode(), b"org_other")
    assert why(foreign + answer + last, export) == "the file is of another organisation than the export"
    assert "not a line" in why(b"hello\n", export)


async def test_an_answer_that_was_changed_is_named(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    changed = bent(await evidence_of(house), lambda answer: answer.update(decision="deny"))
    assert why(changed, await export_of(house)) == "it is not the answer that the log recorded"
