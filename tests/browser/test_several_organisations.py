"""Two organisations on one phone: joining the second with the keys that are there, seeing both, going to and fro."""

from __future__ import annotations

from dataclasses import replace

from playwright.async_api import expect

from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone

SECOND = "Fjord & Son AB"


async def test_a_second_organisation_is_joined_with_the_same_keys_and_nothing_of_either_is_missed(
    hub: LiveHub, maja: Phone
) -> None:
    made = await hub.hub.orgs.make.by_operator(SECOND, "Siv")
    assert made.owner is not None
    other = replace(hub, org_id=made.org_id)
    siv = await hub.colleague()
    await siv.enrol(made.owner.token)
    await hub.hub.confirm_device(other.operator, siv.device_id, siv.digits or "")
    await siv.sign_in()

    # The link opens a choice, and says what one joins before anything is accepted.
    link = await other.invitation("Maja", "approver", "admin")
    await maja.page.goto(link)
    await maja.sees(f"{SECOND} invites you as admin, approver. You join as Maja Berg")
    assert await maja.barriers() == []
    await maja.button("Join as Maja Berg").click()
    await expect(maja.page.locator(".digits")).to_be_visible()
    [waiting] = (await siv.call("GET", f"/v1/orgs/{made.org_id}/joinings"))["items"]
    assert (await maja.page.locator(".digits").inner_text()).replace(" ", "").replace("\n", "") == waiting["digits"]
    path = f"/v1/orgs/{made.org_id}/joinings/{waiting['joining_id']}/confirmation"
    await siv.call("POST", path, {"digits": waiting["digits"], "fresh": await siv.fresh()})
    await maja.button(f"Go to {SECOND}").click()
    await expect(maja.page.locator(".brand-name")).to_have_text(SECOND)

    # A question of the first one is named while the second one is looked at, and is one touch away.
    question = await ask(await hub.agent())
    await maja.open()
    await maja.sees("1 question waits")
    assert await maja.barriers() == []
    await maja.button("Go to Nordisk Data AB").click()
    await expect(maja.page.locator(".brand-name")).to_have_text("Nordisk Data AB")
    await expect(maja.page.locator(".cards li")).to_have_count(1)

    # A card of the second one, opened from here as a notification does, leads there, and says whose it is.
    theirs = await ask(await other.agent())
    await maja.open(f"/app/escalations/{theirs.escalation_id}")
    await maja.sees(SECOND)
    await expect(maja.button("Approve")).to_be_visible()
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("Nordisk Data AB")
    await expect(maja.button("Approve")).to_be_visible()

    # As an admin of the second one, Maja compares whoever joins it; then she leaves, and the first one goes on.
    await maja.open("/app/")
    await maja.button(f"Go to {SECOND}").click()
    await expect(maja.page.locator(".brand-name")).to_have_text(SECOND)
    bo = await hub.colleague()
    await bo.enrol((await hub.invitation("Bo Ek", "approver")).split("#")[1])
    await hub.hub.confirm_device(hub.operator, bo.device_id, bo.digits or "")
    await bo.sign_in()
    token = (await other.invitation("Bo", "approver")).split("#")[1]
    await bo.call("POST", "/v1/joinings", {"token": token, "fresh": await bo.fresh()})
    await maja.open("/app/devices")
    await maja.sees("Bo Ek follows the invitation of Bo")
    await maja.button("Yes, the same").click()
    await maja.sees("Bo Ek is a member now")
    assert len((await bo.call("GET", "/v1/orgs"))["items"]) == 2
    await maja.button(f"Leave {SECOND}").click()
    await maja.sees("You come back by a new invitation")
    await maja.sheet.get_by_role("button", name="Leave").click()
    await expect(maja.page.locator(".brand-name")).to_have_text("Nordisk Data AB")
    await expect(maja.button(f"Go to {SECOND}")).to_have_count(0)
