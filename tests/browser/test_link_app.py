"""An authenticator app is linked, and the code that linked it."""

from __future__ import annotations

from approvals_hub_client import AsyncHub
from tests.browser.authenticator_app import link_app
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone


async def test_a_code_that_linked_the_app_cannot_approve_in_the_same_half_minute(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    _, code = await link_app(hub, maja)
    linked = hub.hub.clock.now()
    await hub.require(methods=["passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Authenticator app")
    await maja.sheet.get_by_label("Code of 6 digits").fill(code)
    hub.time.pass_seconds((linked - hub.hub.clock.now()) / 1000)  # it still counts, however long this took
    await maja.button("Continue").click()
    await maja.sees("This code was used already. Wait for the next one.")
    assert (await agent.question(question.escalation_id, question.action)).is_open
