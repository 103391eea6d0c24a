"""What Google is asked for one notice, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web

from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.fcm import LONGEST_LIFE, YOUNG, Fcm, FcmSettings
from notify.message import Notice
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_fcm import FID, GONE, TOKEN, device, settings
from tests.fakes.google_push import PROJECT, GooglePush, account_key, said, service_account
from tests.fakes.trouble import Trouble


class Answering(GooglePush):
    """Answers messages as the test says."""

    response: web.Response | None = None

    async def answer(self, request: web.Request) -> web.Response:
        if self.response is not None and request.path != "/token":
            return self.response
        return await super().answer(request)


class Scene:
    """Google and the channel; the clock moves as the test says."""

    def __init__(self, server: Answering, session: ClientSession, **changes: Any) -> None:
        self.server = server
        self.now = START
        self.channel = Fcm(settings(server, **changes), session=session, clock=lambda: self.now)

    async def send(self, message: Notice | None = None, **name: str) -> Delivery:
        return await self.channel.send(device(**(name or {"fid": FID})), message or notice(expires_at=None))


@asynccontextmanager
async def scene(response: web.Response | None = None, **changes: Any) -> AsyncIterator[Scene]:
    server = Answering(now=START)
    server.response = response
    server.devices = {FID: "anna", TOKEN: "anna"}
    await server.open()
    async with ClientSession() as session:
        yield Scene(server, session, **changes)
    await server.close()


@pytest.mark.parametrize("name", [{"fid": FID}, {"token": TOKEN}])
async def test_a_device_is_reached_by_its_installation_id_and_by_its_token(name: dict[str, str]) -> None:
    async with scene() as found:
        result = await found.send(**name)
        assert isinstance(result, Delivered)
        assert result.id == "0:1%5641"
        assert {part: found.server.arrived[0].body.get(part) for part in name} == name


@pytest.mark.parametrize(
    ("end", "ttl"), [(None, LONGEST_LIFE), (START + 61_999, 61), (START + 10**10, LONGEST_LIFE), (START + 1, 0)]
)
async def test_no_message_is_kept_longer_than_the_question_lives(end: int | None, ttl: int) -> None:
    async with scene() as found:
        await found.send(notice(expires_at=end))
        assert found.server.arrived[0].body["android"]["ttl"] == f"{ttl}s"


async def test_a_message_carries_the_apps_notification_channel_where_one_is_set() -> None:
    async with scene(android_channel="approvals") as found:
        await found.send()
        assert found.server.arrived[0].body["android"]["notification"]["channel_id"] == "approvals"


async def test_many_messages_need_one_sign_in() -> None:
    async with scene() as found:
        assert {type(result) for result in await asyncio.gather(*(found.send() for _ in range(10)))} == {Delivered}
        assert [request.path for request in found.server.seen].count("/token") == 1


async def test_the_loop_goes_on_while_google_thinks_about_a_sign_in() -> None:
    async with scene() as found:
        with found.server.plays(Trouble.SILENT):
            sending = asyncio.create_task(found.send())
            # The fake runs in this very loop: it could not even be asked if the loop stood still.
            await found.server.asked.wait()
        assert isinstance(await sending, TryLater)


async def test_a_revoked_access_token_is_fetched_anew_for_the_next_message() -> None:
    async with scene() as found:
        await found.send()
        found.server.revoked.update(found.server.tokens)
        at_once = await found.send()
        assert isinstance(at_once, Failed)
        assert at_once.cause is Cause.SETTINGS, "so young, it is the account that is refused"
        found.now += int(YOUNG * 1000)
        found.server.now = found.now
        assert isinstance(await found.send(), TryLater)
        assert isinstance(await found.send(), Delivered)


async def test_a_device_that_google_does_not_know_is_gone() -> None:
    async with scene() as found:
        assert isinstance(await found.send(fid=GONE), AddressGone)


async def test_a_device_of_another_project_kills_no_device() -> None:
    async with scene(said(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")) as found:
        result = await found.send()
    assert isinstance(result, Failed)
    assert (result.cause, result.of_address) == (Cause.SETTINGS, True)


async def test_a_failing_google_is_asked_once() -> None:
    async with scene(said(503, "UNAVAILABLE", "UNAVAILABLE", headers={"Retry-After": "9"})) as found:
        result = await found.send()
        assert isinstance(result, TryLater)
        assert result.after == 9.0
        assert [request.path for request in found.server.seen].count(f"/v1/projects/{PROJECT}/messages:send") == 1


async def test_a_redirect_takes_neither_message_nor_token_elsewhere() -> None:
    async with scene(web.Response(status=307, headers={"Location": "/elsewhere"})) as found:
        await found.send()
        assert "/elsewhere" not in [request.path for request in found.server.seen]


async def test_a_message_larger_than_google_takes_is_not_sent() -> None:
    async with scene() as found:
        result = await found.send(notice(text="x" * 5000))
        assert isinstance(result, Failed)
        assert (result.cause, found.server.seen) == (Cause.PERMANENT, [])


async def test_neither_key_nor_token_stands_in_a_url() -> None:
    async with scene() as found:
        await found.send()
        urls = " ".join(str(request.url) for request in found.server.seen)
        assert [part for part in (FID, "ya29", account_key()[1]) if part in urls] == []


def table(**changes: Any) -> dict[str, Any]:
    return {"service_account": service_account("https://oauth2.googleapis.com"), **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"service_account": "key.json"}, "service account is not"),
        ({"service_account": "{}"}, "service account is not"),
        ({"service_account": service_account("http://evil.example")}, "https"),
        ({"service_account": service_account("https://a.example", project_id="a/../b")}, "service account is not"),
        ({"base_url": "http://fcm.googleapis.com"}, "https"),
        ({"android_channel": "a b"}, "regex"),
        ({"dry_run": True}, "unknown field"),
    ],
)
def test_settings_that_are_unsafe_or_unknown_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told) as refusal:
        msgspec.convert(table(**changes), FcmSettings)
    assert "PRIVATE KEY" not in str(refusal.value)


def test_settings_do_not_show_their_key() -> None:
    found = msgspec.convert(table(), FcmSettings)
    shown = f"{found!r} {found.account()!r}"
    assert [line for line in account_key()[1].splitlines()[1:-1] if line in shown] == []
