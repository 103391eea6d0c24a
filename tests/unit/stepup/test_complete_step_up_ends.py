"""Answering step-ups that are over, cancelled, or whose provider fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from approvals_hub.core.errors import Conflict, NotFound, Unavailable
from approvals_hub.stepup.step_up import LEASE, LIFE
from identity.errors import ProviderDown
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import (
    App,
    begin,
    begin_link,
    collect,
    complete,
    link_app,
    link_moody,
    question,
    refused,
    step_of,
)


async def begun(house: StaffedHub) -> tuple[App, str]:
    """An app, and a running step-up for a question that asks for a code."""
    app = await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    return app, (await begin(house.owner, statement)).step.id


async def test_an_unknown_step_up_is_refused_in_the_same_words_as_somebody_elses(house: StaffedHub) -> None:
    app, name = await begun(house)
    ada = await house.person("Ada")
    found = [
        await refused(NotFound, complete(ada, name, app.code())),
        await refused(NotFound, complete(ada, "stu_none", app.code())),
    ]
    assert len({(one.code, str(one), one.next_step) for one in found}) == 1


async def test_a_right_code_after_the_step_ups_time_is_refused(house: StaffedHub) -> None:
    app, name = await begun(house)
    house.time.now += LIFE
    await refused(Conflict, complete(house.owner, name, app.code()))


async def test_a_step_up_whose_factor_was_removed_is_over(house: StaffedHub) -> None:
    app, name = await begun(house)
    factors = await house.hub.factors.list(house.owner.credential)
    await house.hub.factors.remove(house.owner.credential, factors.linked[0].factor_id, await house.owner.fresh())
    found = await refused(Conflict, complete(house.owner, name, app.code()))
    assert found.extra["cause"] == "factor_removed"


async def test_a_person_whose_session_ended_proves_nothing_with_it(house: StaffedHub) -> None:
    app, name = await begun(house)
    old = replace(house.owner)
    house.owner.credential = await house.owner.sign_in()
    await house.change("UPDATE sessions SET ended_at = 1 WHERE token_hash = :hash", hash=old.credential.token_hash)
    found = await refused(Conflict, complete(house.owner, name, app.code()))
    assert found.extra["cause"] == "session_ended"


async def test_a_cancelled_one_takes_nothing_more_and_its_vendor_is_told(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    name = (await begin(house.owner, statement, "moody")).step.id
    gone = await house.hub.complete_step_up.cancel(house.owner.credential, name)
    assert (gone.step.state, gone.step.cause, vendor.called("cancel")) == ("ended", "cancelled", [name])
    await refused(Conflict, complete(house.owner, name, {}))
    again = await house.hub.complete_step_up.cancel(house.owner.credential, name)
    assert (again.step.cause, vendor.called("cancel")) == ("cancelled", [name])


async def test_cancelling_what_is_proven_takes_the_proof_and_its_evidence_away(house: StaffedHub) -> None:
    app, name = await begun(house)
    await complete(house.owner, name, app.code())
    await house.hub.complete_step_up.cancel(house.owner.credential, name)
    row = await step_of(house, name)
    assert (row["state"], row["evidence"]) == ("ended", None)


async def test_a_link_that_is_done_is_not_undone_by_cancelling_it(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    name = await link_moody(house.owner, vendor)
    assert (await house.hub.complete_step_up.cancel(house.owner.credential, name)).step.state == "used"
    assert len((await house.hub.factors.list(house.owner.credential)).linked) == 1


@pytest.mark.parametrize("raised", [ProviderDown("silent"), RuntimeError(SECRET), ValueError(SECRET), KeyError(SECRET)])
async def test_a_provider_that_fails_at_an_answer_costs_no_try_and_the_next_one_works(
    plugged: StaffedHub, vendor: Vendor, raised: Exception
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    name = (await begin(house.owner, statement, "moody")).step.id
    vendor.does["complete"] = raised
    with capture_logs() as said:
        found = await refused(Unavailable, complete(house.owner, name, {}))
    assert found.code == "provider_down"
    assert SECRET not in f"{said} {found} {found.extra}"
    vendor.does.clear()
    vendor.approve(name)
    assert (await complete(house.owner, name, {})).step.state == "proven"
    assert (await step_of(house, name))["tries"] == 0


async def test_one_call_at_a_time_is_made_for_one_order(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    name = (await begin(house.owner, statement, "moody")).step.id
    vendor.does["complete"] = vendor.hang
    answering = asyncio.create_task(complete(house.owner, name, {}))
    while not vendor.called("complete"):
        await asyncio.sleep(0)
    assert (await refused(Unavailable, complete(house.owner, name, {}))).code == "step_up_busy"
    assert await collect(house, 3000) == 0
    vendor.shut.set()
    await refused(Unavailable, answering)


async def test_an_answer_lost_with_its_process_costs_one_lease_and_one_try(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    name = (await begin(house.owner, statement, "moody")).step.id
    vendor.approve(name)
    vendor.does["complete"] = vendor.hang
    answering = asyncio.create_task(complete(house.owner, name, {}))
    while not vendor.called("complete"):
        await asyncio.sleep(0)
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    vendor.does.clear()
    await collect(house, LEASE)
    assert (await step_of(house, name))["state"] == "proven"


async def test_a_picture_that_its_provider_cannot_draw_is_the_one_from_before(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    name = (await begin_link(house.owner)).step.id
    for wrong in (RuntimeError(SECRET), object(), {1: object()}):
        vendor.shown = wrong
        read = await house.hub.complete_step_up.read(house.owner.credential, name)
        assert read.shown == {"open": "your app"}


async def test_reading_changes_nothing_and_asks_nobody(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    name = (await begin_link(house.owner)).step.id
    before = await step_of(house, name)
    await house.hub.complete_step_up.read(house.owner.credential, name)
    assert await step_of(house, name) == before
    assert [call for call, _ in vendor.calls] == ["begin"]


async def test_what_nobody_can_open_any_more_is_over_and_no_failure(house: StaffedHub) -> None:
    app, name = await begun(house)
    await house.change("UPDATE step_ups SET sealed = :bytes WHERE id = :id", bytes=bytes(80), id=name)
    await refused(Conflict, complete(house.owner, name, app.code()))
    assert (await house.hub.complete_step_up.read(house.owner.credential, name)).shown == {}
    assert (await house.hub.complete_step_up.cancel(house.owner.credential, name)).step.state == "ended"
