"""Approving with an eID behind a broker, as its preset sets it up: from asking to the token's claims."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, DummyCookieJar

from approvals_hub.cli.demo_phone import Refused
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.fakes.openid_vendors import Criipto, Signicat
from tests.flows.conftest import url_of
from tests.flows.test_step_up import gives_up, require, waiting_question
from tests.flows.world import TestClock, World, serve, set_up

ANNA = {"sub": "{1373c272-b61a-4cb5-88b2-9c44883fe62f}", "name": "Anna Ångström"}


@dataclass
class Brokered:
    """A hub whose people prove themselves with a broker, which knows its owner."""

    world: World
    criipto: Criipto
    signicat: Signicat
    browser: ClientSession

    async def linked(self, method: str) -> None:
        """The owner ties their account there to themselves."""
        owner = self.world.owner
        begun = await owner.call("POST", "/v1/factors", {"method": method, "fresh": await owner.fresh()})
        assert (await self.proven(begun))["state"] == "proven"

    async def proven(self, begun: dict[str, Any]) -> dict[str, Any]:
        """The owner's browser goes to the broker and brings back all that it says."""
        async with self.browser.get(begun["shown"]["redirect"], allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            answer = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
        return await self.world.owner.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": answer})

    def id_tokens_of(self, broker: OpenIdProvider) -> list[str]:
        """What it signs from now on."""
        signed: list[str] = []

        def sign(claims: dict[str, Any]) -> str:
            signed.append(broker.keys[-1].signed(claims))
            return signed[-1]

        broker.knobs.token = sign
        return signed


@pytest.fixture
async def brokered(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Brokered]:
    async with both_brokers(url_of(database_place), tmp_path) as brokered:
        yield brokered


@pytest.fixture
async def sqlite_brokered(sqlite_path: Path, tmp_path: Path) -> AsyncIterator[Brokered]:
    async with both_brokers(url_of(sqlite_path), tmp_path) as brokered:
        yield brokered


@asynccontextmanager
async def both_brokers(database: str, folder: Path) -> AsyncIterator[Brokered]:
    """A hub on this database with both presets, each with a broker of its own."""
    time = TestClock()
    criipto, signicat = Criipto(time.clock().now), Signicat(time.clock().now)
    presets: dict[str, OpenIdProvider] = {"criipto": criipto, "signicat": signicat}
    for broker in presets.values():
        broker.signed_in = ANNA
        await broker.open()
    ways = {
        name: {
            "kind": "oidc",
            "preset": name,
            "issuer": broker.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
        for name, broker in presets.items()
    }
    try:
        async with (
            serve(folder, database, time=time, step_up=ways) as world,
            ClientSession(cookie_jar=DummyCookieJar()) as browser,
        ):
            yield Brokered(await set_up(world), criipto, signicat, browser)
    finally:
        for broker in presets.values():
            await broker.close()


async def test_what_a_brokers_preset_proves_reaches_the_token_as_the_eid_with_its_level_and_reference(
    brokered: Brokered,
) -> None:
    world = brokered.world
    agent = await world.agent()
    brokers: dict[str, OpenIdProvider] = {"criipto": brokered.criipto, "signicat": brokered.signicat}
    for method in brokers:
        await brokered.linked(method)
    await require(world, min_assurance="SUBSTANTIAL", methods=list(brokers))
    for method, broker in brokers.items():
        asking, name = await waiting_question(world, agent)
        statement = await world.owner.look(name)
        begun = await world.owner.begin_step_up(name, statement, method)
        id_tokens = brokered.id_tokens_of(broker)
        assert (await brokered.proven(begun))["state"] == "proven"
        receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
        assert (receipt["acr"], receipt["methods"]) == ("SUBSTANTIAL", ["device_key", method])
        allowed = await asyncio.wait_for(asking, 10)
        claims = (await agent.redeem(allowed)).proof
        for token in (allowed.claims, claims):
            assert (token["acr"], token["amr"]) == ("SUBSTANTIAL", ["mfa", "pop"]), method
            assert token["auth_ref"] == [f"sha256:{sha256(id_tokens[-1].encode()).hexdigest()}"]
        [listed] = claims["approvers"][0]["step_up"]
        assert (claims["approvers"][0]["identified"], listed["method"], listed["binding"]) == ("eid", method, "nonce")
    assert (brokered.criipto.sent_here[-1]["prompt"], brokered.criipto.sent_here[-1]["max_age"]) == ("login", "0")
    shown = brokered.criipto.message()
    assert shown.startswith("Approve, once: payment.execute\n")
    assert "/payload/amount_minor: 8500\n" in shown
    assert brokered.signicat.sent_here[-1]["acr_values"] == "idp:sbid"


async def test_another_eid_of_the_same_broker_than_was_asked_for_is_a_refused_downgrade(
    sqlite_brokered: Brokered,
) -> None:
    brokered, world = sqlite_brokered, sqlite_brokered.world
    await brokered.linked("criipto")
    await brokered.linked("signicat")
    brokered.criipto.scheme, brokered.criipto.used = "urn:grn:authn:dk:mitid", "low"
    brokered.signicat.idp = "ftn"
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    for method in ("criipto", "signicat"):
        begun = await world.owner.begin_step_up(name, statement, method)
        with pytest.raises(Refused) as refused:
            await brokered.proven(begun)
        assert refused.value.status == 403, refused.value.problem
        after = await world.owner.call("GET", f"/v1/step-ups/{begun['step_up_id']}")
        assert (after["state"], after["cause"]) == ("ended", "too_weak")
    await gives_up(asking)
