"""The hub itself asks providers how orders stand: once at a time, in one process, whatever a provider does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from approvals_hub.stepup.step_up import KEPT, LEASE, LIFE
from identity.errors import Misconfigured, NotProven, ProviderDown, WrongAnswer
from identity.proof import Pending
from tests.fakes.step_up_plugin.installed import with_entry_points
from tests.fakes.step_up_plugin.moody import SECRET, Vendor, proof_of
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.step_up_actor import begin, begin_link, collect, complete, link_app, link_moody, question, step_of


async def ordered(house: StaffedHub, vendor: Vendor) -> str:
    """A running step-up for a decision, whose vendor is asked every two seconds."""
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    return (await begin(house.owner, statement, "moody")).step.id


async def test_an_order_is_asked_about_when_it_is_due_and_not_before(plugged: StaffedHub, vendor: Vendor) -> None:
    name = await ordered(plugged, vendor)
    assert (await collect(plugged, 1999), await collect(plugged, 1)) == (0, 1)
    assert vendor.called("collect").count(name) == 1


async def test_what_a_person_approved_at_the_vendor_is_proven(plugged: StaffedHub, vendor: Vendor) -> None:
    name = await ordered(plugged, vendor)
    await collect(plugged)
    vendor.approve(name)
    await collect(plugged)
    row = await step_of(plugged, name)
    assert (row["state"], row["identified"], row["auth_ref"]) == ("proven", "eid", f"ref-{name}")
    assert (row["sealed"], row["collect_at"]) == (None, None)


async def test_somebody_elses_account_at_the_vendor_ends_it(plugged: StaffedHub, vendor: Vendor) -> None:
    name = await ordered(plugged, vendor)
    vendor.approve(name, "bo")
    await collect(plugged)
    row = await step_of(plugged, name)
    assert (row["state"], row["cause"]) == ("ended", "wrong_person")
    assert [each["kind"] for each in await plugged.rows("SELECT kind FROM notices")] == ["identity_refused"]


async def test_nothing_is_asked_where_nothing_is_due(plugged: StaffedHub, vendor: Vendor) -> None:
    await link_moody(plugged.owner, vendor)
    asked = len(vendor.calls)
    assert await collect(plugged) == 0
    assert len(vendor.calls) == asked


@pytest.mark.parametrize(
    ("raised", "after"),
    [
        (ProviderDown("silent", retry_after=5), 5000),
        (ProviderDown("silent", retry_after=3600), 10_000),
        (ProviderDown("silent", retry_after=0), 500),
        (Misconfigured("bad key"), 2000),
        (WrongAnswer("odd"), 2000),
        (RuntimeError(SECRET), 2000),
        (asyncio.CancelledError(), 2000),
        (SystemExit(1), 2000),
    ],
)
async def test_a_provider_that_fails_loses_nothing_and_is_asked_again(
    plugged: StaffedHub, vendor: Vendor, raised: BaseException, after: int
) -> None:
    name = await ordered(plugged, vendor)
    vendor.does["collect"] = raised
    with capture_logs() as said:
        await collect(plugged)
    assert (await step_of(plugged, name))["collect_at"] == plugged.time.now + after
    assert SECRET not in str(said)
    vendor.does.clear()
    vendor.approve(name)
    await collect(plugged, after)
    assert (await step_of(plugged, name))["state"] == "proven"


class Nonsense(NotProven):
    """A plug-in's own error, with a code that is none."""

    code = "a code\nof two lines"
    final = True


@pytest.mark.parametrize(
    "said",
    [
        object(),
        "proven",
        True,
        {"method": "moody"},
        Pending(object(), {}),  # type: ignore[arg-type]  # what a plug-in might return
        Pending({"key": object()}, {}),
        Pending({}, {}, collect_every=float("nan")),
        Pending({}, {}, collect_every=-1.0),
        Nonsense("odd"),
    ],
    ids=lambda said: type(said).__name__,
)
async def test_a_provider_that_says_garbage_is_as_one_that_is_down(
    plugged: StaffedHub, vendor: Vendor, said: Any
) -> None:
    name = await ordered(plugged, vendor)
    vendor.does["collect"] = said
    await collect(plugged)
    row = await step_of(plugged, name)
    assert (row["state"], row["collect_at"]) == ("running", plugged.time.now + 2000)


async def test_a_plug_in_that_proves_in_the_name_of_a_stronger_way_proves_nothing(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    name = await ordered(plugged, vendor)
    vendor.does["collect"] = proof_of(name, plugged.time.now, method="webauthn")
    await collect(plugged)
    assert (await step_of(plugged, name))["state"] == "running"


async def test_a_level_that_a_plug_in_makes_up_is_worth_no_more_than_low(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    name = (await begin(house.owner, statement, "moody")).step.id
    vendor.does["collect"] = proof_of(name, house.time.now, acr_reported="ULTIMATE")
    await collect(house)
    assert (await house.owner.send({**statement, "step_up": [name]})).acr == "LOW"


async def test_a_silent_vendor_keeps_nobody_else_waiting(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    silent = await ordered(house, vendor)
    vendor.does["collect"] = vendor.hang
    await collect(house)
    other = (await begin(house.owner, await house.owner.statement(await question(house)), "moody")).step.id
    vendor.does.clear()
    vendor.approve(other)
    await collect(house)
    assert [(await step_of(house, name))["state"] for name in (silent, other)] == ["running", "proven"]


async def test_a_crash_while_asking_costs_one_lease(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    name = await ordered(house, vendor)
    vendor.approve(name)
    vendor.does["collect"] = vendor.hang
    await collect(house)
    await house.hub.collect_step_ups.stop()
    vendor.does.clear()
    assert await collect(house, LEASE - 2000 - 1) == 0
    await collect(house, 2001)
    assert (await step_of(house, name))["state"] == "proven"


async def test_two_processes_ask_about_an_order_once(
    postgres_uri: str, tmp_path: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    with_entry_points(packages, "moody", {"moody": "tests.fakes.step_up_plugin.moody:make"})
    monkeypatch.syspath_prepend(packages)
    async with staffed_hub(postgres_uri, tmp_path, {"moody": {}}) as house:
        name = await ordered(house, vendor)
        other = await house.another_process()
        vendor.approve(name)
        house.time.now += 2000
        await asyncio.gather(house.hub.collect_step_ups(), other.collect_step_ups())
        assert vendor.called("collect").count(name) == 1
        assert (await step_of(house, name))["state"] == "proven"


async def test_a_proof_that_comes_after_the_person_cancelled_proves_nothing(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    name = await ordered(house, vendor)
    vendor.approve(name)
    asking, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> Any:
        asking.set()
        await go_on.wait()
        return proof_of(name, house.time.now)

    vendor.does["collect"] = slowly
    collecting = asyncio.create_task(collect(house))
    await asking.wait()
    await house.hub.complete_step_up.cancel(house.owner.credential, name)
    go_on.set()
    await collecting
    row = await step_of(house, name)
    assert (row["state"], row["cause"], row["sealed"]) == ("ended", "cancelled", None)


async def test_an_order_of_a_disabled_person_ends_and_its_vendor_is_told(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    await link_moody(ada, vendor)
    name = (await begin(ada, await ada.statement(await question(house, methods=("moody",))), "moody")).step.id
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    vendor.approve(name)
    await collect(house)
    row = await step_of(house, name)
    assert (row["state"], row["cause"], vendor.called("cancel")) == ("ended", "person_disabled", [name])


async def test_an_order_of_a_session_that_was_signed_out_ends(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    name = await ordered(house, vendor)
    await house.change("UPDATE sessions SET ended_at = 1")
    vendor.approve(name)
    await collect(house)
    row = await step_of(house, name)
    assert (row["state"], row["cause"]) == ("ended", "session_ended")


async def test_an_order_whose_factor_was_removed_ends(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    name = await ordered(house, vendor)
    await house.change("UPDATE factors SET removed_at = 1")
    vendor.approve(name)
    await collect(house)
    row = await step_of(house, name)
    assert (row["state"], row["cause"]) == ("ended", "factor_removed")


async def test_one_whose_persons_key_was_destroyed_keeps_nobody_else_waiting(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    gone = await ordered(house, vendor)
    ada = await house.person("Ada")
    other = (await begin_link(ada)).step.id
    await house.change("UPDATE step_ups SET sealed = :broken WHERE id = :id", broken=bytes(90), id=gone)
    await collect(house)
    row = await step_of(house, gone)
    assert (row["state"], row["cause"]) == ("ended", "unreadable")
    assert vendor.called("collect")[-1] == other


async def test_what_nobody_finished_ends_in_time_and_its_vendor_is_told(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    name = await ordered(house, vendor)
    await collect(house, LIFE)
    row = await step_of(house, name)
    assert (row["state"], row["cause"], row["sealed"]) == ("ended", "timed_out", None)
    assert vendor.called("cancel") == [name]
    assert (await house.events("step_up.ended"))[-1]["decision"] == "timed_out"


async def test_a_proof_that_nobody_used_ends_with_its_evidence(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    begun = await begin(house.owner, await house.owner.statement(await question(house, methods=("totp",))))
    await complete(house.owner, begun.step.id, app.code())
    await collect(house, LIFE)
    row = await step_of(house, begun.step.id)
    assert (row["state"], row["evidence"]) == ("ended", None)


async def test_a_link_that_is_done_is_not_told_as_one_that_ended_in_vain(plugged: StaffedHub, vendor: Vendor) -> None:
    name = await link_moody(plugged.owner, vendor)
    await collect(plugged, LIFE)
    await plugged.hub.collect_step_ups.forget()
    row = await step_of(plugged, name)
    assert (row["state"], row["evidence"] is None) == ("used", False)
    assert await plugged.events("step_up.ended") == []


async def test_many_vendors_that_do_not_answer_a_cancel_hold_up_no_round(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await ordered(house, vendor)
    vendor.does["cancel"] = vendor.hang
    async with asyncio.timeout(9):
        await collect(house, LIFE)
        assert await collect(house) == 0


async def test_ended_ones_and_counts_of_past_hours_are_forgotten_and_used_ones_are_not(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    await app.approve(name)
    left = (await begin(house.owner, await house.owner.statement(await question(house)))).step.id
    with pytest.raises(Exception, match="does not fit"):
        await complete(house.owner, left, app.wrong())
    await collect(house, LIFE)
    house.time.now += KEPT + LIFE
    assert await house.hub.collect_step_ups.forget() > 0
    rows = await house.rows("SELECT state, purpose FROM step_ups ORDER BY id")
    assert [(row["purpose"], row["state"]) for row in rows] == [("link", "used"), ("decision", "used")]
    assert await house.rows("SELECT source FROM wrong_answers") == []
