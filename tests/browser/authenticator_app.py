"""An authenticator app in a person's hand."""

from __future__ import annotations

import pyotp

from tests.browser.hub import LiveHub
from tests.browser.phone import Phone

STEP = 30
"""Seconds that a code lasts."""


def code_of(hub: LiveHub, key: str) -> str:
    """What an authenticator app with this key shows next: just begun, so that there is time to type it."""
    hub.time.pass_seconds(STEP + 1 - hub.hub.clock.now() // 1000 % STEP)
    return pyotp.TOTP(key.replace(" ", "")).at(hub.hub.clock.now() // 1000)


async def link_app(hub: LiveHub, maja: Phone) -> tuple[str, str]:
    """Link an authenticator app under Devices, by the picture that it scans; its key, and the code that is used up."""
    await maja.open("/app/devices")
    await maja.button("Link: Authenticator app").click()
    await maja.button("Confirm and begin").click()
    app = pyotp.parse_uri(await maja.scanned())
    key = await maja.sheet.locator(".secret-key").inner_text()
    shown = (app.issuer, app.name, app.secret)
    assert shown == ("Approvals Hub", "Maja Berg @ localhost", key.replace(" ", "")), shown[:2]
    code = code_of(hub, app.secret)
    await maja.sheet.get_by_label("Code of 6 digits").fill(code)
    await maja.button("Continue").click()
    await maja.sees("Authenticator app is linked.")
    return key, code
