"""Access tokens: fetched once for many, before their end, and what a refusal means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web

from notify.delivery import Cause, Failed, TryLater
from notify.fcm_google import ServiceAccount
from notify.fcm_sign_in import MARGIN, SignIn
from tests.contracts.channels.stage import START
from tests.fakes.google_push import LIFETIME, WAIT, GooglePush, service_account
from tests.fakes.trouble import Trouble


class Answering(GooglePush):
    """Answers as the test says, whatever it is asked."""

    response: web.Response | None = None

    async def answer(self, request: web.Request) -> web.Response:
        return self.response or await super().answer(request)


class Scene:
    """Google, and one account; the clock moves as the test says."""

    def __init__(self, server: Answering, session: ClientSession) -> None:
        self.server = server
        self.now = START
        account = ServiceAccount(json.loads(service_account(server.base_url)))
        self.sign_in = SignIn(account, f"{server.base_url}/token", session=session, clock=lambda: self.now)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    server = Answering(now=START)
    await server.open()
    async with ClientSession() as session:
        yield Scene(server, session)
    await server.close()


async def test_many_at_once_fetch_one_token(scene: Scene) -> None:
    tokens = await asyncio.gather(*(scene.sign_in.token() for _ in range(20)))
    assert set(tokens) == set(scene.server.tokens)
    assert len(scene.server.seen) == 1


@pytest.mark.parametrize(("seconds", "fetched"), [(LIFETIME - MARGIN - 1, 1), (LIFETIME - MARGIN, 2), (-1, 2)])
async def test_a_token_is_not_used_in_the_last_minutes_before_its_end(scene: Scene, seconds: int, fetched: int) -> None:
    await scene.sign_in.token()
    scene.now += seconds * 1000
    scene.server.now = scene.now
    assert await scene.sign_in.token() == scene.server.tokens[-1]
    assert len(scene.server.tokens) == fetched


async def test_a_token_that_was_refused_is_forgotten_unless_it_is_too_young(scene: Scene) -> None:
    first = await scene.sign_in.token()
    assert isinstance(first, str)
    assert not scene.sign_in.forget(first, younger=60)
    scene.now += 60_000
    assert scene.sign_in.forget(first, younger=60)
    second = await scene.sign_in.token()
    assert second != first
    assert scene.sign_in.forget(first, younger=60), "another one was fetched meanwhile"
    assert await scene.sign_in.token() == second


@pytest.mark.parametrize(
    ("response", "word"),
    [
        (web.json_response({"error": "invalid_grant", "error_description": "s3cret"}, status=400), "invalid_grant"),
        (web.json_response({"error": "invalid_client"}, status=401), "invalid_client"),
        (web.json_response({"error": "a b <c>"}, status=403), "403"),
        (web.Response(status=404, text="<html>"), "404"),
        (web.Response(status=307, headers={"Location": "/elsewhere"}), "redirect"),
    ],
    ids=lambda it: str(it.status) if isinstance(it, web.Response) else it,
)
async def test_an_account_that_google_refuses_is_an_operators_to_mend(
    scene: Scene, response: web.Response, word: str
) -> None:
    scene.server.response = response
    result = await scene.sign_in.token()
    assert isinstance(result, Failed)
    assert (result.cause, word in result.why, "s3cret" in result.why) == (Cause.SETTINGS, True, False)
    assert [request.path for request in scene.server.seen] == ["/token"], "the assertion goes nowhere else"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": "a b", "expires_in": 3600},
        {"access_token": "a\r\nX: y", "expires_in": 3600},
        {"access_token": "ya29", "expires_in": "3600"},
        {"access_token": 7, "expires_in": 3600},
        [],
    ],
)
async def test_an_answer_without_a_sound_token_means_later(scene: Scene, body: object) -> None:
    scene.server.response = web.json_response(body)
    result = await scene.sign_in.token()
    assert isinstance(result, TryLater)
    assert not result.perhaps_sent


async def test_no_message_is_on_its_way_while_somebody_signs_in(scene: Scene) -> None:
    for trouble in (Trouble.HANGS_UP, Trouble.NO_PROTOCOL, Trouble.BROKEN, Trouble.FLOODS):
        with scene.server.plays(trouble):
            result = await scene.sign_in.token()
        assert isinstance(result, TryLater)
        assert not result.perhaps_sent


async def test_a_throttling_google_is_given_its_time(scene: Scene) -> None:
    with scene.server.plays(Trouble.THROTTLED):
        result = await scene.sign_in.token()
    assert isinstance(result, TryLater)
    assert result.after == WAIT


async def test_whoever_gives_up_waiting_does_not_keep_others_from_signing_in(scene: Scene) -> None:
    with scene.server.plays(Trouble.SILENT):
        first = asyncio.create_task(scene.sign_in.token())
        await scene.server.asked.wait()
        second = asyncio.create_task(scene.sign_in.token())
        first.cancel()
        await asyncio.wait([first])
    assert await second in [*scene.server.tokens, TryLater(30.0, "signing in to Google fails with 503")]
    assert isinstance(await scene.sign_in.token(), str)
