"""Codes by mail and by SMS on a phone's page: a real mail server and a gateway take what the hub sends."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from approvals_hub.db.database import Tx
from approvals_hub_client import AsyncHub
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask, live_hub
from tests.browser.phone import Phone, phone
from tests.browser.time_passes import time_passes
from tests.fakes.sms_gateway import SmsGateway
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble
from tests.flows.test_step_up_codes import mail_table, sms_table

ADDRESS, NUMBER = "maja@example.com", "+46701234567"
WAYS = {"email_otp": ("Code by e-mail", 8, "m…@example.com"), "sms_otp": ("Code by SMS", 6, "…67")}
BOTH = pytest.mark.parametrize("method", sorted(WAYS))


@dataclass
class Post:
    """Those that take what the hub sends, and the person who reads it."""

    authority: Authority = field(default_factory=Authority)
    texts: SmsGateway = field(default_factory=lambda: SmsGateway("46elks"))
    linked: set[str] = field(default_factory=set)
    """By which ways the person gets codes already."""

    def __post_init__(self) -> None:
        self.mails = SmtpServer(self.authority)

    def code(self, method: str) -> str:
        """The code of the newest message."""
        mailed = method == "email_otp"
        newest = (self.mails if mailed else self.texts).arrived[-1]
        assert newest.to == (ADDRESS if mailed else NUMBER)
        found = re.search(r"^ *([0-9]{8})\s*$" if mailed else r"#([0-9]{6})$", newest.text, re.MULTILINE)
        assert found is not None, newest.text
        return found[1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def post() -> AsyncIterator[Post]:
    """The mail server and the gateway."""
    found = Post()
    async with AsyncExitStack() as stack:
        for server in (found.mails, found.texts):
            await server.open()
            stack.push_async_callback(server.close)
        yield found


@asynccontextmanager
async def sending(browser: Browser, post: Post, folder: Path) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """A hub that sends codes, and its owner's phone."""
    ways = {"email_otp": {}, "sms_otp": {"allowed_prefixes": ["+467"]}}
    (folder / "ca.pem").write_text(post.authority.pem())
    mail, sms = mail_table(post.mails, folder), sms_table(post.texts)
    async with live_hub(folder, ways, mail=mail, sms=sms) as live, phone(browser, live.url) as held:
        await held.set_up(live.setup_link)
        yield live, held
        assert held.complaints == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settled(
    browser: Browser, post: Post, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """One for all who do not mind what is linked already."""
    async with sending(browser, post, tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def hub(hub: LiveHub) -> AsyncIterator[LiveHub]:
    """The hub, which forgets what was begun: so many codes are sent to a person in some minutes, and in an hour."""
    yield hub

    async def work(tx: Tx) -> None:
        await tx.execute("DELETE FROM step_ups")

    await hub.hub.db.run(work)
    hub.time.pass_seconds(3600)


async def link(held: Phone, post: Post, method: str) -> None:
    """Link the address under Devices, once: the first code shows that it is the person's."""
    if method in post.linked:
        return
    name, digits, _ = WAYS[method]
    await held.open("/app/devices")
    await held.button(f"Link: {name}").click()
    await held.sheet.locator("#address").fill(ADDRESS if method == "email_otp" else "+46 70 123 45 67")
    await held.button("Confirm and begin").click()
    await arrived(held)
    await held.sheet.get_by_label(f"Code of {digits} digits").fill(post.code(method))
    await held.button("Continue").click()
    await held.sees(f"{name} is linked.")
    post.linked.add(method)


async def arrived(held: Phone) -> None:
    """Wait until the page asks for a code: by then it was sent."""
    await expect(held.sheet.locator("#code")).to_be_visible()


async def asked(hub: LiveHub, held: Phone, agent: AsyncHub, post: Post, method: str) -> str:
    """A linked person at the field for the code of a question; the question's id."""
    await link(held, post, method)
    await hub.require(methods=[method])
    question = await ask(agent)
    await held.card(question.escalation_id)
    await held.prove(WAYS[method][0])
    await arrived(held)
    return question.escalation_id


async def type_code(held: Phone, code: str) -> None:
    await held.sheet.locator("#code").fill(code)
    await held.button("Continue").click()


@BOTH
async def test_a_code_that_was_sent_is_typed_and_approves(
    hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post, method: str
) -> None:
    await asked(hub, maja, agent, post, method)
    field = maja.sheet.locator("#code")
    assert await field.get_attribute("autocomplete") == "one-time-code"
    await expect(maja.sheet).to_contain_text(WAYS[method][2])
    code = post.code(method)
    await type_code(maja, f"{code[:3]} {code[3:]}")
    await maja.heading("You approved")
    name = "a code by e-mail" if method == "email_otp" else "a code by SMS"
    await expect(maja.page.locator(".receipt")).to_contain_text(f"the key of a device + {name}")


@BOTH
async def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_approves(
    hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post, method: str
) -> None:
    await asked(hub, maja, agent, post, method)
    right = post.code(method)
    await type_code(maja, f"{(int(right) + 1) % 10 ** len(right):0{len(right)}}")
    await maja.sees("The code is not right. 4 tries left.")
    await expect(maja.sheet.locator("#code")).to_be_focused()
    await type_code(maja, right)
    await maja.heading("You approved")


@BOTH
async def test_a_code_of_the_message_before_the_newest_is_refused(
    hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post, method: str
) -> None:
    await asked(hub, maja, agent, post, method)
    first = post.code(method)
    await expect(maja.button("A new code can be sent in")).to_be_disabled()
    await time_passes(hub, maja, 61)
    await maja.button("Send a new code").click()
    await maja.sees("A new code was sent. The one before it counts no more.")
    assert post.code(method) != first
    await type_code(maja, first)
    await maja.sees("The code is not right.")
    await type_code(maja, post.code(method))
    await maja.heading("You approved")


@BOTH
async def test_a_code_that_is_over_is_refused_and_a_new_one_is_begun(
    hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post, method: str
) -> None:
    await asked(hub, maja, agent, post, method)
    late = post.code(method)
    hub.time.pass_seconds(301)
    await type_code(maja, late)
    await maja.sees("It was not finished in time.")
    await maja.button("Try again").click()
    await arrived(maja)
    assert post.code(method) != late
    await type_code(maja, post.code(method))
    await maja.heading("You approved")


@BOTH
async def test_a_sender_in_trouble_is_said_and_nothing_is_lost(
    hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post, method: str
) -> None:
    await link(maja, post, method)
    await hub.require(methods=[method])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    sender: SmtpServer | SmsGateway = post.mails if method == "email_otp" else post.texts
    with sender.plays(Trouble.BROKEN):
        await maja.prove(WAYS[method][0])
        await maja.sees("The provider cannot be reached now.")
    await maja.button("Try again").click()
    await arrived(maja)
    await type_code(maja, post.code(method))
    await maja.heading("You approved")


@pytest.mark.needs("axe")
async def test_no_step_of_it_has_a_barrier(hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post) -> None:
    await asked(hub, maja, agent, post, "email_otp")
    assert await maja.barriers_by_day_and_night() == []
    assert await maja.overflow() <= 0
    await type_code(maja, "00000000")
    await maja.sees("The code is not right.")
    assert await maja.barriers_by_day_and_night() == []


async def test_a_swedish_page_speaks_swedish_and_so_does_the_mail(
    hub: LiveHub, maja: Phone, agent: AsyncHub, post: Post, new_phone: MakePhone
) -> None:
    await link(maja, post, "email_otp")
    await hub.require(methods=["email_otp"])
    other = await new_phone(locale="sv-SE")
    found = await maja.cdp.send("WebAuthn.getCredentials", {"authenticatorId": maja.authenticator})
    await other.bring(found["credentials"])
    await other.open("/app/sign-in")
    await other.sees("Väntar på dig")
    question = await ask(agent)
    await other.card(question.escalation_id)
    await other.prove("Kod med e-post")
    await arrived(other)
    await other.sees("Den skickades till m…@example.com.")
    assert "engångskod" in post.mails.arrived[-1].text
    code = post.code("email_otp")
    await other.sheet.get_by_label("Kod med 8 siffror").fill(f"{(int(code) + 1) % 10**8:08}")
    await other.button("Fortsätt").click()
    await other.sees("Koden stämmer inte. 4 försök kvar.")
    await other.sheet.get_by_label("Kod med 8 siffror").fill(code)
    await other.button("Fortsätt").click()
    await other.sees("Du har visat vem du är.")
    await other.button("Godkänn med passkeyn").click()
    await other.heading("Du godkände")


@pytest.mark.needs("axe")
async def test_a_number_that_may_not_be_written_to_is_refused_and_another_is_given(
    browser: Browser, post: Post, tmp_path: Path
) -> None:
    async with sending(browser, post, tmp_path) as (_, maja):
        before = len(post.texts.arrived)
        await maja.open("/app/devices")
        await maja.button("Link: Code by SMS").click()
        await expect(maja.sheet.locator("#address")).to_be_visible()
        assert await maja.barriers_by_day_and_night() == []
        await maja.sheet.locator("#address").fill("+4990012345678")
        await maja.button("Confirm and begin").click()
        await maja.sees("No code can be sent there.")
        assert len(post.texts.arrived) == before
        await maja.button("Change the address").click()
        await maja.sheet.locator("#address").fill(NUMBER)
        await maja.button("Confirm and begin").click()
        await arrived(maja)
        await type_code(maja, post.code("sms_otp"))
        await maja.sees("Code by SMS is linked.")
