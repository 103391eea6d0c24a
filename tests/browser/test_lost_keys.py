"""Lost keys on the page: codes for paper, a new phone that waits, who stops it, and colleagues who sign for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import expect

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.db.database import Tx
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone

EMAIL = "maja@example.com"
LONG_ENOUGH = DAY // SECOND + 60


@dataclass
class Staff:
    """Those who have been there for a day beside Maja, and Ada, whose phone is gone."""

    ada: SoftwarePhone
    bo: Phone
    cy: SoftwarePhone
    dan: SoftwarePhone


async def member(hub: LiveHub, name: str, role: str) -> SoftwarePhone:
    """Somebody with a confirmed key, over HTTP."""
    phone = await hub.colleague()
    await phone.enrol((await hub.invitation(name, role)).split("#")[1])
    await hub.hub.confirm_device(hub.operator, phone.device_id, phone.digits or "")
    await phone.sign_in()
    return phone


async def confirm_all(hub: LiveHub) -> None:
    """Every key that waits for its digits counts."""
    for key in await hub.hub.list_pending_devices(hub.operator):
        await hub.hub.confirm_device(hub.operator, key.device_id, key.digits)


@pytest_asyncio.fixture(loop_scope="session")
async def staff(hub: LiveHub, maja: Phone, new_phone: MakePhone) -> Staff:
    """A day after everybody joined."""
    ada, cy, dan = [
        await member(hub, name, role) for name, role in (("Ada", "approver"), ("Cy", "approver"), ("Dan", "admin"))
    ]
    bo = await new_phone()
    await bo.page.goto(await hub.invitation("Bo Ek", "approver"))
    await bo.button("Use a key in this browser only").click()
    await expect(bo.page.locator(".digits")).to_be_visible()
    await confirm_all(hub)
    await bo.button("Open the inbox").click()
    hub.time.pass_seconds(LONG_ENOUGH)
    for phone in (cy, dan):
        await phone.sign_in()
    return Staff(ada, bo, cy, dan)


async def make_codes(hub: LiveHub, maja: Phone) -> list[str]:
    """The codes that Maja's page shows; her address is known."""

    async def work(tx: Tx) -> None:
        await tx.execute("UPDATE people SET email = :email WHERE name = 'Maja Berg'", email=EMAIL)

    await hub.hub.db.run(work)
    await maja.open("/app/devices")
    await maja.button("Make new codes").click()
    codes = maja.sheet.locator("li code")
    await expect(codes).to_have_count(10)
    shown = await codes.all_inner_texts()
    assert await maja.barriers() == []
    await maja.button("I have written them down").click()
    return shown


async def type_code(phone: Phone, code: str, who: str = EMAIL) -> None:
    """From the sign-in screen of a phone that has nothing."""
    await phone.open("/app/sign-in")
    await phone.page.get_by_role("link", name="Every key is lost").click()
    await phone.page.get_by_label("Your e-mail address").fill(who)
    await phone.page.get_by_label("Recovery code").fill(code)
    await phone.button("Go on").click()


async def make_link(maja: Phone) -> str:
    """The link that Maja's page shows for Ada."""
    await maja.open("/app/devices")
    await maja.button("Somebody lost every key").click()
    assert await maja.barriers() == []
    await maja.sheet.get_by_role("button", name="Ada").click()
    link = maja.sheet.locator("code")
    await expect(link).to_be_visible()
    box, sheet = await link.bounding_box(), await maja.sheet.bounding_box()
    assert box is not None
    assert sheet is not None
    assert box["x"] + box["width"] <= sheet["x"] + sheet["width"]
    url = await link.inner_text()
    await maja.button("Done").click()
    return url


async def test_codes_are_shown_once_and_counted_and_a_wrong_one_is_said_and_links_nothing(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    codes = await make_codes(hub, maja)
    assert len(set(codes)) == 10
    await maja.sees("10 codes are left.")
    await maja.page.reload()
    await maja.sees("10 codes are left.")
    assert await maja.page.get_by_text(codes[0]).count() == 0
    phone = await new_phone()
    await type_code(phone, "AAAA-AAAA-AAAA-AAAA")
    await phone.sees("do not belong together")
    assert await phone.barriers() == []
    await phone.open("/app/enrol")
    await phone.sees("Open the whole link")
    await expect(phone.button("Create a passkey")).to_have_count(0)


async def test_a_code_links_a_new_phone_that_waits_and_somebody_who_did_not_begin_it_sees_it_and_stops_it(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    codes = await make_codes(hub, maja)
    thief = await new_phone()
    await type_code(thief, codes[0].lower())
    await thief.sees("in the place of those that you lost")
    await thief.button("Use a key in this browser only").click()
    await thief.heading("Your new key waits")
    await thief.sees("It counts from")
    assert await thief.barriers() == []
    assert await thief.page.locator(".digits").count() == 0  # nobody is to ask for any
    await maja.open("/app/devices")
    await maja.sees("A recovery was begun on")
    assert await maja.barriers() == []
    await maja.button("Stop it").click()
    await maja.sees("Stopped. The new key never counts.")
    hub.time.pass_seconds(LONG_ENOUGH)
    await thief.open("/app/")
    await thief.heading("Sign in")


async def test_the_owner_of_a_new_hub_who_has_no_address_gets_in_with_the_id_beside_the_codes(
    maja: Phone, new_phone: MakePhone
) -> None:
    await maja.open("/app/devices")
    await maja.button("Make new codes").click()
    await expect(maja.sheet.locator("li code")).to_have_count(10)
    who, *codes = await maja.sheet.locator("code").all_inner_texts()
    assert who.startswith("per_")
    phone = await new_phone()
    await type_code(phone, codes[0], who)
    await phone.button("Create a passkey").click()
    await phone.heading("Your new key waits")


async def test_a_colleague_sees_the_digits_of_the_new_phone_and_signs_for_it(
    hub: LiveHub, maja: Phone, staff: Staff, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.page.goto(await make_link(maja))
    await phone.button("Use a key in this browser only").click()
    await phone.heading("Your new key waits")
    digits = "".join(await phone.page.locator(".digits span").all_inner_texts())
    await staff.bo.open()
    await staff.bo.page.get_by_role("link", name="Recover").click()
    await staff.bo.sees("The hub itself, and no agent")
    await staff.bo.sees("The new key counts once enough colleagues")
    await staff.bo.sees(digits)
    assert await staff.bo.barriers() == []
    await staff.bo.confirm()
    await staff.bo.sees("You approved. More people must")


async def test_two_people_agree_on_the_page_that_a_new_key_does_not_wait(
    hub: LiveHub, maja: Phone, staff: Staff, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.page.goto(await make_link(maja))
    await phone.button("Use a key in this browser only").click()
    await phone.heading("Your new key waits")
    [recovery] = (await staff.dan.call("GET", f"/v1/orgs/{hub.org_id}/recoveries"))["items"]
    body = {"recovery_id": recovery["recovery_id"], "reason": "Payroll is today", "fresh": await staff.dan.fresh()}
    await staff.dan.call("POST", f"/v1/orgs/{hub.org_id}/break-glass", body)
    await maja.open("/app/devices")
    await maja.sees("Payroll is today")
    assert await maja.barriers() == []
    await maja.button("Agree that it does not wait").click()
    await maja.sees("It does not wait until")
    [recovery] = (await staff.dan.call("GET", f"/v1/orgs/{hub.org_id}/recoveries"))["items"]
    assert recovery["hurried_until"] is not None


async def test_an_owner_asks_on_the_page_that_a_new_key_does_not_wait_agrees_to_nothing_alone_and_stops_it(
    hub: LiveHub, maja: Phone, staff: Staff
) -> None:
    await make_link(maja)
    await maja.button("It cannot wait").click()
    await maja.page.get_by_label("Why").fill("Payroll is today")
    assert await maja.barriers() == []
    await maja.button("Ask for it").click()
    await maja.sees("Another owner or admin has to agree")
    await expect(maja.button("Agree that it does not wait")).to_have_count(0)
    [recovery] = (await staff.dan.call("GET", f"/v1/orgs/{hub.org_id}/recoveries"))["items"]
    assert recovery["hurried_until"] is None
    await maja.button("Let it wait after all").click()
    await expect(maja.button("It cannot wait")).to_be_visible()
    # And stops it altogether.
    await maja.sees("Ada is getting a new key")
    await maja.button("Stop it").click()
    await expect(maja.page.get_by_text("Ada is getting a new key")).to_have_count(0)
