"""What a server that is no hub says on the stream, and what a client remembers: nothing is acted on by lies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from approvals_hub.api.limits import MESSAGE, VERSIONS
from approvals_hub_client import Change, Credential
from approvals_hub_client.canonical import dumps, loads
from approvals_hub_client.errors import BadAnswer
from approvals_hub_client.stream import PATH, REMEMBERED, RESUME_BYTES, Known, Stream
from approvals_hub_client.transport import Transport
from tests.unit.approvals_hub_client.stream_reader import Reader


@asynccontextmanager
async def garbling(*words: str) -> AsyncIterator[tuple[str, asyncio.Queue[str]]]:
    """A socket that says hello, then these words, then nothing; and the first messages that it got."""
    got: asyncio.Queue[str] = asyncio.Queue()

    async def follow(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str('{"type":"hello","now":"x"}')
        got.put_nowait(await socket.receive_str())
        for word in words:
            await socket.send_str(word)
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.router.add_route("GET", PATH, follow)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", got
    finally:
        await runner.cleanup()


def told(**changes: Any) -> str:
    view = {"escalation_id": "esc_1", "status": "open", "version": 1, "agent_id": "agt_1", **changes}
    return dumps({"type": "escalation", "escalation": view}).decode()


@asynccontextmanager
async def followed(url: str, **options: Any) -> AsyncIterator[Reader]:
    key = Credential(url, agent_id="agt_1", key_id="key_1", seed=bytes(32))
    async with Transport(url, key) as transport:
        reader = Reader(Stream(transport, "agt_1", Known({}), **options).changes())
        try:
            yield reader
        finally:
            reader.task.cancel()
            await asyncio.gather(reader.task, return_exceptions=True)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "[]",
        '{"type":"escalation"}',
        '{"type":"escalation","escalation":[]}',
        '{"a":1,"a":2}',
        told(agent_id="agt_2"),
        told(version="1"),
        told(version=True),
        told(status=None),
    ],
)
async def test_words_that_no_hub_says_are_acted_on_by_nobody(words: str) -> None:
    async with garbling(words) as (url, _), followed(url) as reader:
        with pytest.raises(BadAnswer):
            await asyncio.wait_for(asyncio.shield(reader.task), 20)
    assert reader.told == []


async def test_an_older_version_that_is_sent_again_is_not_told() -> None:
    words = [told(version=3, status="denied"), told(version=2), told(version=3, status="approved"), told(version=4)]
    async with garbling(*words) as (url, _), followed(url) as reader:
        await reader.until("esc_1", "open")
    assert [one.version for one in reader.told] == [3, 4]


async def test_kinds_of_messages_to_come_are_passed_over() -> None:
    async with garbling('{"type":"weather"}', told()) as (url, _), followed(url) as reader:
        await reader.until("esc_1", "open")


async def test_a_line_that_says_nothing_is_taken_for_dead() -> None:
    async with garbling(told()) as (url, got), followed(url, silence=0.2) as reader:
        async with asyncio.timeout(20):
            resumes = [loads((await got.get()).encode()) for _ in range(2)]
    assert [one.version for one in reader.told] == [1]
    assert [resume["versions"] for resume in resumes] == [{}, {"esc_1": 1}]


def change(name: str, version: int = 1, *, settled: bool = False) -> Change:
    return Change(name, "denied" if settled else "open", version, {})


def test_the_first_message_fits_and_leaves_out_what_ended_long_ago() -> None:
    known = Known({})
    for number in range(4000):
        known.is_news(change(f"esc_06gvo29si3ntn1f1l4i09m{number:04d}", settled=number < 3000))
    message = known.resume()
    versions = loads(message)["versions"]
    assert len(message) <= RESUME_BYTES + 100
    assert all(f"esc_06gvo29si3ntn1f1l4i09m{number:04d}" in versions for number in range(3000, 4000))
    assert "esc_06gvo29si3ntn1f1l4i09m2999" in versions
    assert "esc_06gvo29si3ntn1f1l4i09m0000" not in versions


def test_the_first_message_names_as_many_questions_as_the_hub_takes_and_the_open_ones_first() -> None:
    known = Known({})
    for number in range(VERSIONS):
        known.is_news(change(f"s{number}", settled=True))
    known.is_news(change("open", 7))
    message = known.resume()
    versions = loads(message)["versions"]
    assert (len(versions), versions["open"]) == (VERSIONS, 7)
    assert ("s0" in versions, "s1" in versions) == (False, True)
    assert len(message) < RESUME_BYTES - 100 < MESSAGE, "by its bytes it would have had room for more"


def test_what_the_first_message_left_out_comes_again_and_is_no_news() -> None:
    known = Known({})
    assert known.is_news(change("esc_1", settled=True))
    assert not known.is_news(change("esc_1", settled=True))


def test_a_token_that_waits_is_not_settled_yet() -> None:
    ready = Change("esc_1", "approved", 2, {"token_state": "ready"})
    assert (ready.is_settled, Change("esc_1", "approved", 3, {"token_state": "redeemed"}).is_settled) == (False, True)


def test_what_a_client_remembers_is_bounded() -> None:
    known = Known({})
    for number in range(REMEMBERED + 10):
        known.is_news(change(f"esc_{number}", settled=True))
    assert len(known.settled) == REMEMBERED
