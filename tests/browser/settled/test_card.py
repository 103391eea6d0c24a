"""What a card shows: everything, as it is, and in which words."""

from __future__ import annotations

import re

from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from approvals_hub_client.rule import Rule
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone

ORDER = [
    ".risk",
    "h1",
    ".part-who",
    ".part-exactly",
    ".part-why",
    ".part-rule",
    ".part-next",
    ".part-until",
    ".answers",
]


async def test_the_parts_of_a_card_stand_in_the_order_of_their_weight(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    tops = [await maja.page.locator(part).evaluate("e => e.getBoundingClientRect().top") for part in ORDER[:-1]]
    assert tops == sorted(tops)
    places = await maja.page.evaluate(
        "(parts) => parts.map((part) => [...document.querySelectorAll('*')].indexOf(document.querySelector(part)))",
        ORDER,
    )
    assert places == sorted(places)


async def test_an_agents_title_never_becomes_the_headline(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"title": "Read a file"}, action_type="db.delete", justification="Read a file")
    await maja.card(question.escalation_id)
    await expect(maja.page.locator("h1")).to_have_text("Deleteat prod-db.example.com")


async def test_the_agents_words_are_fenced_called_unverified_and_of_no_language_that_the_page_knows(
    maja: Phone, agent: AsyncHub
) -> None:
    words = {"comment": "Ganz sicher.", "text": "eins\nzwei"}
    question = await ask(agent, words, justification="Quite safe.")
    await maja.card(question.escalation_id)
    for said in (*words.values(), "Quite safe."):
        own = maja.page.locator("[lang='']", has_text=said.partition("\n")[0])
        await expect(own.first).to_be_visible()
    why = maja.page.locator(".part-why")
    await expect(why.locator("h2")).to_contain_text("not verified")
    await expect(why.locator("blockquote")).to_have_text("Quite safe.")


async def test_a_trust_profile_that_the_agent_wrote_never_looks_like_the_organisations_word(
    maja: Phone, agent: AsyncHub
) -> None:
    party = {"domain": "prod-db.example.com", "trust_profile": "REGULATED"}
    question = await ask(agent, {"assurance_level": "HIGH"}, relying_party=party, chain=["agt_9"])
    await maja.card(question.escalation_id)
    await maja.page.locator("details.technical summary").click()
    for name, value in (("trust_profile", "REGULATED"), ("assurance_level", "HIGH"), ("#1", "agt_9")):
        row = maja.page.locator(".field", has_text=name).filter(has_text=value)
        await expect(row.locator(".claimed")).to_have_text("the agent says so, not verified")
    await expect(maja.page.locator(".who .unverified")).to_be_visible()
    await expect(maja.page.locator(".field", has_text="domain").locator(".claimed")).to_have_count(0)


async def test_every_byte_of_forty_parameters_and_a_long_text_can_be_reached(maja: Phone, agent: AsyncHub) -> None:
    payload = {f"parameter_{n:02}": f"value {n}" for n in range(40)}
    payload["long"] = "".join(f"{n:05} " for n in range(1700))
    question = await ask(agent, payload)
    await maja.card(question.escalation_id)
    while await maja.page.locator("button.fold").count():
        await maja.page.locator("button.fold").first.click()
    await maja.sees("value 39")
    text = await maja.page.locator(".field", has_text="long").locator("code").inner_text()
    assert text.replace("\n", "") == payload["long"]


async def test_a_folded_text_tells_how_much_it_holds_and_locks_the_approval_until_its_end_was_seen(
    maja: Phone, agent: AsyncHub
) -> None:
    question = await ask(agent, {"script": "\n".join(f"echo {n}" for n in range(226))})
    await maja.card(question.escalation_id)
    await expect(maja.approve).to_be_disabled()
    await maja.sees("Open and read everything that is folded first.")
    await maja.button("+214 lines").click()
    await expect(maja.approve).to_be_disabled()
    await maja.page.locator(".fold-end").scroll_into_view_if_needed()
    await expect(maja.approve).to_be_enabled()


async def test_a_fold_opens_and_unlocks_by_keyboard_too(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"script": "\n".join(f"echo {n}" for n in range(60))})
    await maja.card(question.escalation_id)
    await maja.button("+48 lines").focus()
    await maja.page.keyboard.press("Enter")
    await maja.page.keyboard.press("End")
    await expect(maja.approve).to_be_enabled()


async def test_denying_needs_no_reading(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"script": "\n".join("x" * 200)})
    await maja.card(question.escalation_id)
    await expect(maja.approve).to_be_disabled()
    await expect(maja.deny).to_be_enabled()


async def test_markup_of_an_agent_stays_text(maja: Phone, agent: AsyncHub) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>[ok](javascript:alert(3))"
    question = await ask(agent, {"note": attack, "<b>": "1"}, justification=attack)
    await maja.card(question.escalation_id)
    await expect(maja.page.locator("blockquote")).to_have_text(attack)
    assert await maja.page.locator(".card img, .card script, .card a").count() == 0


async def test_hidden_characters_are_shown_and_warned_about(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"file": "invoice\u202egpj.exe"}, justification="ok\u200b")
    await maja.card(question.escalation_id)
    await maja.sees("invoice⟦U+202E⟧gpj.exe")
    await expect(maja.page.locator("blockquote")).to_have_text("ok⟦U+200B⟧")
    await maja.sees("2 things here may not be what they seem")


async def test_a_web_address_with_foreign_letters_is_shown_where_it_leads(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"url": "https://www.\u0430pple.com/pay"})
    await maja.card(question.escalation_id)
    await expect(maja.page.locator(".ascii-host")).to_have_text("www.xn--pple-43d.com")


async def test_a_web_address_is_no_link_and_its_host_stands_out(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"url": "https://files.example.com/a/b"})
    await maja.card(question.escalation_id)
    await expect(maja.page.locator(".part-exactly .host")).to_have_text("files.example.com")
    assert await maja.page.locator(".part-exactly a").count() == 0


async def test_a_diff_keeps_its_signs_and_needs_no_colour(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"diff": "--- a\n+++ b\n@@ -1 +1 @@\n-host: staging\n+host: production"})
    await maja.card(question.escalation_id)
    await expect(maja.page.locator(".line.removed")).to_have_text("-host: staging\n")
    await expect(maja.page.locator(".line.added")).to_have_text("+host: production")
    decoration = await maja.page.locator(".line.removed").evaluate("e => getComputedStyle(e).textDecorationLine")
    assert decoration == "underline"


async def test_a_text_that_looks_like_a_number_says_that_it_is_text(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {"amount": "100", "count": 100})
    await maja.card(question.escalation_id)
    rows = maja.page.locator(".part-exactly .field")
    await expect(rows.nth(0)).to_contain_text("text")
    await expect(rows.nth(1)).not_to_contain_text("text")


async def test_the_card_says_what_happens_next(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await expect(maja.page.locator(".part-next")).to_have_text(
        re.compile("works once, for exactly this, at prod-db.example.com, within 10 minutes")
    )


async def test_the_card_tells_agent_owner_organisation_and_environment(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    await hub.require(environment="production")
    question = await ask(agent, chain=["agt_planner"])
    await maja.card(question.escalation_id)
    who = maja.page.locator(".part-who")
    for text in ("Ops agent", "Agent of Maja Berg", "In Nordisk Data AB", "On behalf of agt_planner"):
        await expect(who).to_contain_text(text)
    await expect(maja.page.locator(".environment")).to_have_text("production")


async def test_the_risks_differ_in_word_icon_and_shape(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    looks = []
    for risk in ("low", "medium", "high", "critical"):
        await hub.require(risk=risk)
        question = await ask(agent, {"risk": risk})
        await maja.card(question.escalation_id)
        chip = maja.page.locator(".card .risk")
        width = await chip.evaluate("e => e.getBoundingClientRect().width")
        path = await chip.locator("path").first.get_attribute("d")
        looks.append((await chip.inner_text(), path, width > 300))
    assert [word for word, _, _ in looks] == ["Low risk", "Medium risk", "High risk", "Critical risk"]
    assert len({path for _, path, _ in looks}) == 4
    assert [wide for _, _, wide in looks] == [False, False, False, True]


async def test_opening_a_card_moves_the_focus_to_its_headline(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    assert await maja.page.evaluate("document.activeElement.tagName") == "H1"


async def test_a_question_that_is_not_there_says_so(maja: Phone) -> None:
    await maja.open("/app/escalations/esc_nothing")
    await maja.heading("There is no such question for you")


async def test_a_card_says_the_rule_in_words_and_how_far_it_is(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    owners = Rule(of=("role:owner", "role:approver"), approvals=1)
    quorum = Rule(any=(owners, Rule(of=("role:admin",), approvals=2)))
    await hub.require(quorum=quorum, veto=("role:owner",), wait=60)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    rule = maja.page.locator(".part-rule")
    for words in (
        "One of these is enough:",
        "1 approval by owners or approvers",
        "2 approvals by admins",
        "1 person can stop it alone",
        "1 minute after the question was asked",
        "0 people have approved. At least 1 more must.",
    ):
        await expect(rule).to_contain_text(words)


async def test_an_agent_that_calls_itself_like_the_hub_is_shown_as_somebodys_agent(hub: LiveHub, maja: Phone) -> None:
    question = await ask(await hub.agent("Approvals Hub"))
    await maja.card(question.escalation_id)
    assert await maja.page.get_by_text("The hub itself").count() == 0
