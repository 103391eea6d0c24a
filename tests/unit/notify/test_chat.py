"""What all chats have in common: where they write, and that they tell and decide nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector, web

from notify.chat import THROTTLED
from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.message import Notice
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_chat import Kind, make
from tests.fakes.chat_webhook import ChatWebhook, SlackWebhook, TeamsWorkflow
from tests.fakes.tls import Authority

PATH = "/hooks/f3a1c0de"
BOTH = pytest.mark.parametrize("kind", ["slack", "teams"])


class Scene:
    """A chat's webhook and its channel."""

    def __init__(self, server: ChatWebhook, channel: Any) -> None:
        self.server = server
        self.channel = channel

    async def send(self, message: Notice | None = None) -> Delivery:
        result: Delivery = await self.channel.send(self.server.url(PATH), message or notice())
        return result


@asynccontextmanager
async def scene(kind: Kind, response: web.Response | None = None) -> AsyncIterator[Scene]:
    """`response` is what it answers to everything; None: as a chat does."""
    vendor: type[ChatWebhook] = SlackWebhook if kind == "slack" else TeamsWorkflow

    class Answering(vendor):  # type: ignore[misc, valid-type]  # one of two classes
        async def answer(self, request: web.Request) -> web.Response:
            return response or await super().answer(request)

    authority = Authority()
    server = Answering(authority)
    server.hooks.add(PATH)
    await server.open()
    async with ClientSession(connector=TCPConnector(ssl=authority.trusting())) as session:
        yield Scene(server, make(kind, (server.host,), session=session, clock=lambda: START))
    await server.close()


@BOTH
async def test_a_reader_sees_texts_and_one_link_whose_host_is_written_on_it(kind: Kind) -> None:
    async with scene(kind) as found:
        message = notice(link="https://hub.example.se/app/?a=1&b=2#/q/esc_1")
        assert await found.send(message) == Delivered()
        assert found.server.links == [("https://hub.example.se/app/?a=1&b=2#/q/esc_1", "hub.example.se")]


ATTACKS = {
    "a mention of everybody": "<!channel> look",
    "a mention by name": "<@U0123456> <at>Anna</at>",
    "a link in Slack's markup": "<https://evil.example|https://hub.example.se>",
    "a link in Markdown": "[Approve](https://evil.example)",
    "a picture": "![x](https://evil.example/x.png)",
    "bold": "*approved* **approved** _yes_",
    "entities": "&lt;!channel&gt; &amp;",
    "a date that Teams computes": "{{DATE(2027-01-15T08:00:00Z)}}",
    "an expression of a workflow": "@{triggerBody()}",
    "more members": '"}], "actions": [{"type": "Action.Submit"}]',
}


@BOTH
@pytest.mark.parametrize("attack", ATTACKS)
async def test_markup_that_an_agent_wrote_is_shown_as_it_stands_and_does_nothing(kind: Kind, attack: str) -> None:
    async with scene(kind) as found:
        assert await found.send(notice(title=ATTACKS[attack], text=ATTACKS[attack])) == Delivered()
        assert found.server.arrived[0].text == ATTACKS[attack]
        assert [target for target, _ in found.server.links] == ["https://hub.example.se/app/#/q/esc_1"]


@BOTH
async def test_nothing_in_a_message_can_be_answered_with(kind: Kind) -> None:
    async with scene(kind) as found:
        await found.send(notice(sealed=b"sealed"))
        told = str(found.server.arrived[0].body)
    answering = (
        "Action.Submit",
        "Action.Execute",
        "Action.Http",
        "'actions', 'elements'",
        "'type': 'button'",
        "Input.",
    )
    assert [part for part in answering if part in told] == []
    assert "c2VhbGVk" not in told, "what is sealed is for an app"


@BOTH
async def test_a_notice_without_a_text_has_its_title_and_its_link(kind: Kind) -> None:
    async with scene(kind, web.Response(status=202)) as found:
        await found.send(notice(text=""))
        assert len(found.server.seen) == 1


@BOTH
async def test_a_text_that_is_too_long_for_the_chat_is_not_sent(kind: Kind) -> None:
    async with scene(kind) as found:
        result = await found.send(notice(text="x" * (found.channel.longest + 1)))
        assert isinstance(result, Failed)
        assert (result.cause, found.server.seen) == (Cause.PERMANENT, [])
        assert await found.send(notice(text="\U0001f6d1" * found.channel.longest)) == Delivered()


@BOTH
@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "7"}, 7.0), (429, {}, THROTTLED), (503, {"Retry-After": "120"}, 120.0)],
)
async def test_a_chat_is_given_the_time_that_it_asks_for(
    kind: Kind, status: int, headers: dict[str, str], seconds: float
) -> None:
    async with scene(kind, web.Response(status=status, headers=headers)) as found:
        result = await found.send()
    assert isinstance(result, TryLater)
    assert (result.after, result.perhaps_sent) == (seconds, False)


@BOTH
async def test_a_redirect_does_not_take_the_message_elsewhere(kind: Kind) -> None:
    async with scene(kind, web.Response(status=307, headers={"Location": "/elsewhere"})) as found:
        result = await found.send()
        assert isinstance(result, Failed)
        assert [request.path for request in found.server.seen] == [PATH]


@BOTH
async def test_a_webhook_beside_the_hosts_of_the_settings_is_asked_nothing(kind: Kind) -> None:
    async with scene(kind) as found:
        for url in ("https://169.254.169.254/x", f"https://{found.server.host}.evil.example/x", "http://127.0.0.1/x"):
            assert isinstance(await found.channel.send(url, notice()), AddressGone)
        assert found.server.seen == []


@BOTH
async def test_a_masked_webhook_is_its_host_and_four_letters(kind: Kind) -> None:
    async with scene(kind) as found:
        assert found.channel.masked(found.server.url(PATH)) == f"{found.server.host}…c0de"
