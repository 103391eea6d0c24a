"""Beginning step-ups: limits, providers that fail, and what is given back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import Conflict, Forbidden, HubError, TooMany, Unavailable
from approvals_hub.stepup.step_up import BEGUN_LIMIT, LIFE, WRONG_PERSON_HOURLY
from identity.errors import Misconfigured, ProviderDown, Refused
from identity.proof import Challenge
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import begin, complete, link_app, link_moody, question, refused

HASH = "sha256:" + "0" * 64


async def test_one_person_begins_no_more_than_a_bounded_number(house: StaffedHub) -> None:
    await link_app(house.owner)
    name = await question(house, methods=("totp",))
    for _ in range(BEGUN_LIMIT - 1):
        await begin(house.owner, await house.owner.statement(name))
    found = await refused(TooMany, begin(house.owner, await house.owner.statement(name)))
    assert found.code == "too_many_step_ups"


async def test_many_that_are_begun_at_once_are_no_more_than_that_number(house: StaffedHub) -> None:
    await link_app(house.owner)
    name = await question(house, methods=("totp",))
    statements = [await house.owner.statement(name) for _ in range(BEGUN_LIMIT + 5)]
    begun = [begin(house.owner, statement) for statement in statements]
    found = [one for one in await asyncio.gather(*begun, return_exceptions=True) if isinstance(one, TooMany)]
    assert len(found) == 6, "the link was one of them"


async def test_codes_are_shut_alike_for_a_person_with_an_app_and_for_one_without(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await link_app(ada)
    name, hour = await question(house, methods=("totp",)), house.time.now // HOUR
    for person in (ada, bo):
        sql = "INSERT INTO wrong_answers (source, hour, count) VALUES (:source, :hour, :count)"
        await house.change(sql, source=person.person_id, hour=hour, count=WRONG_PERSON_HOURLY)
    found = [await refused(TooMany, begin(person, await person.statement(name))) for person in (ada, bo)]
    assert len({(one.code, str(one), one.retry_after) for one in found}) == 1


@pytest.mark.parametrize(
    ("raised", "kind", "code"),
    [
        (ProviderDown("no route", retry_after=7), Unavailable, "provider_down"),
        (Misconfigured("bad certificate"), Unavailable, "provider_misconfigured"),
        (Refused("not you"), Forbidden, "step_up_refused"),
        (RuntimeError(SECRET), Unavailable, "provider_down"),
        (asyncio.CancelledError(), Unavailable, "provider_down"),
        (SystemExit(1), Unavailable, "provider_down"),
    ],
)
async def test_a_provider_that_cannot_begin_ends_this_step_up_and_another_try_works(
    plugged: StaffedHub, vendor: Vendor, raised: BaseException, kind: type[HubError], code: str
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    vendor.does["begin"] = raised
    assert (await refused(kind, begin(house.owner, statement, "moody"))).code == code
    assert (await house.events("step_up.ended"))[-1]["decision"] in (code, "provider_down")
    vendor.does.clear()
    assert (await begin(house.owner, statement, "moody")).step.state == "running"


@pytest.mark.parametrize("answer", [object(), {}, "yes", 7, True])
async def test_a_provider_that_begins_with_garbage_is_as_one_that_is_down(
    plugged: StaffedHub, vendor: Vendor, answer: object
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    vendor.does["begin"] = answer
    with capture_logs() as lines:
        assert (await refused(Unavailable, begin(house.owner, statement, "moody"))).code == "provider_down"
    [line] = lines
    assert (line["event"], line["escalation_id"]) == ("step_up_provider_failed", statement["escalation_id"])


async def test_an_order_that_was_cancelled_while_it_began_is_taken_back_at_the_vendor(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    going, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> Any:
        going.set()
        await go_on.wait()
        return Challenge({"order": "slow"}, {}, house.time.now + LIFE, collect_every=2.0)

    vendor.does["begin"] = slowly
    beginning = asyncio.create_task(begin(house.owner, statement, "moody"))
    await going.wait()
    [row] = await house.rows("SELECT id FROM step_ups WHERE state = 'beginning'")
    await house.hub.complete_step_up.cancel(house.owner.credential, row["id"])
    go_on.set()
    assert (await refused(Conflict, beginning)).code == "step_up_ended"
    assert vendor.called("cancel") == ["slow"]


async def test_what_the_provider_remembers_is_in_no_answer(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    statement = await house.owner.statement(await question(house, methods=("moody",)))
    begun = await begin(house.owner, statement, "moody")
    assert SECRET not in repr(begun)
    assert begun.shown == {"open": "your app"}


async def test_a_session_that_has_ended_begins_nothing(house: StaffedHub) -> None:
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    gone = replace(house.owner, credential=await house.owner.sign_in())
    await house.change("UPDATE sessions SET ended_at = 1 WHERE token_hash = :hash", hash=gone.credential.token_hash)
    with pytest.raises(HubError, match="ended"):
        await begin(gone, statement)


async def test_a_proven_one_is_given_back_and_not_begun_again(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    begun = await begin(house.owner, statement)
    await complete(house.owner, begun.step.id, app.code())
    assert (await begin(house.owner, statement)).step.state == "proven"
