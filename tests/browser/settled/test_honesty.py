"""Nothing is signed but what is shown: attacks on the way, in the hub's answers and in the page."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.hub import ask
from tests.browser.phone import Phone

Change = Callable[[dict[str, Any]], None]


@asynccontextmanager
async def tampering(phone: Phone, path: str, change: Change) -> AsyncIterator[None]:
    """Change the hub's answers on their way, until the block ends.

    The browser is asked for these answers alone: a route of Playwright's has all of the page's files fetched anew.
    """
    under_way: list[asyncio.Task[None]] = []

    async def handle(paused: dict[str, Any]) -> None:
        request = {"requestId": paused["requestId"]}
        given = await phone.cdp.send("Fetch.getResponseBody", request)
        answer = json.loads(b64decode(given["body"]) if given["base64Encoded"] else given["body"])
        change(answer)
        body = b64encode(json.dumps(answer).encode()).decode()
        code = {"responseCode": paused["responseStatusCode"], "responseHeaders": paused["responseHeaders"]}
        await phone.cdp.send("Fetch.fulfillRequest", {**request, **code, "body": body})

    def begin(paused: dict[str, Any]) -> None:
        under_way.append(asyncio.create_task(handle(paused)))

    phone.cdp.on("Fetch.requestPaused", begin)
    await phone.cdp.send("Fetch.enable", {"patterns": [{"urlPattern": path, "requestStage": "Response"}]})
    yield
    await asyncio.gather(*under_way)
    assert under_way, f"nothing came by {path}"
    await phone.cdp.send("Fetch.disable")
    phone.cdp.remove_listener("Fetch.requestPaused", begin)


def field(answer: dict[str, Any], path: str) -> dict[str, str]:
    return next(one for one in answer["presentation"]["fields"] if one["path"] == path)


def one_character(answer: dict[str, Any]) -> None:
    field(answer, "/payload/database")["value"] = "prod-eu-2"


def one_type(answer: dict[str, Any]) -> None:
    field(answer, "/payload/cascade").update(type="string")


def left_out(answer: dict[str, Any]) -> None:
    answer["presentation"]["fields"].remove(field(answer, "/payload/cascade"))


def other_order(answer: dict[str, Any]) -> None:
    answer["presentation"]["fields"].reverse()


def other_audience(answer: dict[str, Any]) -> None:
    answer["audience"] = "other.example.com"


def nicer_words(answer: dict[str, Any]) -> None:
    answer["presentation"]["justification"]["text"] = "Nothing happens."


def verified_words(answer: dict[str, Any]) -> None:
    answer["presentation"]["justification"]["verified"] = True


def hidden_warning(answer: dict[str, Any]) -> None:
    answer["presentation"]["warnings"] = []


def lower_risk(answer: dict[str, Any]) -> None:
    answer["requirement"]["risk"] = "low"


def longer_life(answer: dict[str, Any]) -> None:
    answer["requirement"]["approval_valid_for"] = 86_400


@pytest.mark.parametrize(
    "change",
    [
        one_character,
        one_type,
        left_out,
        other_order,
        other_audience,
        nicer_words,
        verified_words,
        hidden_warning,
        lower_risk,
        longer_life,
    ],
    ids=lambda change: change.__name__,
)
async def test_a_question_changed_on_its_way_cannot_be_answered(maja: Phone, agent: AsyncHub, change: Change) -> None:
    question = await ask(agent, {"database": "prod-eu-1\u200b", "cascade": True})
    async with tampering(maja, "*/presentation", change):
        await maja.open(f"/app/escalations/{question.escalation_id}")
        await maja.heading("The content changed")
        assert await maja.page.locator(".answers").count() == 0


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("action_hash", "sha256:" + "0" * 64),
        ("presentation_hash", "sha256:" + "0" * 64),
        ("requirement_hash", "sha256:" + "0" * 64),
        ("escalation_id", "esc_other"),
        ("approver_id", "per_other"),
        ("org_id", "org_other"),
        ("audience", "https://evil.example"),
        ("approval_valid_for", 86_400),
        ("decision", "approve"),
        ("revision", 2),
        ("step_up", ["stu_1"]),
        ("extra", None),
    ],
)
async def test_a_statement_about_something_else_is_not_signed(
    maja: Phone, agent: AsyncHub, member: str, value: Any
) -> None:
    question = await ask(agent)
    async with tampering(maja, "*/views", lambda answer: answer["statement"].update({member: value})):
        await maja.card(question.escalation_id)
        await maja.confirm()
        await maja.sees("The content changed")
    asked = await maja.page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert any(url.endswith("/views") for url in asked)
    assert [url for url in asked if url.endswith("/decisions")] == []
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_a_value_repainted_by_an_extension_is_not_signed(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.page.locator(".part-exactly .value", has_text="prod-eu-1").evaluate("e => e.textContent = 'staging'")
    await maja.confirm()
    await maja.sees("The content changed")
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_a_row_removed_from_the_page_is_noticed(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.page.locator(".part-exactly .field").first.evaluate("e => e.remove()")
    await maja.confirm()
    await maja.sees("The content changed")


async def test_the_key_of_the_browser_cannot_be_copied_out(maja: Phone) -> None:
    await maja.open()
    refused = await maja.page.evaluate(
        """async () => {
          const open = indexedDB.open('approvals-hub')
          await new Promise((resolve) => { open.onsuccess = resolve })
          const get = open.result.transaction('device-key').objectStore('device-key').get('this')
          await new Promise((resolve) => { get.onsuccess = resolve })
          return crypto.subtle.exportKey('jwk', get.result.privateKey).then(() => 'copied', (error) => error.name)
        }"""
    )
    assert refused == "InvalidAccessError"


async def test_sessions_are_named_by_browser_and_system_and_their_cookie_is_out_of_reach_of_scripts(
    maja: Phone,
) -> None:
    await maja.open("/app/devices")
    await expect(maja.page.locator(".rows").last).to_contain_text("Chrome on Linux")
    assert await maja.page.evaluate("document.cookie") == ""
    cookie = next(one for one in await maja.context.cookies() if one["name"].startswith("__Host-"))
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")


async def test_nothing_of_a_question_is_kept_in_the_browser(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    kept = await maja.page.evaluate("[localStorage.length, sessionStorage.length]")
    assert kept == [0, 0]


@pytest.mark.parametrize(
    "attack",
    [
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.append(Object.assign(document.createElement('script'), {src: '/app/sw.js'}))",
        "new Worker('/v1/session')",
        "navigator.serviceWorker.register('/v1/session')",
        "trustedTypes.createPolicy('mine', {})",
    ],
)
async def test_text_does_not_become_code(maja: Phone, attack: str) -> None:
    await maja.open()
    outcome = await maja.page.evaluate(
        f"(async () => {{ try {{ await ({attack}); return 'ran' }} catch (error) {{ return error.name }} }})()"
    )
    await expect(maja.page.locator("h1")).to_be_visible()
    assert outcome == "TypeError"
    assert maja.complaints
    maja.complaints.clear()
