"""The service worker: it opens the page without a network and has nothing to do with answers."""

from __future__ import annotations

from playwright.async_api import Route, expect

from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone
from web.routes import STATIC

CONTROLLED = "navigator.serviceWorker.controller !== null"


async def installed(hub: LiveHub, make: MakePhone) -> Phone:
    phone = await make(worker=True)
    await phone.set_up(hub.setup_link)
    await phone.page.wait_for_function(CONTROLLED)
    return phone


async def test_the_page_opens_without_a_network_and_says_so(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await installed(hub, new_phone)
    await phone.context.set_offline(True)
    await phone.open("/app/")
    await phone.sees("The hub cannot be reached right now")


async def test_no_answer_of_the_api_is_ever_kept(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await installed(hub, new_phone)
    question = await ask(await hub.agent())
    await phone.card(question.escalation_id)
    kept = await phone.page.evaluate(
        """async () => {
          const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)))
          const requests = (await Promise.all(stores.map((store) => store.keys()))).flat()
          return requests.map((request) => new URL(request.url).pathname)
        }"""
    )
    assert kept
    assert [path for path in kept if not path.startswith(("/app/static/", "/app/"))] == []


async def test_the_page_can_be_installed(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await installed(hub, new_phone)
    manifest = await phone.cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    problems = await phone.cdp.send("Page.getInstallabilityErrors")
    # Chromium installs nothing from a context that it forgets, which is what tests run in.
    assert [one["errorId"] for one in problems["installabilityErrors"] if one["errorId"] != "in-incognito"] == []


async def test_a_hub_can_take_the_worker_back(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await installed(hub, new_phone)
    ending = (STATIC / "off" / "sw.js").read_text()
    await phone.context.route("**/app/sw.js", lambda route: route.fulfill(body=ending, content_type="text/javascript"))
    await phone.page.evaluate("navigator.serviceWorker.getRegistration('/app/').then((one) => one.update())")
    await phone.page.wait_for_function("caches.keys().then((names) => names.length === 0)")
    await phone.page.wait_for_function(
        "navigator.serviceWorker.getRegistration('/app/').then((one) => one === undefined || one.active === null)"
    )


async def test_a_new_worker_waits_while_a_card_is_open(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await installed(hub, new_phone)
    question = await ask(await hub.agent())
    await phone.card(question.escalation_id)
    await phone.page.evaluate("window.marked = true")

    async def newer(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, body=(await response.text()) + "\n// a new version\n")

    await phone.context.route("**/app/sw.js", newer)
    await phone.page.evaluate("navigator.serviceWorker.getRegistration('/app/').then((one) => one.update())")
    await phone.page.wait_for_function(
        "navigator.serviceWorker.getRegistration('/app/').then((one) => one.waiting !== null)"
    )
    assert await phone.page.evaluate("window.marked") is True
    await expect(phone.page.locator(".answers")).to_be_visible()
