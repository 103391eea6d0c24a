"""Questions that ask for more than a device's key, on a phone that has one: proven, signed, on the receipt."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.authenticator_app import code_of, link_app
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settled(settled: tuple[LiveHub, Phone]) -> tuple[LiveHub, Phone, str]:
    """The same, and the owner has linked an authenticator app under Devices: its key."""
    hub, maja = settled
    key, _ = await link_app(hub, maja)
    return hub, maja, key


@pytest.fixture
def key(settled: tuple[LiveHub, Phone, str]) -> str:
    """The key of the app."""
    return settled[2]


async def test_a_touch_of_the_passkey_proves_it_and_the_devices_key_signs(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await hub.require(min_assurance="SUBSTANTIAL")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.sees("You prove who you are in a second step.")
    await maja.prove("Passkey")
    await maja.heading("You approved")
    receipt = maja.page.locator(".receipt")
    await expect(receipt).to_contain_text("the key of a device + a passkey")
    await expect(receipt).to_contain_text("Substantial")
    approved = await agent.wait(question, within=20)
    assert (await agent.redeem(approved)).proof["acr"] == "SUBSTANTIAL"


async def test_a_passkey_without_its_screen_lock_proves_nothing_and_may_try_again(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await hub.require(min_assurance="SUBSTANTIAL")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.user_verifies(False)
    await maja.prove("Passkey")
    await maja.sees("Nothing was signed.")
    assert (await agent.question(question.escalation_id, question.action)).is_open
    await maja.user_verifies(True)
    await maja.button("Use the passkey").click()
    await maja.heading("You approved")


async def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_approves(
    hub: LiveHub, maja: Phone, agent: AsyncHub, key: str
) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.sees("a code of an app")
    await maja.approve.click()
    await expect(maja.sheet.locator(".way-name")).to_have_text(["Passkey", "Authenticator app"])
    await maja.take("Authenticator app")
    field = maja.sheet.get_by_label("Code of 6 digits")
    await field.fill(f"{(int(code_of(hub, key)) + 1) % 1_000_000:06}")
    await maja.button("Continue").click()
    await maja.sees("The code is not right. 4 tries left.")
    await expect(field).to_be_focused()
    right = code_of(hub, key)
    await field.fill(f"{right[:3]} {right[3:]}")
    await maja.button("Continue").click()
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("a code of an app")
    await agent.wait(question, within=20)


async def test_the_fifth_wrong_code_ends_it_and_the_page_says_why(
    hub: LiveHub, maja: Phone, agent: AsyncHub, key: str
) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Authenticator app")
    wrong = f"{(int(code_of(hub, key)) + 1) % 1_000_000:06}"
    for left in (4, 3, 2, 1):
        await maja.sheet.get_by_label("Code of 6 digits").fill(wrong)
        await maja.button("Continue").click()
        await maja.sees(f"The code is not right. {left}")
    await maja.sheet.get_by_label("Code of 6 digits").fill(wrong)
    await maja.button("Continue").click()
    await maja.sees("Too many wrong tries.")
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_the_field_takes_pasted_codes_and_the_browsers_own_suggestion(
    hub: LiveHub, maja: Phone, agent: AsyncHub, key: str
) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Authenticator app")
    field = maja.sheet.get_by_label("Code of 6 digits")
    assert await field.get_attribute("autocomplete") == "one-time-code"
    assert await field.get_attribute("inputmode") == "numeric"
    await field.evaluate(
        "field => { const data = new DataTransfer(); data.setData('text', '123 456');"
        " field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))"
        " && document.execCommand('insertText', false, '123 456') }"
    )
    await expect(field).to_have_value("123 456")


async def test_a_page_loaded_again_goes_on_with_the_same_proof(
    hub: LiveHub, maja: Phone, agent: AsyncHub, key: str
) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Authenticator app")
    await expect(maja.sheet.get_by_label("Code of 6 digits")).to_be_visible()
    begun: list[str] = []
    maja.page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
    await maja.page.reload()
    await maja.sheet.get_by_label("Code of 6 digits").fill(code_of(hub, key))
    await maja.button("Continue").click()
    await maja.heading("You approved")
    assert [url for url in begun if url.endswith("/step-ups")] == []


async def test_stopping_ends_the_proof_and_approves_nothing(
    hub: LiveHub, maja: Phone, agent: AsyncHub, key: str
) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Authenticator app")
    async with maja.page.expect_response(lambda answer: answer.request.method == "DELETE") as ended:
        await maja.button("Stop").click()
    assert (await (await ended.value).json())["cause"] == "cancelled"
    await maja.page.reload()
    await expect(maja.approve).to_be_enabled()
    assert await maja.sheet.count() == 0
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_a_denial_never_takes_a_proof(hub: LiveHub, maja: Phone, agent: AsyncHub, key: str) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")


async def test_all_of_it_works_with_the_keyboard_alone(hub: LiveHub, maja: Phone, agent: AsyncHub, key: str) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.focus()
    await maja.page.keyboard.press("Enter")
    way = maja.sheet.get_by_role("button", name="Authenticator app")
    await expect(way).not_to_have_attribute("aria-disabled", "true")
    for _ in range(2):
        await maja.page.keyboard.press("Tab")
    await expect(way).to_be_focused()
    await maja.page.keyboard.press("Enter")
    await expect(maja.sheet.get_by_label("Code of 6 digits")).to_be_focused()
    await maja.page.keyboard.type(code_of(hub, key))
    await maja.page.keyboard.press("Enter")
    await maja.heading("You approved")


async def test_without_contact_no_code_is_sent_and_the_page_says_so(
    hub: LiveHub, maja: Phone, agent: AsyncHub, key: str
) -> None:
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Authenticator app")
    await maja.sheet.get_by_label("Code of 6 digits").fill(code_of(hub, key))
    await maja.context.set_offline(True)
    await expect(maja.button("Continue")).to_be_disabled()
    await maja.context.set_offline(False)
    await expect(maja.button("Continue")).to_be_enabled()
    await maja.button("Continue").click()
    await maja.heading("You approved")


async def test_an_approval_whose_receipt_was_lost_goes_on_with_the_same_proof(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await hub.require(min_assurance="SUBSTANTIAL")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.page.route("**/decisions", lambda route: route.abort())
    await maja.prove("Passkey")
    await maja.sees("It is not known whether your answer arrived")
    await maja.page.unroute("**/decisions")
    await maja.approve.click()
    await maja.heading("You approved")


async def test_what_the_hub_gives_to_prove_for_another_action_is_not_proven(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await hub.require(min_assurance="SUBSTANTIAL")
    question, other = await ask(agent), await ask(agent, {"database": "other"})
    await maja.card(question.escalation_id)
    await maja.page.route(
        "**/views",
        lambda route: route.continue_(url=route.request.url.replace(question.escalation_id, other.escalation_id)),
    )
    await maja.prove("Passkey")
    await maja.sees("The content changed")
    assert (await agent.question(question.escalation_id, question.action)).is_open


@pytest.mark.parametrize("path", ["/return", "/return?code=abc&state=xyz", "/return#return_nonce=abc"])
async def test_a_way_back_that_nobody_left_by_leads_nowhere_and_stays_out_of_the_history(
    maja: Phone, path: str
) -> None:
    await maja.page.goto(maja.url + path)
    await maja.heading("Nothing to go on with here")
    assert maja.page.url == f"{maja.url}/return"
