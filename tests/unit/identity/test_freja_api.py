"""The wire to Freja: what is sent, and what each answer means."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from identity.errors import Misconfigured, NotProven, ProviderDown, Refused, TimedOut
from identity.freja_api import SignatureApi
from identity.freja_order import order_of
from identity.freja_settings import tls
from tests.fakes.freja_scene import Scene, freja_scene
from tests.fakes.trouble import Trouble


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with freja_scene() as found:
        yield found


@pytest.fixture
def api(scene: Scene) -> SignatureApi:
    return SignatureApi(scene.session, tls(scene.settings), scene.settings.base_url)


def order(scene: Scene) -> dict[str, Any]:
    return order_of(scene.settings, scene.factor, scene.step_up(), now=scene.now)


async def test_a_signature_is_asked_for_fetched_and_cancelled(scene: Scene, api: SignatureApi) -> None:
    reference = await api.start(order(scene))
    assert (await api.result(reference)).status == "STARTED"
    await api.cancel(reference)
    assert (await api.result(reference)).status == "RP_CANCELED"
    assert [method for method, _ in scene.fake.calls] == ["initSignature", "getOneResult", "cancel", "getOneResult"]


async def test_freja_speaks_with_nobody_who_has_not_our_certificate(scene: Scene) -> None:
    without = SignatureApi(
        scene.session, ssl.create_default_context(cafile=scene.settings.server_ca), scene.fake.base_url
    )
    with pytest.raises((Misconfigured, ProviderDown)):
        await without.result("a-reference")
    assert scene.fake.calls == []


async def test_a_server_of_another_authority_is_refused(scene: Scene) -> None:
    trusting_all_but_freja = SignatureApi(scene.session, ssl.create_default_context(), scene.fake.base_url)
    with pytest.raises(Misconfigured, match="certificates"):
        await trusting_all_but_freja.result("a-reference")


@pytest.mark.parametrize(
    ("method", "status", "code", "kind"),
    [
        ("initSignature", 422, 1012, Refused),
        ("initSignature", 422, 1005, Refused),
        ("initSignature", 422, 3001, Misconfigured),
        ("initSignature", 400, 1010, Misconfigured),
        ("initSignature", 422, 1100, Misconfigured),
        ("initSignature", 422, 0, ProviderDown),
        ("initSignature", 500, 1012, ProviderDown),
        ("initSignature", 401, None, Misconfigured),
        ("initSignature", 404, None, Misconfigured),
        ("initSignature", 422, True, Misconfigured),
        ("initSignature", 422, "1012", Misconfigured),
        ("getOneResult", 422, 1100, TimedOut),
        ("getOneResult", 422, 1008, Misconfigured),
        ("getOneResult", 503, None, ProviderDown),
        ("cancel", 422, 1100, TimedOut),
    ],
)
async def test_a_refusal_has_its_meaning(
    scene: Scene, api: SignatureApi, method: str, status: int, code: Any, kind: type[NotProven]
) -> None:
    body = {"code": code, "message": "User 199001011239 is unknown"}
    scene.fake.refuses = lambda: web.json_response(body, status=status)
    calls = {"initSignature": api.start({}), "getOneResult": api.result("a"), "cancel": api.cancel("a")}
    wanted = calls.pop(method)
    for other in calls.values():
        other.close()
    with pytest.raises(NotProven) as refusal:
        await wanted
    assert type(refusal.value) is kind
    assert "199001011239" not in str(refusal.value)
    assert refusal.value.hint in (None, str(code))


async def test_freja_says_when_to_come_back(scene: Scene, api: SignatureApi) -> None:
    with scene.fake.plays(Trouble.THROTTLED), pytest.raises(ProviderDown) as refusal:
        await api.result("a")
    assert refusal.value.retry_after == 7.0


@pytest.mark.parametrize("trouble", [Trouble.GARBLES, Trouble.HANGS_UP, Trouble.FLOODS, Trouble.NO_PROTOCOL])
async def test_what_is_none_of_its_protocol_is_told_as_an_outage(
    scene: Scene, api: SignatureApi, trouble: Trouble
) -> None:
    with scene.fake.plays(trouble), pytest.raises(ProviderDown):
        await api.result("a")


@pytest.mark.parametrize("reference", [None, 7, "", "a b", "a" * 200, "<b>", "å"])
async def test_a_reference_that_is_none_is_told_as_an_outage(scene: Scene, api: SignatureApi, reference: Any) -> None:
    scene.fake.refuses = lambda: web.json_response({"signRef": reference})
    with pytest.raises(ProviderDown):
        await api.start({})


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"signRef": "a"},
        {"signRef": "b", "status": "STARTED"},
        {"signRef": "a", "status": "approved"},
        {"signRef": "a", "status": "<script>"},
        {"signRef": "a", "status": 7},
        {"signRef": "a", "status": "APPROVED"},
        {"signRef": "a", "status": "APPROVED", "details": 7},
    ],
)
async def test_a_result_that_is_none_is_told_as_an_outage(
    scene: Scene, api: SignatureApi, answer: dict[str, Any]
) -> None:
    scene.fake.refuses = lambda: web.json_response(answer)
    with pytest.raises(ProviderDown):
        await api.result("a")


async def test_a_redirect_is_not_followed(scene: Scene, api: SignatureApi) -> None:
    scene.fake.refuses = lambda: web.Response(status=307, headers={"Location": "https://evil.example"})
    with pytest.raises(Misconfigured, match="307"):
        await api.result("a")
