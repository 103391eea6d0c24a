"""Policies on the page: written with every fault by its line, tried, compared with what was decided, put in force."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from approvals_hub.db.database import Tx
from approvals_hub.hub import PolicyDraft
from approvals_hub.policies import store
from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone

TEXT = """version: 1
default: deny
rules:
  - id: small
    effect: allow
    action: finance.payment
    when: {match: {path: $.payload.country, op: in, value: [SE, DE]}}
    constraints: {amount_max: 5000, currency: [EUR]}
    spend: {limit: 20000, currency: EUR, window: day}
  - {id: never, effect: deny, action: finance.loan}
  - {id: large, effect: allow, action: finance.*, approval: {quorum: 2, min_assurance: SUBSTANTIAL, methods: [passkey]}}
"""
WRONG = TEXT.replace("effect: allow\n", "efect: allow\n", 1).replace("op: in", "op: im")
ASKS = "version: 1\ndefault: require_approval\nrules: []\n"
HOSTILE = "<img src=x onerror=alert(1)>"
DESK = {"width": 1280, "height": 900}
HAND = {"width": 390, "height": 844}


@pytest_asyncio.fixture(loop_scope="session")
async def hub(hub: LiveHub) -> AsyncIterator[LiveHub]:
    """The hub; the policies of a test end with it, and so does the second person."""
    yield hub

    async def work(tx: Tx) -> None:
        await store.set_second_person(tx, hub.org_id, wanted=False)

    await hub.hub.db.run(work)
    for each in await hub.hub.policies.read(hub.operator):
        await hub.hub.policies.keep.remove(hub.operator, each.name, version=each.version)


async def put(hub: LiveHub, name: str, text: str, **more: Any) -> Any:
    return await hub.hub.policies.keep.publish(hub.operator, name, text, **more)


def written(page: Phone) -> Any:
    return page.page.get_by_label("The policy, in YAML")


async def is_said(page: Phone, words: str) -> None:
    """Under the editor, of the text that stands there."""
    await expect(page.page.locator("#policy-status")).to_contain_text(words)


@pytest.mark.needs("axe")
async def test_a_policy_is_written_with_every_fault_by_its_line_tried_and_put_in_force(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await maja.page.set_viewport_size(HAND)
    await maja.open("/app/")
    await maja.page.get_by_role("link", name="Policies").click()
    await maja.sees("Without one, people are asked about everything.")
    name = maja.page.get_by_label("Name")
    await name.fill("../Payments")
    await maja.button("Write it").click()
    await maja.sees("A name begins with a small letter")
    await name.fill("payments")
    await maja.button("Write it").click()
    await maja.heading("payments")
    await written(maja).fill(WRONG)
    await is_said(maja, "3 places are wrong.")
    await maja.sees("unknown key 'efect'; did you mean 'effect'?")
    assert await maja.page.locator(".gutter .wrong").all_text_contents() == ["4", "5", "7"]
    await expect(maja.button("Publish")).to_be_disabled()
    await expect(written(maja)).to_have_attribute("aria-invalid", "true")
    await maja.button("Line 7, column 49").click()
    before = await written(maja).evaluate("area => area.value.slice(0, area.selectionStart)")
    assert (before.count("\n"), before.endswith("op: ")) == (6, True)
    assert await maja.overflow() == 0
    assert await maja.barriers_by_day_and_night() == []
    await written(maja).fill(TEXT)
    await is_said(maja, "Nothing is wrong.")
    await maja.sees("finance.loan: refused")
    await maja.page.set_viewport_size(DESK)
    await maja.button("Try it").click()
    await expect(maja.page.locator(".verdict")).to_contain_text("People are asked")
    for words in (
        "asks 2 people",
        "It takes a passkey",
        "$.payload.country in ['SE', 'DE']",
        "it matches, and decides",
    ):
        await maja.sees(words)
    assert await maja.page.locator(".trace > .decides").inner_text() != ""
    await maja.page.locator(".trace").get_by_role("button", name="line 11").click()
    assert await written(maja).evaluate("area => area.value.slice(0, area.selectionStart).split('\\n').length") == 11
    assert await maja.overflow() == 0
    assert await maja.barriers_by_day_and_night() == []
    await maja.button("Publish").click()
    await expect(maja.sheet).to_contain_text("It counts from the next question on.")
    assert await maja.barriers_by_day_and_night() == []
    await maja.sheet.get_by_role("button", name="Publish").click()
    await maja.sees("Version 1 is in force now.")
    await expect(maja.page.locator(".versions summary")).to_contain_text("by Maja Berg")
    [kept] = await hub.hub.policies.read(hub.operator)
    assert (kept.name, kept.text, kept.version) == ("payments", TEXT, 1)
    await expect(maja.button("Publish")).to_be_disabled()


async def test_what_is_tried_may_be_pasted_whole_or_in_part_and_what_is_none_is_told_by_its_line(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await put(hub, "payments", TEXT)
    await maja.open("/app/policies/payments")
    action = maja.page.get_by_label("The action, in JSON")
    for text, words in (
        ('{\n "action_type": "finance.payment",\n oops\n}', "This is no JSON"),
        ('{\n "action_type": "finance.payment",\n oops\n}', "line 3, column 2"),
        ('{\n "action_type": oops\n}', "from line 2, column 17 on"),
        ('{"payload": {},\n "payload": {"amount_minor": 1}}', "“payload” stands twice in one object"),
        ("[1]", "An action is an object, in braces."),
        ('{"action_type": "Finance", "payload": {}}', "$.action.action_type"),
    ):
        await action.fill(text)
        await maja.button("Try it").click()
        await expect(maja.page.locator(".playground .message")).to_contain_text(words)
    samples = maja.page.get_by_label("Example")
    await samples.select_option("A haircut")
    await expect(action).to_have_value(re.compile('"scheduling.appointment.book"'))
    await maja.button("Try it").click()
    await expect(maja.page.locator(".verdict")).to_contain_text("Refused")
    await maja.sees("No rule is about this kind of action: the default decides.")
    await samples.select_option("What you wrote")
    await expect(action).to_have_value(text)
    await action.fill('{"action": {"action_type": "finance.loan", "payload": {"memo": "\\u202eevil"}}}')
    await maja.button("Try it").click()
    await expect(maja.page.locator(".verdict")).to_contain_text("Refused")
    allowed = '{"action_type": "finance.payment", "payload": {"amount_minor": 100, "currency": "EUR", "country": "SE"}}'
    await action.fill(allowed)
    await maja.button("Try it").click()
    await expect(maja.page.locator(".verdict")).to_contain_text("Allowed")
    await maja.sees("Counts 100 EUR of 20,000 in a day; 0 are used.")


async def test_for_whom_it_holds_is_chosen_and_what_can_be_none_is_refused_in_words(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await put(hub, "payments", ASKS)
    await maja.open("/app/policies/payments")
    await is_said(maja, "Nothing is wrong.")
    await maja.page.get_by_label("Rank").fill("first")
    await is_said(maja, "rank")
    await expect(maja.button("Publish")).to_be_disabled()
    await maja.page.get_by_label("Rank").fill("7")
    await maja.page.get_by_label("Which agents").select_option("a team")
    await is_said(maja, "bound")
    await maja.page.get_by_label("Team").fill("web")
    # No agent carries the name of this team.
    await is_said(maja, "Nothing is wrong; 1 thing is worth a look.")
    await maja.button("Publish").click()
    await expect(maja.sheet).to_contain_text("Holds for the team web")
    await maja.sheet.get_by_role("button", name="Publish").click()
    await maja.sees("is in force now.")
    [kept] = await hub.hub.policies.read(hub.operator)
    assert (kept.binding.tier, kept.binding.bound_to, kept.binding.rank) == ("group", "web", 7)


async def test_an_unpublished_text_is_kept_for_the_tab_and_takes_nobodys_place_unseen(
    hub: LiveHub, maja: Phone
) -> None:
    await put(hub, "payments", ASKS, source=HOSTILE)
    await maja.open("/app/policies")
    await maja.sees(HOSTILE)
    await maja.sees("by the operator of the hub")
    assert await maja.page.locator("img").count() == 0
    await maja.page.get_by_role("link", name="payments").click()
    await written(maja).fill(TEXT)
    await is_said(maja, "Nothing is wrong.")
    await maja.page.get_by_role("link", name="Inbox").click()
    await maja.open("/app/policies/payments")
    await maja.sees("This is your text of before, which nobody published.")
    await expect(written(maja)).to_have_value(TEXT)
    # Somebody else is faster: what they wrote is not lost.
    theirs = ASKS + "# theirs\n"
    await put(hub, "payments", theirs, version=1)
    await maja.button("Publish").click()
    await maja.sheet.get_by_role("button", name="Publish").click()
    await maja.sees("Somebody published version 2 meanwhile.")
    assert (await hub.hub.policies.read.one(hub.operator, "payments")).text == theirs
    await maja.button("Publish").click()
    await maja.sheet.get_by_role("button", name="Publish").click()
    await maja.sees("Version 3 is in force now.")
    await maja.page.locator("summary", has_text="version 2").click()
    await maja.sees("# theirs")
    await maja.button("Put into the editor").first.click()
    await expect(written(maja)).to_have_value(theirs)
    await maja.button("Take out of force").click()
    await maja.sheet.get_by_role("button", name="Take out of force").click()
    await maja.sees("No policy yet")
    assert await hub.hub.policies.read(hub.operator) == []


async def test_where_publishing_takes_two_nothing_counts_before_a_second_person_has_signed(
    hub: LiveHub, maja: Phone
) -> None:
    colleague = await hub.colleague()
    await colleague.enrol((await hub.invitation("Bo Ek", "admin")).split("#")[1])
    # Whom Maja had let in a moment ago would be no second person for her.
    [pending] = await hub.hub.list_pending_devices(hub.operator)
    await hub.hub.confirm_device(hub.operator, pending.device_id, pending.digits)
    await hub.hub.policies.keep.want_second_person(hub.operator, wanted=True)
    await maja.open("/app/policies/payments")
    await written(maja).fill(TEXT)
    await is_said(maja, "Nothing is wrong.")
    await maja.button("Ask a second person").click()
    await expect(maja.sheet).to_contain_text("Until they have signed, all stays as it is.")
    await maja.sheet.get_by_role("button", name="Ask a second person").click()
    await maja.sees("A second person is asked. It counts once they have signed.")
    assert await hub.hub.policies.read(hub.operator) == []
    await maja.open("/app/policies/payments")
    draft_node = maja.page.locator(".waiting-draft")
    for words in ("by Maja Berg", "Refused from now on", "finance.loan: refused"):
        await expect(draft_node).to_contain_text(words)
    await maja.open("/app/policies")
    await maja.sees("Waits for people")
    await expect(maja.page.locator(".row-main")).to_contain_text("by Maja Berg")
    [draft] = await hub.hub.drafts.read(hub.operator)
    assert isinstance(draft, PolicyDraft)
    assert (draft.state, draft.name) == ("open", "payments")
    await colleague.sign_in()
    asked = str(draft.escalation_id)
    await colleague.send(asked, await colleague.look(asked), "approve")
    async with asyncio.timeout(20):
        while not await hub.hub.policies.read(hub.operator):
            await asyncio.sleep(0.1)
    await maja.open("/app/policies/payments")
    await maja.sees("Version 1 is in force")
    await expect(written(maja)).to_have_value(TEXT)


@asynccontextmanager
async def only(hub: LiveHub, roles: str) -> AsyncIterator[None]:
    """Everybody has these roles alone meanwhile."""

    async def give(given: str) -> None:
        async def work(tx: Tx) -> None:
            await tx.execute("UPDATE memberships SET roles = :roles", roles=given)

        await hub.hub.db.run(work)

    await give(roles)
    yield
    await give("owner")


@pytest.mark.needs("axe")
async def test_a_developer_reads_and_tries_policies_and_changes_none_and_an_approver_is_led_to_none(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await put(hub, "payments", TEXT)
    async with only(hub, "developer"):
        await maja.open("/app/policies/payments")
        await is_said(maja, "Nothing is wrong.")
        await expect(written(maja)).not_to_be_editable()
        await maja.button("Try it").click()
        await expect(maja.page.locator(".verdict")).to_contain_text("People are asked")
        for name in ("Publish", "Take out of force", "Compare with", "Put into the editor"):
            assert await maja.button(name).count() == 0, name
        assert await maja.barriers_by_day_and_night() == []
        await maja.open("/app/policies/another")
        await maja.sees("version 1")
        assert await maja.button("Write it").count() == 0
    async with only(hub, "approver"):
        for path in ("/app/policies/payments", "/app/policies"):
            await maja.open(path)
            await maja.heading("Waiting for you")
        assert await maja.page.get_by_role("link", name="Policies").count() == 0
