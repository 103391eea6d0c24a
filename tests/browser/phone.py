"""A real browser in a person's hand: what they see, touch and have, and what must never happen in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Locator, Page, expect

from tests.fakes.qr_scanner import scanned, seen

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
NO_WORKER = """(() => {
  const own = globalThis.ServiceWorkerContainer?.prototype
  const register = own?.register
  if (register) own.register = function (address, ...more) {
    const none = new DOMException('none in this browser', 'SecurityError')
    return String(address) === '/app/sw.js' ? Promise.reject(none) : register.call(this, address, ...more)
  }
})()"""
"""A browser that keeps no service worker, as private windows do. A worker that is new to a browser asks for all files
again: as much work as opening the page three times."""
FINDINGS = f"""async (colours) => {{
  const painted = document.getAnimations().filter((one) => one.transitionProperty?.includes('color'))
  await Promise.allSettled(painted.map(({{finished}}) => finished))
  const kinds = ['violations', 'incomplete']
  const ofColours = axe.getRules({TAGS}).filter(({{tags}}) => tags.includes('cat.color')).map(({{ruleId}}) => ruleId)
  const runOnly = colours ? {{type: 'rule', values: ofColours}} : {{type: 'tag', values: {TAGS}}}
  const found = await axe.run(document, {{runOnly, resultTypes: kinds}})
  const told = ({{html, any}}) => ({{html: html.slice(0, 120), any: any.map(({{data}}) => ({{data}}))}})
  return kinds.flatMap((kind) => found[kind].map(({{id, nodes}}) => ({{id, kind, nodes: nodes.map(told)}})))
}}"""
"""All that is read of what axe finds: the rest is a megabyte."""
UNDECIDABLE = {"bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring", "shortTextContent"}
"""Of contrast: what lies under something else at this moment, and what has one letter (it could be a picture)."""
TIMERS = """(() => {
  const begin = setTimeout.bind(globalThis), end = clearTimeout.bind(globalThis)
  const kept = new Set(), count = () => { document.documentElement.dataset.kept = kept.size }
  globalThis.setTimeout = (done, after, ...more) => {
    if (after !== %d) return begin(done, after, ...more)
    const timer = begin(() => undefined, 2e9)
    kept.add(timer)
    count()
    return timer
  }
  globalThis.clearTimeout = (timer) => { end(timer); if (kept.delete(timer)) count() }
})()"""
ASKED = """() => performance.getEntriesByType('resource').filter(({name}) => !name.includes('/app/static/')).slice(-20)
  .map(({name, responseStatus}) => `${responseStatus} ${name}`)"""
LISTEN = """document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`POLICY ${event.effectiveDirective} ${event.blockedURI}`)
})"""


@dataclass
class Phone:
    """One browser profile with one page open, and a passkey authenticator built in."""

    url: str
    context: BrowserContext
    page: Page
    cdp: CDPSession
    authenticator: str
    complaints: list[str] = field(default_factory=list)
    """What the browser stopped, and errors of the page's own code."""
    prepared: bool = False
    """Whether a test has done something to the page that stays with it."""
    left: list[Phone] = field(default_factory=list)
    """Further pages of the same profile that nobody uses now."""

    async def open(self, path: str = "/app/") -> None:
        await self.page.goto(self.url + path)

    async def set_up(self, link: str, *, passkey: bool = True, also_key: bool = True) -> None:
        """Use an invitation that counts at once."""
        await self.page.goto(link)
        await self.make_key(passkey=passkey, also_key=also_key)

    async def make_key(self, *, passkey: bool = True, also_key: bool = True) -> None:
        """From the welcome to the inbox."""
        if passkey:
            await self.button("Create a passkey").click()
            await self.button("Link this device too" if also_key else "Not now").click()
            if not also_key:
                await self.sees("Nothing waits for you")
                return
        else:
            await self.button("Use a key in this browser only").click()
        await self.button("Open the inbox").click()
        await self.sees("Nothing waits for you")

    async def card(self, escalation_id: str) -> None:
        """Open a question whose buttons are ready."""
        await self.open(f"/app/escalations/{escalation_id}")
        await expect(self.page.locator(".answers")).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    @property
    def approve(self) -> Locator:
        return self.page.locator(".answers .approve")

    @property
    def deny(self) -> Locator:
        return self.page.locator(".answers .deny")

    @property
    def sheet(self) -> Locator:
        return self.page.locator("dialog[open]")

    async def scanned(self) -> str:
        """What another device reads in the QR code that is shown."""
        code = self.page.locator(".qr")
        await expect(code).to_be_visible()
        picture = "code => [code.querySelector('.qr-ink').getAttribute('d'), code.getAttribute('viewBox')]"
        return scanned(seen(*await code.evaluate(picture)))

    async def sees(self, text: str) -> None:
        async with self._told():
            await expect(self.page.get_by_text(text).first).to_be_visible()

    async def heading(self, text: str) -> None:
        async with self._told():
            await expect(self.page.locator("h1")).to_contain_text(text)

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[None]:
        """Say beside a failure what is on the screen instead, and what the hub was asked."""
        try:
            yield
        except AssertionError as error:
            error.add_note(f"on the screen:\n{await self.page.locator('body').inner_text()}")
            error.add_note("asked of the hub:\n" + "\n".join(await self.page.evaluate(ASKED)))
            raise

    async def confirm(self) -> None:
        """Go through the second step."""
        await self.approve.click()
        button = self.sheet.locator(".approve")
        await expect(button).not_to_have_attribute("aria-disabled", "true")
        await button.click()

    async def prove(self, way: str) -> None:
        """Press Approve, and take one of the ways to prove who one is."""
        await self.approve.click()
        await self.take(way)

    async def take(self, way: str) -> None:
        """Take one of the ways that the sheet offers."""
        button = self.sheet.get_by_role("button", name=way)
        await expect(button).not_to_have_attribute("aria-disabled", "true")
        await button.click()

    @asynccontextmanager
    async def touching(self, target: Locator) -> AsyncIterator[None]:
        """A finger on something, for as long as the block takes."""
        await target.scroll_into_view_if_needed()
        box = await target.bounding_box()
        assert box is not None
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        await self.cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        yield
        await self.cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    async def keep_timers(self, milliseconds: int) -> None:
        """Timers of this length that pages opened from now on start never end; `data-kept` of the page counts those."""
        await self.page.add_init_script(TIMERS % milliseconds)

    async def user_verifies(self, yes: bool) -> None:
        """Whether the person passes their screen lock."""
        await self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": yes})

    async def passkeys_are_synced(self) -> None:
        """Take, in the place of the built-in authenticator, one whose passkeys an account copies to other devices."""
        await self._take_authenticator({"defaultBackupEligibility": True, "defaultBackupState": True})

    async def security_key(self) -> None:
        """Take a security key in the place of the authenticator of before."""
        await self._take_authenticator({"transport": "usb"})

    async def fresh_authenticator(self) -> None:
        """Take one that knows nobody yet in the place of the one of before."""
        await self._take_authenticator({})

    async def _take_authenticator(self, changes: dict[str, Any]) -> None:
        await self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.authenticator})
        options = {**AUTHENTICATOR, **changes}
        made = await self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.authenticator = made["authenticatorId"]

    async def bring(self, credentials: list[dict[str, Any]]) -> None:
        """Passkeys that are on this phone too, as synced ones are."""
        for credential in credentials:
            await self.cdp.send(
                "WebAuthn.addCredential", {"authenticatorId": self.authenticator, "credential": credential}
            )

    async def offer_nothing(self) -> None:
        """Keep the authenticator, which picks whatever the autofill offers, from signing in by itself."""
        await self.context.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
        await self.page.reload()

    async def leave(self) -> None:
        """Close the page: it asks nothing more, and nothing reacts to what is changed behind its back."""
        await self.page.goto("about:blank")

    async def lose_storage(self) -> None:
        """What browsers do to pages that were not visited for long."""
        await self.cdp.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "indexeddb"})

    async def barriers(self, *, colours: bool = False) -> list[str]:
        """What axe finds against WCAG 2.2 AA on this screen, or by its rules of colours alone; what it cannot decide
        counts too, but for overlaps and for texts of one letter."""
        # Colours under the sticky bar of buttons change with scrolling, which axe reports as undecided.
        if not await self.page.evaluate("'axe' in globalThis"):
            await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate(FINDINGS, colours)
        counted = [one for one in found if one["kind"] == "violations" or not _is_undecidable(one)]
        return [f"{one['id']}: {node['html']}" for one in counted for node in one["nodes"]]

    async def barriers_by_day_and_night(self) -> list[str]:
        """The same for the light and the dark look of this screen, which it turns to without being loaded again."""
        found = []
        for dark in (True, False):
            await self.page.emulate_media(color_scheme="dark" if dark else "light")
            # Nothing but colours differs, and axe takes a quarter of a second for the rest.
            found += [f"{'dark' if dark else 'light'}: {barrier}" for barrier in await self.barriers(colours=dark)]
        return found

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(await self.page.evaluate("((all) => all.scrollWidth - all.clientWidth)(document.documentElement)"))


def _is_undecidable(finding: dict[str, Any]) -> bool:
    keys = {
        check.get("data", {}).get("messageKey") for node in finding["nodes"] for check in node["any"] if check["data"]
    }
    return finding["id"] == "color-contrast" and keys <= UNDECIDABLE


@asynccontextmanager
async def phone(browser: Browser, url: str, *, worker: bool = False, **options: Any) -> AsyncIterator[Phone]:
    """A phone's browser; `worker`: it keeps the page's service worker; `options` are Playwright's for the context."""
    settings: dict[str, Any] = {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "locale": "en-GB",
        **options,
    }
    context = await browser.new_context(**settings)
    context.set_default_timeout(20_000)
    await context.add_init_script(LISTEN if worker else f"{LISTEN};{NO_WORKER}")
    yield await take(context, url)
    await context.close()


async def take(context: BrowserContext, url: str) -> Phone:
    """A new page of a browser profile, with an authenticator of its own."""
    page = await context.new_page()
    cdp = await context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    held = Phone(url, context, page, cdp, made["authenticatorId"])
    page.on("pageerror", lambda error: held.complaints.append(f"error: {error}"))
    page.on("console", lambda message: _listen(held, message.type, message.text))
    return held


@asynccontextmanager
async def other_device(browser: Browser, owner: Phone) -> AsyncIterator[Phone]:
    """Somebody's computer, at the inbox: their passkey is there too, but no key of the browser."""
    settings = {"viewport": {"width": 1280, "height": 860}, "is_mobile": False, "has_touch": False}
    async with phone(browser, owner.url, **settings) as held:
        found = await owner.cdp.send("WebAuthn.getCredentials", {"authenticatorId": owner.authenticator})
        await held.bring(found["credentials"])
        await held.open("/app/sign-in")
        await held.sees("Waiting for you")
        yield held


def _listen(held: Phone, kind: str, text: str) -> None:
    # The browser itself writes a line for every answer of 400 and more, and when there is no network.
    if kind == "error" and not text.startswith("Failed to load resource"):
        held.complaints.append(text)
