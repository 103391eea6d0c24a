"""Approving with a passkey, with Freja and with an eID broker over real HTTP, from asking to the token's claims."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, DummyCookieJar
from cryptography.hazmat.primitives.serialization import Encoding

from approvals_hub.workers import Workers
from approvals_hub_client.canonical import unb64u
from tests.fakes.freja import FakeFreja
from tests.fakes.freja_scene import ANNA, BO
from tests.fakes.mutual_tls import MutualTls
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.fakes.openid_scene import ANNA as ANNA_AT_THE_BROKER
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.flows.conftest import url_of
from tests.flows.further_key import further_passkey
from tests.flows.renewal import fixation_ends_with
from tests.flows.test_step_up import require, waiting_question
from tests.flows.world import TestClock, World, serve, set_up

HIGH = "http://eidas.europa.eu/LoA/high"


@dataclass
class Abroad:
    """A hub that asks Freja and an eID broker, and its owner, whose step-ups go through."""

    world: World
    freja: FakeFreja
    broker: OpenIdProvider

    async def by_freja(self, begun: dict[str, Any]) -> str:
        """Anna opens the link, signs, and the hub's worker hears of it; the reference at Freja."""
        signature = self.freja.scan(begun["shown"]["link"], ANNA)
        self.freja.approve(signature)
        async with asyncio.timeout(20):
            while (await self._look(begun))["state"] != "proven":
                self.world.time.pass_seconds(1)
                await asyncio.sleep(0.05)
        return str(signature.reference)

    async def by_broker(self, begun: dict[str, Any]) -> None:
        """Anna's browser goes to the broker and brings back its answer."""
        async with (
            ClientSession(cookie_jar=DummyCookieJar()) as browser,
            browser.get(begun["shown"]["redirect"], allow_redirects=False) as response,
        ):
            answer = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
        await self._answer(begun, answer)

    async def by_passkey(self, begun: dict[str, Any], key: SoftAuthenticator) -> None:
        """The passkey signs the step-up's challenge."""
        await self._answer(begun, key.get(unb64u(begun["shown"]["options"]["challenge"])))

    async def link(self, method: str) -> dict[str, Any]:
        """Begin to tie this way to the owner."""
        owner = self.world.owner
        return await owner.call("POST", "/v1/factors", {"method": method, "fresh": await owner.fresh()})

    async def _answer(self, begun: dict[str, Any], answer: Any) -> None:
        done = await self.world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": answer})
        assert done["state"] == "proven"

    async def _look(self, begun: dict[str, Any]) -> dict[str, Any]:
        return await self.world.owner.call("GET", f"/v1/step-ups/{begun['step_up_id']}")


@pytest.fixture
async def abroad(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Abroad]:
    time = TestClock()
    freja = FakeFreja(MutualTls(tmp_path).server(), lambda: time.clock().now())
    freja.people += [ANNA, BO]
    (tmp_path / "freja_jws.pem").write_bytes(freja.signer[1].public_bytes(Encoding.PEM))
    broker = OpenIdProvider(lambda: time.clock().now())
    broker.signed_in, broker.acr = ANNA_AT_THE_BROKER, HIGH
    await freja.open()
    await broker.open()
    ways = {
        "freja": {
            "certificate": "client.pem",
            "key": "client.key",
            "server_ca": "ca.pem",
            "jws_certificates": ["freja_jws.pem"],
            "environment": "test",
            "url": freja.base_url,
        },
        "oidc": {
            "issuer": broker.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "identified": "eid",
            "acr_values": [HIGH],
            "amr": ["pop", "mfa"],
        },
    }
    try:
        async with serve(tmp_path, url_of(database_place), time=time, step_up=ways) as world:
            workers = Workers((await set_up(world)).hub, pace=0.05)
            workers.start()
            yield Abroad(world, freja, broker)
            await workers.stop()
    finally:
        await broker.close()
        await freja.close()


async def test_a_passkeys_step_up_beside_the_key_of_a_phone_makes_the_token_substantial(abroad: Abroad) -> None:
    world = abroad.world
    key = await further_passkey(world)
    await require(world, min_assurance="SUBSTANTIAL")
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "webauthn")
    await abroad.by_passkey(begun, key)
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["methods"]) == ("SUBSTANTIAL", ["device_key", "passkey"])
    claims = (await agent.redeem(await asyncio.wait_for(asking, 10))).proof
    assert (claims["acr"], claims["amr"]) == ("SUBSTANTIAL", ["mfa", "pop", "user"])
    [listed] = claims["approvers"][0]["step_up"]
    assert (listed["method"], listed["binding"]) == ("passkey", "nonce")


async def test_what_was_signed_with_freja_reaches_the_token_as_an_eid_of_that_person(abroad: Abroad) -> None:
    world = abroad.world
    before, tied = world.owner._token, await abroad.link("freja")
    await fixation_ends_with(world, tied, before, lambda: abroad.by_freja(tied))
    await require(world, min_assurance="SUBSTANTIAL", methods=["freja"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "freja")
    reference = await abroad.by_freja(begun)
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["methods"]) == ("SUBSTANTIAL", ["device_key", "freja"])
    allowed = await asyncio.wait_for(asking, 10)
    claims = (await agent.redeem(allowed)).proof
    for token in (allowed.claims, claims):
        assert (token["acr"], token["auth_ref"]) == ("SUBSTANTIAL", [reference])
    assert claims["approvers"][0]["identified"] == "eid"
    [listed] = claims["approvers"][0]["step_up"]
    assert (listed["method"], listed["binding"]) == ("freja", "signed")


async def test_a_level_that_an_eid_broker_reports_reaches_the_token_bound_by_its_nonce(abroad: Abroad) -> None:
    world = abroad.world
    await abroad.by_broker(await abroad.link("oidc"))
    await require(world, min_assurance="HIGH", methods=["oidc"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "oidc")
    given: list[str] = []

    def signs(claims: dict[str, Any]) -> str:
        given.append(abroad.broker.keys[-1].signed(claims))
        return given[-1]

    abroad.broker.knobs.token = signs
    await abroad.by_broker(begun)
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["methods"]) == ("HIGH", ["device_key", "oidc"])
    allowed = await asyncio.wait_for(asking, 10)
    claims = (await agent.redeem(allowed)).proof
    [id_token] = given
    for token in (allowed.claims, claims):
        assert (token["acr"], token["amr"]) == ("HIGH", ["mfa", "pop"])
        assert token["auth_ref"] == [f"sha256:{sha256(id_token.encode()).hexdigest()}"]
    assert claims["approvers"][0]["identified"] == "eid"
    [listed] = claims["approvers"][0]["step_up"]
    assert (listed["method"], listed["binding"], [listed["auth_ref"]]) == ("oidc", "nonce", claims["auth_ref"])
