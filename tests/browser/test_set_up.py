"""From an invitation to a device that can sign."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone


async def test_the_set_up_link_leads_to_a_passkey_a_device_key_and_the_inbox_which_says_what_comes_first(
    hub: LiveHub, maja: Phone
) -> None:
    await maja.open("/app/devices")
    await expect(maja.page.get_by_text("Passkey · used")).to_be_visible()
    await expect(maja.page.get_by_text("Key in a browser ·")).to_be_visible()
    await maja.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=hub.url)
    await maja.open()
    await maja.sees("No agent can ask here yet")
    await maja.button("Copy the command").click()
    await maja.sees("Copied.")
    assert await maja.page.evaluate("navigator.clipboard.readText()") == 'approvals-hub agents invite "my agent"'
    assert await maja.barriers() == []
    assert await unexplained(maja) == {}
    await hub.agent()
    async with maja.page.expect_response(f"**/v1/orgs/{hub.org_id}/agents"):
        await maja.open()
    await maja.sees("Nothing waits for you")
    await expect(maja.button("Copy the command")).to_have_count(0)
    await maja.page.get_by_role("link", name="See how you are told").click()
    await maja.heading("Devices and sessions")


EMPTY = {
    "/app/decisions": [("No answers yet", "is kept here with its receipt", "See what waits for you")],
    "/app/notices": [
        ("Nothing has happened", "stands here once it is so", "See what waits for you"),
        ("Nobody has lost their keys", "needs a link from you", "Make a link under Devices"),
        ("None is or was expected", "can link no other", "PUT /v1/orgs/{org}/members/{person}/factors/{method}"),
    ],
    "/app/policies": [("No policy yet", "people are asked about everything", "Write the first one")],
    "/app/policies/first": [
        ("No agent can ask here yet", "there is none to try it for", "approvals-hub agents invite NAME"),
        ("Nothing was decided in the last 30 days", "nothing to compare with", "Try an action under Try it"),
    ],
    "/app/devices": [
        ("You have none", "away from your phone", "Make ten"),
        ("Nobody else is here", "nobody could sign for a new key", "approvals-hub people invite NAME"),
    ],
}
"""What every screen or list says where there is nothing: what, why, and one thing to do."""
OPENED = {"/app/policies/first": "Compare with the last 30 days", "/app/devices": "Somebody lost every key"}
"""The button behind which the last of it stands."""


async def unexplained(maja: Phone) -> dict[str, list[str]]:
    """What is not said on a screen without anything, by its path."""
    missing: dict[str, list[str]] = {}
    for path, lists in EMPTY.items():
        await maja.open(path)
        if path in OPENED:
            await maja.button(OPENED[path]).click()
        for first, *_ in lists:
            await maja.sees(first)
        text = await maja.page.evaluate("document.body.innerText")
        gone = [each for row in lists for each in row if each not in text]
        if wider := await maja.overflow():
            gone.append(f"it is {wider} pixels wider than the screen")
        if gone:
            missing[path] = gone
    return missing


async def test_the_invitations_token_is_in_no_request_and_leaves_the_address_bar(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    urls: list[str] = []
    phone.page.on("request", lambda request: urls.append(request.url))
    await phone.page.goto(hub.setup_link)
    await phone.heading("Hello, Maja Berg")
    token = hub.setup_link.split("#")[1]
    assert len(token) > 40
    assert urls
    assert [url for url in urls if token in url.split("#")[0]] == []
    assert phone.page.url == f"{hub.url}/app/enrol"


async def test_a_set_up_goes_on_after_the_page_was_loaded_again_and_with_the_same_link_in_the_same_browser(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.page.goto(hub.setup_link)
    await phone.heading("Hello, Maja Berg")
    await phone.page.reload()
    await phone.heading("Hello, Maja Berg")
    await phone.open("/app/sign-in")
    await phone.page.goto(hub.setup_link)
    await phone.heading("Hello, Maja Berg")
    await phone.make_key()


async def test_an_invitation_works_once(hub: LiveHub, maja: Phone, new_phone: MakePhone) -> None:
    thief = await new_phone()
    await thief.page.goto(hub.setup_link)
    await thief.sees("This invitation was used")


async def test_the_page_without_its_link_sets_up_nobody(new_phone: MakePhone) -> None:
    phone = await new_phone()
    await phone.open("/app/enrol")
    await phone.sees("Open the whole link")


async def test_a_device_key_alone_is_enough_and_the_page_tells_whether_the_browser_promised_to_keep_it(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.page.goto(hub.setup_link)
    await phone.button("Use a key in this browser only").click()
    await phone.heading("This device is ready")
    await expect(phone.page.get_by_text("The browser")).to_be_visible()
    await phone.button("Open the inbox").click()
    await phone.sees("Nothing waits for you")
    await phone.open("/app/devices")
    await expect(phone.page.get_by_text("Key in a browser ·")).to_be_visible()


async def test_a_browser_without_ed25519_makes_a_key_of_the_older_kind_and_signs_with_it(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.context.add_init_script(
        """const generate = SubtleCrypto.prototype.generateKey
        SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
          if (algorithm.name === 'Ed25519') return Promise.reject(new DOMException('too old', 'NotSupportedError'))
          return generate.call(this, algorithm, ...rest)
        }"""
    )
    await phone.set_up(hub.setup_link, passkey=False)
    devices = await phone.page.evaluate("fetch('/v1/devices').then((answer) => answer.json())")
    assert [device["alg"] for device in devices["items"]] == ["ES256"]
    agent = await hub.agent()
    question = await ask(agent)
    await phone.card(question.escalation_id)
    await phone.confirm()
    await phone.heading("You approved")
    await agent.wait(question, within=20)


async def test_a_passkey_without_a_screen_lock_is_refused_and_can_be_tried_again(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.page.goto(hub.setup_link)
    await phone.user_verifies(False)
    await phone.button("Create a passkey").click()
    await phone.sees("That was stopped before it was finished.")
    await phone.user_verifies(True)
    await phone.button("Create a passkey").click()
    await phone.heading("Your passkey is ready")


async def test_a_colleagues_first_key_counts_once_the_digits_on_both_screens_are_confirmed(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    link = await hub.invitation("Bo Ek", "approver")
    bo = await new_phone()
    await bo.page.goto(link)
    await bo.button("Use a key in this browser only").click()
    await bo.heading("Read these digits aloud")
    digits = await bo.page.locator(".digits").inner_text()
    await maja.open("/app/devices")
    await expect(maja.page.locator(".digits")).to_have_text(digits.replace("\n", " "))
    await maja.button("Yes, the same").click()
    await maja.sees("The key of Bo Ek counts from now on.")
    await bo.heading("This device is ready")


async def test_digits_that_the_inviter_does_not_recognise_end_the_key(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    link = await hub.invitation("Bo Ek", "approver")
    bo = await new_phone()
    await bo.page.goto(link)
    await bo.button("Create a passkey").click()
    await bo.heading("Read these digits aloud")
    await maja.open("/app/devices")
    await maja.page.get_by_role("button", name="No", exact=True).click()
    await bo.sees("did not recognise the digits")
