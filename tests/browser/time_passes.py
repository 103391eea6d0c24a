"""Time that passes at the hub, of which a page hears."""

from __future__ import annotations

from tests.browser.hub import LiveHub
from tests.browser.phone import Phone


async def time_passes(hub: LiveHub, held: Phone, seconds: int) -> None:
    """The page hears of it with the next answer, as it does when the network is back."""
    hub.time.pass_seconds(seconds)
    await held.context.set_offline(True)
    async with held.page.expect_response("**/v1/inbox*"):
        await held.context.set_offline(False)
