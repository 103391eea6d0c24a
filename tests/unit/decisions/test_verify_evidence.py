"""A file of evidence is verified beside an export: what is missing, too much, or not what the log commits to."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.clock import HOUR, to_text
from approvals_hub.db.database import Tx
from approvals_hub.decisions.verify_evidence import OLD
from tests.unit.decisions.evidence_files import bent, closed, evidence_of, export_of, headed, verified, why
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_app, question

LEFT_OUT = "the log has this answer, and the file does not"


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
    assert why(closed(first, []), await export_of(house)) == LEFT_OUT


async def test_a_file_that_was_asked_for_in_part_misses_nothing_else(house: StaffedHub) -> None:
    one, other = [(await house.bot.ask()).escalation.id for _ in range(2)]
    for name in (one, other):
        await house.owner.answer(name)
    house.time.now += 60_000
    export = await export_of(house)
    filters: tuple[dict[str, Any], ...] = (
        {"escalation": one},
        {"since": house.time.now},
        {"until": 1},
        {"agent": "agt_none"},
    )
    for wanted in filters:
        report = verified(await evidence_of(house, **wanted), export, **wanted)
        assert (report.ok, report.answers) == (True, int("escalation" in wanted)), wanted
        assert (report.outside, report.later) == (2 - report.answers, 0), wanted


async def test_an_answer_is_not_hidden_by_a_first_line_that_says_the_file_is_older(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    house.time.now += 60_000
    first, *_ = (await evidence_of(house)).splitlines(keepends=True)
    export = await export_of(house)
    before = house.time.now - 60_001
    elsewhere = to_text(before + 23 * HOUR).replace("Z", "+23:00")
    for created in ("1990-01-01T00:00:00.000Z", to_text(before), elsewhere):
        assert why(headed(closed(first, []), created=created), export) == LEFT_OUT
    assert "not an RFC 3339" in why(headed(closed(first, []), created="yesterday"), export)


async def test_the_last_answer_of_a_log_that_knows_of_no_file_is_not_hidden_by_a_file_of_that_moment(
    house: StaffedHub,
) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    export, answered = await export_of(house), house.time.now
    house.time.now += 60_000
    first, *_ = (await evidence_of(house)).splitlines(keepends=True)
    for moment in (answered, answered + 1, house.time.now):
        assert why(headed(closed(first, []), created=to_text(moment)), export) == LEFT_OUT


async def test_an_answer_is_not_hidden_by_a_first_line_that_says_less_was_asked_for(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    house.time.now += 60_000
    first, *_ = (await evidence_of(house)).splitlines(keepends=True)
    export = await export_of(house)
    asked = (
        {"since": to_text(house.time.now)},
        {"until": "1990-01-01T00:00:00.000Z"},
        {"agent": "agt_none"},
        {"escalation": "esc_none"},
    )
    for query in asked:
        told = [fault.why for fault in verified(headed(closed(first, []), query=query), export).faults]
        [(name, value)] = query.items()
        assert told == [f"the file was asked for with {name}={value}, and more is expected of it", LEFT_OUT]


async def test_a_file_that_somebody_truly_asked_for_in_part_is_no_file_of_everything(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    house.time.now += 60_000
    file, export = await evidence_of(house, since=house.time.now), await export_of(house)
    assert [fault.why for fault in verified(file, export).faults][1:] == [LEFT_OUT]
    assert verified(file, export, since=house.time.now).ok
    assert not verified(file, export, since=house.time.now - 1).ok


async def test_an_export_without_the_answers_does_not_make_an_empty_file_whole(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    house.time.now += 60_000
    first, *_ = (await evidence_of(house)).splitlines(keepends=True)
    export = await export_of(house, since=house.time.now)
    since = f"since={to_text(house.time.now)}"
    assert why(closed(first, []), export) == f"the export was asked for with {since}, and more is expected of it"
    assert verified(closed(first, []), export, since=house.time.now).ok


async def test_the_report_says_what_the_first_line_says_and_whether_the_log_knows_of_it(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    wanted: dict[str, Any] = {"escalation": (await house.bot.ask()).escalation.id, "until": house.time.now + 1}
    file, export = await evidence_of(house, **wanted), await export_of(house)
    report = verified(file, export, **wanted)
    query = {"escalation": wanted["escalation"], "until": to_text(house.time.now + 1)}
    assert (report.created, report.query, report.logged) == (to_text(house.time.now), query, True)
    assert (report.ok, report.answers, report.outside) == (True, 0, 1)
    assert not verified(headed(file, created="2200-01-01T00:00:00.000Z"), export, **wanted).logged
    assert not verified(headed(file, query={}), export, **wanted).logged


async def test_answers_given_between_the_file_and_the_export_are_counted_and_an_old_file_says_so(
    house: StaffedHub,
) -> None:
    file = await evidence_of(house)
    house.time.now += 20_000
    await house.owner.answer((await house.bot.ask()).escalation.id)
    report = verified(file, await export_of(house))
    assert (report.ok, report.logged, report.outside, report.later) == (True, True, 1, 1)
    until = house.time.now
    house.time.now += OLD
    await house.owner.answer((await house.bot.ask()).escalation.id)
    export = await export_of(house)
    assert why(file, export).startswith(f"the file is of {report.created}: 2 answers up to the export's end")
    assert verified(file, export, until=until).ok


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
