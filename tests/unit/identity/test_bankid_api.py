"""The wire client against a real server with mutual TLS."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web

from identity.bankid_api import LARGEST_ANSWER, RpApi
from identity.bankid_settings import tls
from identity.errors import Cancelled, Misconfigured, NotProven, ProviderDown, TimedOut
from tests.fakes.bankid_scene import Scene, authorities, bankid_scene, foreign_authorities

ORDER = {"endUserIp": "192.0.2.10", "userVisibleData": "SGVq", "userNonVisibleData": "c2hhMjU2"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with bankid_scene() as found:
        yield found


def api_of(scene: Scene, *, time_limit: float = 5.0, context: ssl.SSLContext | None = None, **changes: Any) -> RpApi:
    settings = msgspec.structs.replace(scene.settings, **changes)
    return RpApi(scene.session, context or tls(settings), settings.base_url + "/", time_limit=time_limit)


def answer(status: int, body: object, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), headers=headers, content_type="application/json")


async def test_an_order_is_started_collected_and_cancelled(scene: Scene) -> None:
    api = api_of(scene)
    order = await api.start("sign", ORDER)
    assert order.order_ref == scene.fake.newest.order_ref
    assert order.qr_start_secret == scene.fake.newest.qr_start_secret
    collected = await api.collect(order.order_ref)
    assert (collected.status, collected.hint) == ("pending", "outstandingTransaction")
    await api.cancel(order.order_ref)
    assert [method for method, _ in scene.fake.calls] == ["sign", "collect", "cancel"]


async def test_a_completed_order_tells_who_and_with_what(scene: Scene) -> None:
    api = api_of(scene)
    order = await api.start("sign", {**ORDER, "returnRisk": True, "requirement": {"mrtd": True}})
    scene.fake.newest.opened_by = scene.anna
    scene.fake.approve(scene.fake.newest)
    completion = (await api.collect(order.order_ref)).completion
    assert completion is not None
    assert (completion.personal_number, completion.risk) == (scene.anna.personal_number, "low")
    assert (completion.mrtd, completion.address) == (True, "192.0.2.10")


async def test_the_end_of_an_order_is_told_once(scene: Scene) -> None:
    api = api_of(scene)
    order = await api.start("sign", ORDER)
    scene.fake.decline(scene.fake.newest)
    assert (await api.collect(order.order_ref)).hint == "userCancel"
    with pytest.raises(TimedOut) as refusal:
        await api.collect(order.order_ref)
    assert refusal.value.hint == "invalidParameters"


# The alert that names the certificate may be lost to the reset of the connection; then it looks like an outage.
UNANSWERED = (Misconfigured, ProviderDown)
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_without_a_certificate_gets_no_answer(scene: Scene, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cadata=authorities().server_root.pem.decode())
    context.maximum_version = version
    with pytest.raises(UNANSWERED, match="certificate"):
        await api_of(scene, context=context).start("sign", ORDER)
    assert scene.fake.calls == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_with_a_certificate_of_another_authority_gets_no_answer(
    scene: Scene, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    other = foreign_authorities().write(tmp_path)
    context = tls(msgspec.structs.replace(scene.settings, certificate=other["certificate"], key=other["key"]))
    context.maximum_version = version
    with pytest.raises(UNANSWERED, match="certificate"):
        await api_of(scene, context=context).start("sign", ORDER)
    assert scene.fake.calls == []


async def test_a_server_that_calls_itself_bankid_is_not_spoken_to(scene: Scene, tmp_path: Path) -> None:
    other = foreign_authorities().write(tmp_path)
    with pytest.raises(Misconfigured, match="certificates"):
        await api_of(scene, server_ca=other["server_ca"]).start("sign", ORDER)
    assert scene.fake.calls == []


async def test_a_server_of_another_name_is_not_spoken_to(scene: Scene) -> None:
    with pytest.raises(Misconfigured, match="certificates"):
        await api_of(scene, url=scene.fake.url.replace("127.0.0.1", "localhost")).start("sign", ORDER)
    assert scene.fake.calls == []


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "alreadyInProgress", ProviderDown),
        (400, "invalidParameters", Misconfigured),
        (400, "canceled", Cancelled),
        (400, "aCodeOfNextYear", Misconfigured),
        (401, "unauthorized", Misconfigured),
        (403, "unauthorized", Misconfigured),
        (404, "notFound", Misconfigured),
        (405, "methodNotAllowed", Misconfigured),
        (408, "requestTimeout", ProviderDown),
        (415, "unsupportedMediaType", Misconfigured),
        (429, "tooManyRequests", ProviderDown),
        (500, "internalError", ProviderDown),
        (502, "", ProviderDown),
        (503, "maintenance", ProviderDown),
        (301, "", Misconfigured),
        (204, "", Misconfigured),
    ],
)
async def test_each_refusal_says_whether_trying_again_helps(
    scene: Scene, status: int, code: str, error: type[NotProven]
) -> None:
    scene.fake.answers.append(answer(status, {"errorCode": code, "details": "pno 199001011239"}))
    with pytest.raises(error) as refusal:
        await api_of(scene).start("sign", ORDER)
    assert type(refusal.value) is error
    assert refusal.value.hint == (code or None)
    # BankID's details may name a person.
    assert "1990" not in str(refusal.value)


@pytest.mark.parametrize("method", ["collect", "cancel"])
async def test_an_order_that_bankid_no_longer_knows_is_over(scene: Scene, method: str) -> None:
    with pytest.raises(TimedOut):
        await getattr(api_of(scene), method)("131daac9-16c6-4618-beb0-365768f37288")


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (429, {"RateLimit-Reset": "5"}, 5.0),
        (429, {"Retry-After": "0"}, 1.0),  # never at once
        (429, {"Retry-After": "86400"}, 60.0),  # never for a day
        (429, {"Retry-After": "Fri, 31 Dec 2999 23:59:59 GMT"}, 2.0),
        (500, {}, 2.0),
        (503, {}, 30.0),  # maintenance takes a while
    ],
)
async def test_the_time_to_try_again_is_bankids_within_bounds(
    scene: Scene, status: int, headers: dict[str, str], seconds: float
) -> None:
    scene.fake.answers.append(answer(status, {"errorCode": "x"}, headers))
    with pytest.raises(ProviderDown) as refusal:
        await api_of(scene).start("sign", ORDER)
    assert refusal.value.retry_after == seconds


async def test_a_page_of_a_proxy_is_an_outage_by_its_status(scene: Scene) -> None:
    scene.fake.answers.append(web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html"))
    with pytest.raises(ProviderDown) as refusal:
        await api_of(scene).start("sign", ORDER)
    assert refusal.value.hint is None


async def test_a_redirect_is_not_followed(scene: Scene) -> None:
    scene.fake.answers.append(web.Response(status=307, headers={"Location": f"{scene.fake.url}/auth"}))
    with pytest.raises(Misconfigured):
        await api_of(scene).start("sign", ORDER)
    assert scene.fake.calls == []


TOKENS = {"orderRef": "a-1", "autoStartToken": "b-1", "qrStartToken": "c-1", "qrStartSecret": "d-1"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff<html>",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 100_000,
        b"{}",
        json.dumps(TOKENS | {"qrStartSecret": None}).encode(),
        json.dumps(TOKENS | {"orderRef": "a b"}).encode(),
        json.dumps(TOKENS | {"orderRef": "../cancel"}).encode(),
        json.dumps(TOKENS | {"autoStartToken": "x" * 65}).encode(),
        json.dumps(TOKENS | {"autoStartToken": 7}).encode(),
    ],
)
async def test_a_started_order_that_is_none_of_the_protocol_is_an_outage(scene: Scene, body: bytes) -> None:
    async with scene.fake.garbling(body):
        with pytest.raises(ProviderDown, match="none of its protocol"):
            await api_of(scene).start("sign", ORDER)


USER = {"personalNumber": "199001011239"}
DONE: dict[str, Any] = {"user": USER, "signature": "QQ==", "ocspResponse": "QQ=="}


@pytest.mark.parametrize(
    "body",
    [
        {"status": "pending "},
        {"status": None},
        {"status": "complete"},
        {"status": "complete", "completionData": []},
        {"status": "complete", "completionData": DONE | {"user": None}},
        {"status": "complete", "completionData": DONE | {"user": {"personalNumber": 199001011239}}},
        {"status": "complete", "completionData": DONE | {"user": {"personalNumber": "１９９００１０１１２３９"}}},
        {"status": "complete", "completionData": DONE | {"signature": None}},
        {"status": "complete", "completionData": DONE | {"ocspResponse": ["QQ=="]}},
    ],
)
async def test_a_collected_order_that_is_none_of_the_protocol_is_an_outage(scene: Scene, body: dict[str, Any]) -> None:
    async with scene.fake.garbling(json.dumps(body).encode()):
        with pytest.raises(ProviderDown, match="none of its protocol"):
            await api_of(scene).collect("a-1")


@pytest.mark.parametrize(
    "odd",
    [
        {"risk": "HIGH", "stepUp": "yes", "device": []},
        {"risk": ["low"], "stepUp": {"mrtd": "true"}, "device": {"ipAddress": 7}},
        {"device": {"ipAddress": "x" * 46}},
    ],
)
async def test_a_part_of_a_completion_that_is_odd_counts_as_missing(scene: Scene, odd: dict[str, Any]) -> None:
    async with scene.fake.garbling(json.dumps({"status": "complete", "completionData": DONE | odd}).encode()):
        completion = (await api_of(scene).collect("a-1")).completion
    assert completion is not None
    assert (completion.risk, completion.mrtd, completion.address) == (None, None, None)


@pytest.mark.parametrize("hint", [None, 7, "", "<script>", "x" * 41, "199001011239"])
async def test_a_hint_that_is_no_code_is_called_unknown(scene: Scene, hint: object) -> None:
    async with scene.fake.garbling(json.dumps({"status": "failed", "hintCode": hint}).encode()):
        assert (await api_of(scene).collect("a-1")).hint == "unknown"


async def test_an_answer_without_end_is_not_read_to_its_end(scene: Scene) -> None:
    async with scene.fake.garbling(b" " * (LARGEST_ANSWER + 1) + b"{}"):
        with pytest.raises(ProviderDown, match="too large"):
            await api_of(scene).collect("a-1")


async def test_a_silent_bankid_is_given_up_in_time(scene: Scene) -> None:
    async with scene.fake.silent():
        with pytest.raises(ProviderDown):
            await api_of(scene, time_limit=0.05).collect("a-1")


async def test_a_bankid_that_refuses_connections_is_an_outage(scene: Scene) -> None:
    async with scene.fake.down():
        with pytest.raises(ProviderDown, match="cannot be reached"):
            await api_of(scene).collect("a-1")


async def test_a_session_with_another_trust_does_not_loosen_bankids() -> None:
    async with bankid_scene() as scene, ClientSession() as plain:
        strict = RpApi(plain, tls(scene.settings), scene.fake.url, time_limit=5.0)
        assert await strict.start("sign", ORDER)
