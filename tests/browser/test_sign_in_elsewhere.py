"""Signing in without a key, in a real browser: at a provider that sends the person back, and by a link by mail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, expect

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.browser.hub import LiveHub, live_hub
from tests.browser.phone import Phone, phone
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.tls import Authority
from tests.flows.test_step_up_codes import mail_table
from tests.flows.world import TestClock

ANNA = {"sub": "anna-1", "name": "Anna", "email": "anna@example.com", "email_verified": True}
ADDRESS = "maja@example.com"


@dataclass
class Street:
    """A hub, its owner's other phone, a provider and a mail server."""

    hub: LiveHub
    owner: SoftwarePhone
    provider: OpenIdProvider
    mails: SmtpServer
    browser: Browser
    time: TestClock
    _resources: AsyncExitStack

    async def visitor(self) -> Phone:
        """A browser that the hub has never seen, at the page for signing in."""
        held = await self._resources.enter_async_context(phone(self.browser, self.hub.url))
        await held.offer_nothing()
        await held.open("/app/sign-in")
        return held

    async def mailed(self, held: Phone) -> str:
        """The link that comes when somebody asks for one."""
        await held.button("Get a link by e-mail").click()
        await held.page.get_by_label("E-mail address").fill(ADDRESS)
        await held.button("Send me a link").click()
        await held.sees("If this address is known here")
        await expect(held.page.locator(".digits")).to_have_text(re.compile(r"^\d{6}$"))
        for _ in range(400):
            if self.mails.arrived:
                break
            await held.page.wait_for_timeout(50)
        found = re.search(r"https?://\S+#link=\S+", self.mails.arrived[-1].text)
        assert found is not None
        return found[0]


@pytest_asyncio.fixture(loop_scope="session")
async def street(tmp_path: Path, browser: Browser) -> AsyncIterator[Street]:
    time, authority = TestClock(), Authority()
    async with AsyncExitStack() as stack:
        provider, mails = OpenIdProvider(lambda: time.clock().now()), SmtpServer(authority)
        provider.signed_in = ANNA
        for server in (provider, mails):
            await server.open()
            stack.push_async_callback(server.close)
        (tmp_path / "ca.pem").write_text(authority.pem())
        company = {"kind": "company", "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}
        ways = {"company": {**company, "title": "Nordisk login"}, "email_link": {}}
        hub = await stack.enter_async_context(
            live_hub(tmp_path, time=time, sign_in=ways, mail=mail_table(mails, tmp_path))
        )
        owner = await stack.enter_async_context(SoftwarePhone(hub.url))
        await owner.enrol(hub.setup_link.partition("#")[2])
        await hub.hub.db.run(lambda tx: tx.execute("UPDATE people SET email = :email", email=ADDRESS))
        yield Street(hub, owner, provider, mails, browser, time, stack)


async def test_a_linked_account_elsewhere_signs_in_and_the_session_is_told_apart_under_devices(street: Street) -> None:
    begun = await street.owner.call("POST", "/v1/factors", {"method": "company", "fresh": await street.owner.fresh()})
    held = await street.visitor()
    response = await held.page.request.get(begun["shown"]["redirect"], max_redirects=0)
    answer = dict(part.split("=") for part in response.headers["location"].partition("?")[2].split("&"))
    answer["iss"] = street.provider.issuer
    await street.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": answer})
    await held.button("Sign in with Nordisk login").click()
    await held.sees("Nothing waits for you")
    assert held.page.url == f"{street.hub.url}/app/"
    await held.open("/app/devices")
    await held.sees("company")
    # Nobody is thrown out of their other sessions by one that was left open: it is not signed in just now any more.
    street.time.pass_seconds(301)
    await sign_out_elsewhere(held)
    await held.sees("Show first that it is you: sign in again")
    await held.button("Sign in again").click()
    await held.button("Sign in with Nordisk login").click()
    await held.sees("Nothing waits for you")
    await held.open("/app/devices")
    await sign_out_elsewhere(held)
    await expect(held.button("Sign out everywhere else")).to_be_hidden()


async def sign_out_elsewhere(held: Phone) -> None:
    await held.button("Sign out everywhere else").click()
    await held.sheet.get_by_role("button", name="Sign out only").click()


async def test_an_account_that_nobody_linked_is_told_so_and_signs_nobody_in(street: Street) -> None:
    held = await street.visitor()
    await held.button("Sign in with Nordisk login").click()
    await held.sees("That did not sign you in")
    await held.open("/app/")
    await held.heading("Sign in")


async def test_a_link_by_mail_does_nothing_until_its_button_is_pressed_and_ends_no_other_session(
    street: Street,
) -> None:
    held = await street.visitor()
    link = await street.mailed(held)
    await held.page.goto("about:blank")
    await held.page.goto(link)
    await held.sees("Nothing has happened yet")
    assert "#" not in held.page.url
    await held.button("Sign in").click()
    await held.sees("Nothing waits for you")
    await held.open("/app/devices")
    await sign_out_elsewhere(held)
    await held.sees("No key and no passkey here can show that it is you")
    await expect(held.button("Sign in again")).to_be_visible()
    assert (await street.owner.call("GET", "/v1/session"))["session"]["scope"] == "full"


async def test_a_link_that_another_browser_opens_asks_for_the_digits_of_the_page_that_asked(street: Street) -> None:
    asking, other = await street.visitor(), await street.visitor()
    link = await street.mailed(asking)
    digits = await asking.page.locator(".digits").inner_text()
    await other.page.goto(link)
    await other.button("Sign in").click()
    await other.page.get_by_label("The six digits").fill(digits)
    await other.button("Sign in").click()
    await other.sees("Nothing waits for you")
