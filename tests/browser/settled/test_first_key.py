"""The first key of somebody who joined through an identity provider: the same screens as after an invitation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from approvals_hub.core.errors import Conflict, Invalid
from approvals_hub_client import AsyncHub
from tests.browser.conftest import MakePhone
from tests.browser.hub import HERE, LiveHub, ask, live_hub
from tests.browser.phone import Phone, phone
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.flows.world import TestClock

EVA = {"name": "Eva Ek", "email_verified": True, "groups": ["payments"]}
NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company() -> AsyncIterator[OpenIdProvider]:
    """The organisation's own provider."""
    time = TestClock()
    found = OpenIdProvider(lambda: time.clock().now())
    await found.open()
    yield found
    await found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settled(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, company: OpenIdProvider
) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """A hub that lets in whoever the provider puts into a group that it knows, and its owner's phone."""
    way = {
        "kind": "company",
        "issuer": company.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "title": "Nordisk login",
        "org": HERE,
        "roles": {"payments": ["approver"]},
        "join": "mapped",
    }
    async with (
        live_hub(tmp_path_factory.mktemp("hub"), sign_in={"company": way}) as live,
        phone(browser, live.url) as held,
    ):
        await held.set_up(live.setup_link)
        yield live, held
        assert held.complaints == []


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def eva_at_the_provider(hub: LiveHub, company: OpenIdProvider) -> AsyncIterator[None]:
    """Another Eva for each test, whom the hub has never seen, is signed in there; no key of hers waits afterwards."""
    number = next(NUMBERS)
    company.signed_in = EVA | {"sub": f"eva-{number}", "email": f"eva{number}@example.com"}
    yield
    for key in await hub.hub.list_pending_devices(hub.operator):
        await hub.hub.confirm_device(hub.operator, key.device_id, key.digits)


async def joined(new_phone: MakePhone, button: str = "Sign in with Nordisk login", **options: str) -> Phone:
    """Eva's phone, which the hub has never seen, after she has signed in elsewhere."""
    held = await new_phone(**options)
    await held.open("/app/sign-in")
    await held.button(button).click()
    await expect(held.page).to_have_url(f"{held.url}/app/enrol")
    return held


async def compared(eva: Phone, maja: Phone) -> None:
    """Maja sees the same digits as Eva, and says so."""
    await eva.heading("Read these digits aloud")
    await eva.sees("An owner or admin of Nordisk Data AB sees the same six digits under Devices")
    await maja.open("/app/devices")
    digits = await eva.page.locator(".digits").inner_text()
    await expect(maja.page.locator(".digits")).to_have_text(digits)
    await maja.button("Yes, the same").click()
    await maja.sees("counts from now on")


async def test_whoever_joined_makes_a_key_that_counts_once_an_owner_has_compared_the_digits(
    hub: LiveHub, maja: Phone, new_phone: MakePhone, agent: AsyncHub
) -> None:
    eva = await joined(new_phone)
    await eva.heading("Hello, Eva Ek")
    await eva.sees("You are signed in to Nordisk Data AB.")
    await eva.button("Use a key in this browser only").click()
    await compared(eva, maja)
    await eva.heading("This device is ready")
    await eva.button("Open the inbox").click()
    question = await ask(agent)
    await eva.card(question.escalation_id)
    await eva.confirm()
    await eva.heading("You approved")
    await agent.wait(question, within=20)


async def test_a_passkey_made_then_signs_in_by_itself_once_it_counts(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    eva = await joined(new_phone)
    await eva.button("Create a passkey").click()
    await compared(eva, maja)
    await eva.heading("This device is ready")
    await eva.open("/app/devices")
    await expect(eva.page.get_by_text("Passkey ·").first).to_be_visible()


async def test_without_a_key_nothing_is_signed_and_the_page_says_where_that_changes(
    hub: LiveHub, maja: Phone, new_phone: MakePhone, agent: AsyncHub
) -> None:
    eva = await joined(new_phone)
    await eva.page.get_by_role("link", name="Not now").click()
    await eva.sees("No key of yours counts, so you can read questions but not answer them.")
    question = await ask(agent)
    await eva.open(f"/app/escalations/{question.escalation_id}")
    await expect(eva.page.locator("article.card")).to_be_visible()
    assert await eva.page.locator(".answers").count() == 0
    await eva.open("/app/devices")
    await eva.page.get_by_role("link", name="Set up this device").click()
    await eva.heading("Hello, Eva Ek")


async def test_a_key_that_nobody_has_confirmed_signs_nobody_in_and_answers_nothing(
    hub: LiveHub, maja: Phone, new_phone: MakePhone, agent: AsyncHub
) -> None:
    eva = await joined(new_phone)
    await eva.button("Use a key in this browser only").click()
    await eva.heading("Read these digits aloud")
    question = await ask(agent)
    await eva.open(f"/app/escalations/{question.escalation_id}")
    await expect(eva.page.locator("article.card")).to_be_visible()
    assert (await agent.question(question.escalation_id, question.action)).is_open
    await eva.open("/app/")
    await eva.sees("No key of yours counts")


async def test_digits_that_the_owner_does_not_recognise_end_it_and_the_page_says_so(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    eva = await joined(new_phone)
    await eva.button("Use a key in this browser only").click()
    await eva.heading("Read these digits aloud")
    await maja.open("/app/devices")
    await maja.page.get_by_role("button", name="No", exact=True).click()
    await eva.sees("The digits were not recognised, so this key does not count.")


async def test_guessed_digits_end_the_key_with_its_session_and_the_page_says_so(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    eva = await joined(new_phone)
    await eva.button("Use a key in this browser only").click()
    await eva.heading("Read these digits aloud")
    right = (await eva.page.locator(".digits").inner_text()).replace("\n", "")
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    [waits] = await hub.hub.list_pending_devices(hub.operator)
    for _ in range(5):
        with pytest.raises((Invalid, Conflict)):
            await hub.hub.confirm_device(hub.operator, waits.device_id, wrong)
    await eva.sees("The digits were not recognised, so this key does not count.")


async def test_whoever_had_keys_and_lost_them_makes_no_first_one_again(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    eva = await joined(new_phone)
    await eva.button("Use a key in this browser only").click()
    await compared(eva, maja)
    await eva.button("Open the inbox").click()
    await eva.open("/app/devices")
    await eva.button("Revoke").click()
    await eva.sheet.get_by_role("button", name="Revoke").click()
    await eva.heading("Sign in")
    again = await new_phone()
    await again.open("/app/sign-in")
    await again.button("Sign in with Nordisk login").click()
    await again.sees("No key of yours counts")
    await again.page.get_by_role("link", name="Set up this device").click()
    await again.button("Use a key in this browser only").click()
    await again.sees("You had keys before, so a new one does not count by itself.")


@pytest.mark.needs("axe")
async def test_no_step_of_it_has_a_barrier_in_swedish_too(hub: LiveHub, maja: Phone, new_phone: MakePhone) -> None:
    eva = await joined(new_phone, "Logga in med Nordisk login", locale="sv-SE")
    await eva.sees("Du är inloggad i Nordisk Data AB.")
    assert await eva.barriers() == []
    assert await eva.overflow() <= 0
    await eva.page.get_by_role("link", name="Inte nu").click()
    await eva.sees("Ingen nyckel som är din räknas")
    assert await eva.barriers() == []
    await eva.page.get_by_role("link", name="Ställ in den här enheten").click()
    await eva.page.locator("button.secondary").click()
    await eva.sees("En ägare eller administratör i Nordisk Data AB ser samma sex siffror")
    assert await eva.barriers() == []
