"""Freja on a phone's page: its code and its link at once, with a fake that speaks the real protocol."""

from __future__ import annotations

import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.async_api import Browser, expect

from approvals_hub_client import AsyncHub
from identity.freja import COLLECT_EVERY
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask, live_hub
from tests.browser.pages import another_page
from tests.browser.phone import Phone, phone
from tests.fakes.freja import FakeFreja, Person, Signature
from tests.fakes.freja_scene import ANNA, BO
from tests.fakes.mutual_tls import MutualTls
from tests.fakes.trouble import Trouble
from tests.flows.world import TestClock

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile"


@pytest.fixture(scope="module")
def time() -> TestClock:
    """The time of the hub and of Freja."""
    return TestClock()


class PromptFreja(FakeFreja):
    """The hub asks as soon as something has changed: nobody has to wait for the next of its rounds."""

    def scan(self, link: str, person: Person) -> Signature:
        self.time.pass_seconds(COLLECT_EVERY)
        return super().scan(link, person)

    def approve(self, signature: Signature, **bent: Any) -> None:
        super().approve(signature, **bent)
        self.time.pass_seconds(COLLECT_EVERY)

    def end(self, signature: Signature, status: str) -> None:
        super().end(signature, status)
        self.time.pass_seconds(COLLECT_EVERY)

    def __init__(self, tls: ssl.SSLContext, time: TestClock) -> None:
        super().__init__(tls, lambda: time.clock().now())
        self.time = time


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what a client of Freja needs lies."""
    return tmp_path_factory.mktemp("freja")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def freja(folder: Path, time: TestClock) -> AsyncIterator[FakeFreja]:
    """Freja, where Anna and Bo are people."""
    fake = PromptFreja(MutualTls(folder).server(), time)
    fake.people += [ANNA, BO]
    (folder / "freja_jws.pem").write_bytes(fake.signer[1].public_bytes(Encoding.PEM))
    await fake.open()
    yield fake
    await fake.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def linked(
    browser: Browser, folder: Path, freja: FakeFreja, time: TestClock
) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """A hub that asks this Freja, and its owner's phone with Anna's Freja linked."""
    table = {
        "certificate": str(folder / "client.pem"),
        "key": str(folder / "client.key"),
        "server_ca": str(folder / "ca.pem"),
        "jws_certificates": [str(folder / "freja_jws.pem")],
        "environment": "test",
        "url": freja.base_url,
    }
    async with (
        live_hub(folder, {"freja": table}, time) as live,
        phone(browser, live.url, user_agent=ANDROID) as held,
    ):
        await held.set_up(live.setup_link)
        await held.open("/app/devices")
        await held.button("Link: Freja").click()
        await held.button("Confirm and begin").click()
        freja.approve(await followed(held, freja))
        await held.sees("Freja is linked.")
        await live.require(methods=["freja"])
        yield live, held
        assert held.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def hub(linked: tuple[LiveHub, Phone]) -> LiveHub:
    """The hub of this file."""
    return linked[0]


@pytest_asyncio.fixture(loop_scope="session")
async def maja(linked: tuple[LiveHub, Phone]) -> AsyncIterator[Phone]:
    """A new page of the owner's browser, not opened yet."""
    async for held in another_page(linked[1]):
        yield held


@pytest_asyncio.fixture(loop_scope="session")
async def agent(hub: LiveHub) -> AsyncIterator[AsyncHub]:
    """A new agent of the same name; what it asked ends with the test."""
    async with hub.agent_for_a_while() as made:
        yield made


async def followed(held: Phone, freja: FakeFreja, person: Person = ANNA) -> Signature:
    """Somebody follows the link on the phone; Freja opens."""
    link = held.sheet.get_by_role("link", name="Open Freja")
    await expect(link).to_be_visible()
    return freja.scan(await link.get_attribute("href") or "", person)


async def drawn(held: Phone) -> None:
    """The picture that another device scans is there, and the link is not."""
    await expect(held.page.locator(".qr")).to_be_visible()
    await expect(held.sheet.get_by_role("link", name="Open Freja")).to_be_hidden()


async def proving(held: Phone, agent: AsyncHub) -> str:
    """At Freja's step of a question; the question's id."""
    question = await ask(agent)
    await held.card(question.escalation_id)
    await held.prove("Freja")
    await expect(held.sheet.get_by_role("link", name="Open Freja")).to_be_visible()
    return question.escalation_id


async def test_the_link_on_the_same_phone_opens_freja_and_its_signature_approves_here(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    await proving(maja, agent)
    signature = await followed(maja, freja)
    await maja.sees("Read the text in Freja and sign.")
    assert "prod-db.example.com" in b64decode(signature.asked["dataToSign"]["text"]).decode()
    freja.approve(signature)
    await maja.heading("You approved")
    receipt = maja.page.locator(".receipt")
    await expect(receipt).to_contain_text("the key of a device + Freja")
    await expect(receipt).to_contain_text("Substantial")


async def test_a_code_scanned_by_another_device_is_signed_there_and_approves_here(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    await proving(maja, agent)
    before = len(freja.signatures)
    await maja.button("Use another device instead").click()
    await drawn(maja)
    await expect(maja.page.get_by_role("img", name="QR code for the Freja app.", exact=True)).to_be_visible()
    assert len(freja.signatures) == before, "Freja's order serves both devices"
    signature = freja.newest
    signature.person, signature.status = ANNA, "DELIVERED_TO_MOBILE"
    await maja.sees("Read the text in Freja and sign.")
    await expect(maja.page.locator(".qr")).to_be_hidden()
    freja.approve(signature)
    await maja.heading("You approved")


async def test_the_code_can_be_turned_back_into_the_link(maja: Phone, agent: AsyncHub) -> None:
    await proving(maja, agent)
    await maja.button("Use another device instead").click()
    await drawn(maja)
    await maja.button("Open on this device instead").click()
    await expect(maja.sheet.get_by_role("link", name="Open Freja")).to_be_visible()
    await expect(maja.page.locator(".qr")).to_be_hidden()


async def test_somebody_elses_freja_approves_nothing_and_the_page_says_why(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    await proving(maja, agent)
    freja.approve(await followed(maja, freja, BO))
    await maja.sees("Somebody else proved who they are. Use your own.")


async def test_what_the_person_cancels_in_the_app_is_cancelled_here_and_begun_again(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    await proving(maja, agent)
    freja.end(await followed(maja, freja), "CANCELED")
    await maja.sees("It was cancelled.")
    await maja.button("Try again").click()
    freja.approve(await followed(maja, freja))
    await maja.heading("You approved")


async def test_a_signature_that_ended_unsigned_is_asked_for_anew(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    await proving(maja, agent)
    first = freja.newest
    freja.end(first, "EXPIRED")
    await maja.sees("It was not finished in time.")
    await maja.button("Try again").click()
    freja.approve(await followed(maja, freja))
    await maja.heading("You approved")
    assert freja.newest is not first


async def test_stopping_ends_it_at_freja(hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja) -> None:
    await proving(maja, agent)
    async with maja.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await maja.button("Stop").click()
    assert freja.newest.status == "RP_CANCELED"
    await expect(maja.approve).to_be_enabled()


async def test_loading_the_page_again_keeps_what_is_being_signed(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    await proving(maja, agent)
    signature = await followed(maja, freja)
    await maja.page.reload()
    await maja.sees("Read the text in Freja and sign.")
    assert freja.newest is signature
    freja.approve(signature)
    await maja.heading("You approved")


async def test_freja_in_trouble_is_said_and_nothing_is_lost(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    with freja.plays(Trouble.BROKEN):
        await maja.prove("Freja")
        await maja.sees("The provider cannot be reached now.")
    await maja.button("Try again").click()
    freja.approve(await followed(maja, freja))
    await maja.heading("You approved")


@pytest.mark.needs("axe")
async def test_no_step_of_it_has_a_barrier(hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja) -> None:
    await proving(maja, agent)
    assert await maja.barriers_by_day_and_night() == []
    await maja.button("Use another device instead").click()
    await drawn(maja)
    assert await maja.barriers_by_day_and_night() == []
    assert await maja.overflow() <= 0
    freja.end(freja.newest, "REJECTED")
    await maja.sees("It was cancelled.")
    assert await maja.barriers_by_day_and_night() == []


async def test_a_swedish_page_speaks_swedish_and_freja_shows_swedish_words(
    hub: LiveHub, maja: Phone, agent: AsyncHub, freja: FakeFreja, new_phone: MakePhone
) -> None:
    desk = await new_phone(locale="sv-SE", viewport={"width": 1280, "height": 860}, is_mobile=False, has_touch=False)
    found = await maja.cdp.send("WebAuthn.getCredentials", {"authenticatorId": maja.authenticator})
    await desk.bring(found["credentials"])
    await desk.open("/app/sign-in")
    await desk.sees("Väntar på dig")
    question = await ask(agent)
    await desk.card(question.escalation_id)
    await desk.prove("Freja")
    await expect(desk.page.locator(".qr")).to_be_visible()
    await desk.sees("Öppna Freja och skanna QR-koden")
    await desk.sees("Öppna på den här enheten i stället")
    signature = freja.newest
    assert "Godkänn" in b64decode(signature.asked["dataToSign"]["text"]).decode()
    signature.person = ANNA
    freja.approve(signature)
    await desk.sees("Du har visat vem du är.")


async def test_the_link_signs_in_on_a_phone_that_the_hub_has_never_seen(
    hub: LiveHub, maja: Phone, freja: FakeFreja, new_phone: MakePhone
) -> None:
    other = await new_phone(user_agent=ANDROID)
    await other.open("/app/sign-in")
    await other.button("Sign in with Freja").click()
    link = other.page.get_by_role("link", name="Open Freja")
    await expect(link).to_be_visible()
    await expect(other.page.get_by_role("img", name="QR code for the Freja app.", exact=True)).to_be_visible()
    freja.approve(freja.scan(await link.get_attribute("href") or "", ANNA))
    await other.sees("Nothing waits for you")
