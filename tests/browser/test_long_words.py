"""Words of another length, and screens with rounded corners, a notch and a bar at their end."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Route

from tests.browser.conftest import MakePhone
from tests.browser.hub import RICH, LiveHub, ask
from tests.browser.phone import Phone

LONGER = """
const longer = (text) => typeof text === 'string' ? `${text} ⟦${'ěëļŋğţħ '.repeat(Math.ceil(text.length / 18)).trim()}⟧`
  : { one: longer(text.one), other: longer(text.other) }
const pseudo = (words) => Object.fromEntries(Object.entries(words).map(([key, text]) => [key, longer(text)]))
const catalogues = { en: pseudo(en), sv }
"""
"""Every text of the catalogue, 40 % longer or more, with letters that reach above and below others."""
CUT_OFF = """[...document.querySelectorAll('button, .button, a, label, h1, h2, .tag')]
  .filter((found) => found.checkVisibility({ visibilityProperty: true }) && !found.closest('.visually-hidden'))
  .filter((found) => getComputedStyle(found).overflow !== 'visible' || found.matches('button, .button'))
  .filter((found) => found.scrollWidth > found.clientWidth + 1 || found.scrollHeight > found.clientHeight + 1)
  .map((found) => found.outerHTML.slice(0, 200))"""
UNTRANSLATED = """[...document.querySelectorAll('button')]
  .filter((found) => found.checkVisibility() && found.innerText.trim() !== '' && !found.innerText.includes('⟦'))
  .map((found) => found.innerText)"""


async def pseudo(route: Route) -> None:
    """The page's script, with all of its words longer."""
    answer = await route.fetch()
    text = await answer.text()
    before = "const catalogues = { en, sv }\n"
    assert before in text
    await route.fulfill(response=answer, body=text.replace(before, LONGER))


async def looks_whole(phone: Phone, where: str) -> None:
    """Nothing is wider than the screen, no label is cut off, and no button has words of its own."""
    for width, height in ((320, 640), (390, 844)):
        await phone.page.set_viewport_size({"width": width, "height": height})
        found: list[Any] = [await phone.overflow(), await phone.page.evaluate(CUT_OFF)]
        assert found == [0, []], f"{where} at {width}"
    assert await phone.page.evaluate(UNTRANSLATED) == [], where


async def test_words_that_are_much_longer_cut_nothing_off_and_all_of_them_come_from_the_catalogue(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    # What a worker fetches is not to be changed on its way: this page has none.
    await phone.context.add_init_script("delete Navigator.prototype.serviceWorker")
    await phone.context.route("**/app/main.js", pseudo)
    await phone.set_up(hub.setup_link)
    await hub.require(methods=["passkey", "bankid"], number_match=2, reason="required", min_assurance="SUBSTANTIAL")
    question = await ask(await hub.agent(), RICH)
    for path in ("/app/", "/app/decisions", "/app/devices", "/app/notices"):
        await phone.open(path)
        await phone.page.locator("h1", has_text="⟦").wait_for()
        await looks_whole(phone, path)
    await phone.card(question.escalation_id)
    await looks_whole(phone, "card")
    await phone.deny.click()
    await phone.sheet.wait_for()
    await looks_whole(phone, "sheet")


async def box(phone: Phone, selector: str) -> dict[str, float]:
    found = await phone.page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


async def test_a_notch_and_the_bar_at_the_end_of_the_screen_cover_neither_the_head_nor_the_buttons(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    phone = await new_phone()
    await phone.set_up(hub.setup_link)
    question = await ask(await hub.agent(), RICH)
    await phone.card(question.escalation_id)
    upright, lying = {"top": 47, "bottom": 34}, {"left": 47, "right": 47, "bottom": 21}
    for width, height, insets in ((390, 844, upright), (844, 390, lying)):
        await phone.page.set_viewport_size({"width": width, "height": height})
        await phone.cdp.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
        left, right = insets.get("left", 0), width - insets.get("right", 0)
        end = height - insets["bottom"]
        assert (await box(phone, ".back"))["y"] >= insets.get("top", 0)
        for selector in (".back", "h1", ".answers .deny", ".answers .approve"):
            found = await box(phone, selector)
            assert found["x"] >= left, selector
            assert found["right"] <= right, selector
        if height > width:
            # Within reach of a thumb (the lower third), and above the bar with which a phone is put away.
            for selector in (".answers .deny", ".answers .approve"):
                found = await box(phone, selector)
                assert height * 2 / 3 <= found["y"], selector
                assert found["bottom"] <= end, selector
        await phone.deny.click()
        await phone.sheet.wait_for()
        button = phone.sheet.get_by_role("button", name="Deny")
        await button.scroll_into_view_if_needed()
        found = await box(phone, "dialog[open] button.deny")
        assert left <= found["x"] < found["right"] <= right
        assert found["bottom"] <= end
        await phone.page.keyboard.press("Escape")
        assert await phone.overflow() == 0
