"""The service worker: it opens the page without a network and has nothing to do with answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, expect
from yarl import URL

from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask, live_hub
from tests.browser.pages import until
from tests.browser.phone import Phone, phone
from tests.fakes.reverse_proxy import reverse_proxy
from tests.flows.world import free_port

WORKER = "/app/sw.js"
CONTROLLED = "navigator.serviceWorker.controller !== null"
REGISTRATION = "navigator.serviceWorker.getRegistration('/app/')"
REGISTER = """navigator.serviceWorker.register(
  trustedTypes.createPolicy('approvals-hub', {createScriptURL: (url) => url}).createScriptURL('/app/sw.js'),
  {scope: '/app/'}).then(() => null)"""
KEPT = "(await caches.keys()).length"
GONE = f"(await {REGISTRATION}) === undefined"
UPDATE = f"{REGISTRATION}.then((one) => one.update())"


async def installed(hub: LiveHub, make: MakePhone) -> Phone:
    held = await make(worker=True)
    await held.set_up(hub.setup_link)
    await until(held.page, CONTROLLED)
    return held


async def test_the_page_opens_without_a_network_and_says_so(hub: LiveHub, new_phone: MakePhone) -> None:
    held = await installed(hub, new_phone)
    await held.context.set_offline(True)
    await held.open("/app/")
    await held.sees("The hub cannot be reached right now")


async def test_no_answer_of_the_api_is_ever_kept(hub: LiveHub, new_phone: MakePhone) -> None:
    held = await installed(hub, new_phone)
    question = await ask(await hub.agent())
    await held.card(question.escalation_id)
    kept = await held.page.evaluate(
        """async () => {
          const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)))
          const requests = (await Promise.all(stores.map((store) => store.keys()))).flat()
          return requests.map((request) => new URL(request.url).pathname)
        }"""
    )
    assert kept
    assert [path for path in kept if not path.startswith(("/app/static/", "/app/"))] == []


async def test_the_page_can_be_installed(hub: LiveHub, new_phone: MakePhone) -> None:
    held = await installed(hub, new_phone)
    manifest = await held.cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    problems = await held.cdp.send("Page.getInstallabilityErrors")
    # Chromium installs nothing from a context that it forgets, which is what tests run in.
    assert [one["errorId"] for one in problems["installabilityErrors"] if one["errorId"] != "in-incognito"] == []


@asynccontextmanager
async def replaceable(browser: Browser, folder: Path) -> AsyncIterator[tuple[LiveHub, Phone, dict[str, str]]]:
    """A phone with the worker, of a hub whose scripts can be replaced: nothing else stands between the two."""
    behind, instead = free_port(), dict[str, str]()
    async with (
        live_hub(folder, behind=behind) as hub,
        reverse_proxy(behind, None, seen_from="127.0.0.1", at=URL(hub.url).port or 0, instead=instead),
        phone(browser, hub.url, worker=True) as held,
    ):
        await held.set_up(hub.setup_link)
        await until(held.page, CONTROLLED)
        yield hub, held, instead
        assert held.complaints == []


async def test_a_hub_can_take_the_worker_back(hub: LiveHub, new_phone: MakePhone) -> None:
    held = await installed(hub, new_phone)
    await until(held.page, f"{KEPT} === 1")
    await hub.serve(offline_page=False)
    await held.open("/app/decisions")
    await held.sees("No answers yet")
    await until(held.page, f"{KEPT} === 0 && {GONE}")


async def test_a_worker_that_is_to_end_ends_also_where_no_page_is_loaded(hub: LiveHub, new_phone: MakePhone) -> None:
    await hub.serve(offline_page=False)
    held = await new_phone(worker=True)
    await held.open("/app/")
    await held.page.evaluate(f"caches.open('approvals-hub-before').then(() => {REGISTER})")
    await until(held.page, f"{KEPT} === 0 && {GONE}")


async def test_a_new_worker_waits_while_a_card_is_open(browser: Browser, tmp_path: Path) -> None:
    async with replaceable(browser, tmp_path) as (hub, held, instead):
        question = await ask(await hub.agent())
        await held.card(question.escalation_id)
        await held.page.evaluate("window.marked = true")
        present = await held.page.evaluate("fetch('/app/sw.js').then((answer) => answer.text())")
        instead[WORKER] = present + "\n// a new version\n"
        await held.page.evaluate(UPDATE)
        await until(held.page, f"{REGISTRATION}.then((one) => one.waiting !== null)")
        assert await held.page.evaluate("window.marked") is True
        await expect(held.page.locator(".answers")).to_be_visible()
