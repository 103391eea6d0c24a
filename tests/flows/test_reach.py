"""From a question over HTTP to the bytes at each vendor, on both engines."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.flows.conftest import url_of
from tests.flows.further_key import further_passkey
from tests.flows.looked_through import everything, rows_of_reaching, shows
from tests.flows.reach_scene import FID, GONE, OWNER, TOKEN, Reachable, reachable, without_canaries


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Reachable]:
    async with reachable(url_of(database_place), tmp_path) as found:
        yield found


async def told(scene: Reachable, channel: str, **changes: Any) -> tuple[Any, Any]:
    """A question reaches the owner on this channel alone: it, and what arrived."""
    if channel == "phone":
        await scene.browser()
    elif channel == "iphone":
        await scene.register("iphone", {"token": TOKEN})
    elif channel == "android":
        await scene.register("android", {"fid": FID})
    else:
        await scene.link({"mail": "email_otp", "sms": "sms_otp"}[channel])
    await scene.settle()
    for vendor in (scene.vendors.push, scene.vendors.apple, scene.vendors.google):
        vendor.arrived.clear()
    scene.vendors.mails.arrived.clear()
    scene.vendors.texts.arrived.clear()
    question = await scene.ask(**changes)
    await scene.settle()
    return question, scene.vendors.all_that_arrived()


@pytest.mark.parametrize("channel", ["phone", "iphone", "android", "mail", "sms"])
async def test_a_question_arrives_at_the_vendor_with_who_asks_and_a_link_and_neither_its_number_nor_what_is_asked(
    scene: Reachable, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as events:
        question, arrived = await told(scene, channel, requirement={"number_match": 6})
    assert len(arrived) == 1
    whole = everything(arrived)
    assert f"/app/escalations/{question.escalation_id}" in whole
    assert "bot" in whole
    assert without_canaries(arrived)
    # Whoever reads a message on its way, these tables or the log does not have the number that the agent was given.
    number = question.match_code or ""
    assert len(number) == 6
    kept = await rows_of_reaching(scene.world.hub)
    for place, text in {"vendor": whole, "tables": kept, "log": f"{caplog.text}{events}"}.items():
        assert not shows(number, text), place
        assert shows(number, f"{text}\n{number[:3]} {number[3:]}"), place
    assert question.escalation_id in kept
    assert caplog.records
    [telling] = await scene.tellings(question)
    [attempt] = await scene.attempts(question)
    assert (telling["state"], telling["channel"], telling["attempts"]) == ("sent", channel, 1)
    assert (attempt["status"], attempt["telling_id"], attempt["provider_id"]) == (
        "delivered",
        telling["id"],
        telling["provider_id"],
    )
    assert TOKEN not in attempt["recipient"]
    assert attempt["recipient"] not in OWNER.values()
    assert (await scene.view(question))["delivery"] == "trying"


async def test_a_device_that_says_so_has_reached_its_person(scene: Reachable) -> None:
    question, [one] = await told(scene, "phone")
    receipt = f"/v1/tellings/{one.id}/receipts"
    given = await scene.world.owner.call("POST", receipt, {"kind": "delivered"})
    assert given["opened_at"] is None
    await scene.settle()
    assert (await scene.view(question))["delivery"] == "reached"
    assert await scene.world.owner.call("POST", receipt, {"kind": "delivered"}) == given


async def test_nobody_else_acknowledges_what_was_told_to_somebody(scene: Reachable) -> None:
    _, [one] = await told(scene, "phone")
    ada = await scene.world.person("Ada")
    given = await scene.world.send("POST", f"/v1/tellings/{one.id}/receipts", by=ada, body={"kind": "opened"})
    assert (given.status, given.json()["code"]) == (404, "telling_unknown")


async def test_opening_the_question_on_the_page_is_a_receipt(scene: Reachable) -> None:
    question, _ = await told(scene, "phone")
    await scene.world.owner.look(question.escalation_id)
    await scene.settle()
    assert (await scene.view(question))["delivery"] == "reached"


async def test_a_question_that_somebody_decided_is_replaced_on_the_other_screens(scene: Reachable) -> None:
    # The agent's owner is not asked where others are.
    ada, bo = await scene.world.person("Ada"), await scene.world.person("Bo")
    await scene.browser(by=bo)
    await scene.settle()
    scene.vendors.push.arrived.clear()
    question = await scene.ask()
    await scene.settle()
    [asked] = scene.vendors.push.arrived
    await ada.answer(question.escalation_id, "deny")
    await scene.settle()
    over = scene.vendors.push.arrived[-1]
    assert over.body["notification"]["title"] == "Already decided by Ada"
    assert over.headers["Topic"] == asked.headers["Topic"]
    assert over.body["notification"]["tag"] == asked.body["notification"]["tag"]


async def test_the_device_that_answered_is_not_told_that_it_did(scene: Reachable) -> None:
    question, _ = await told(scene, "phone")
    await scene.world.owner.answer(question.escalation_id, "deny")
    await scene.settle()
    assert len(scene.vendors.push.arrived) == 1


async def test_a_question_that_ended_first_is_not_sent(scene: Reachable) -> None:
    await scene.browser()
    await scene.settle()
    scene.vendors.push.arrived.clear()
    question = await scene.ask()
    await scene.bot.withdraw(question)
    await scene.settle()
    assert scene.vendors.push.arrived == []
    assert await scene.tellings(question) == []


async def test_without_any_address_the_agent_hears_at_once_that_nobody_can_be_reached(scene: Reachable) -> None:
    question = await scene.ask()
    await scene.settle()
    view = await scene.view(question)
    assert (view["status"], view["delivery"], view["version"]) == ("open", "unreachable", 2)


async def test_a_question_that_reached_nobody_ends_as_undeliverable(scene: Reachable) -> None:
    question = await scene.ask(expires_in=10)
    await scene.settle()
    scene.world.time.pass_seconds(11)
    assert (await scene.view(question))["outcome"] == "undeliverable"


async def test_one_that_was_told_and_not_opened_ends_as_expired_unseen(scene: Reachable) -> None:
    question, _ = await told(scene, "phone", expires_in=30)
    scene.world.time.pass_seconds(31)
    assert (await scene.view(question))["outcome"] == "expired_unseen"


async def test_an_address_that_comes_later_is_told_what_waits(scene: Reachable) -> None:
    question = await scene.ask()
    await scene.settle()
    await scene.browser()
    await scene.settle()
    assert question.escalation_id in repr([vars(each) for each in scene.vendors.push.arrived])
    assert (await scene.view(question))["delivery"] == "trying"


async def test_a_new_key_is_news_at_every_address_of_its_person(scene: Reachable) -> None:
    await scene.link("email_otp")
    await scene.browser()
    await scene.settle()
    scene.vendors.mails.arrived.clear()
    scene.vendors.push.arrived.clear()
    await further_passkey(scene.world)
    await scene.settle()
    titles = [each.body["notification"]["title"] for each in scene.vendors.push.arrived]
    [letter] = scene.vendors.mails.arrived
    assert titles == [letter.headers["Subject"]] == ["A new key was added"]


async def test_whoever_takes_an_address_away_with_a_stolen_phone_is_told_of_at_that_address(scene: Reachable) -> None:
    owner, mails = scene.world.owner, scene.vendors.mails
    await scene.link("email_otp")
    await scene.settle()
    mails.arrived.clear()
    [factor] = (await owner.call("GET", "/v1/factors"))["items"]
    await owner.call("DELETE", f"/v1/factors/{factor['factor_id']}", {"fresh": await owner.fresh()})
    await scene.ask()
    await scene.settle()
    [letter] = mails.arrived
    assert (letter.to, letter.headers["Subject"]) == (
        OWNER["email_otp"],
        "A way to prove who you are was taken away",
    )
    assert await _kept(scene, "gone_at IS NOT NULL") == 1
    scene.world.time.pass_seconds(8 * 24 * 3600)
    await scene.world.hub.forget()
    assert await _kept(scene, "gone_at IS NOT NULL") == 0


async def _kept(scene: Reachable, which: str) -> int:
    """How many contacts like this have an address, sealed as it is."""
    rows = await scene.world.hub.db.read(lambda tx: tx.rows(f"SELECT address FROM contacts WHERE {which}"))
    return sum(bytes(row["address"]) != b"" for row in rows)


async def test_an_address_is_shown_masked_and_lies_sealed(scene: Reachable) -> None:
    subscription = await scene.browser()

    async def work(tx: Any) -> Any:
        return await tx.rows("SELECT * FROM contacts")

    [row] = await scene.world.hub.db.read(work)
    assert row["masked"] in (await scene.register("phone", subscription))["address"]
    assert b"endpoint" not in bytes(row["address"])
    assert scene.browsers["anna"].endpoint not in row["masked"]


@pytest.mark.parametrize("address", ["nonsense", {"token": "short"}, {}, {"endpoint": "https://evil.example/x"}])
async def test_what_is_no_address_of_the_channel_is_refused(scene: Reachable, address: Any) -> None:
    owner = scene.world.owner
    for channel in ("phone", "iphone", "android"):
        body = {"channel": channel, "address": address}
        given = await scene.world.send("PUT", f"/v1/devices/{owner.device_id}/push", by=owner, body=body)
        assert (given.status, given.json()["code"]) == (422, "address_invalid")


async def test_an_iphone_that_apple_knows_as_gone_is_forgotten(scene: Reachable) -> None:
    await scene.register("iphone", {"token": GONE})
    question = await scene.ask()
    await scene.settle()
    [attempt] = await scene.attempts(question)
    assert attempt["status"] == "gone"
    assert (await scene.view(question))["delivery"] == "unreachable"


async def test_a_telling_is_in_the_language_of_its_device(scene: Reachable) -> None:
    subscription = await scene.browser()
    await scene.register("phone", subscription, language="sv-SE")
    await scene.settle()
    await scene.ask()
    await scene.settle()
    assert scene.vendors.push.arrived[-1].body["notification"]["title"] == "bot ber om ett godkännande"
