"""Approving with BankID over real HTTP: the hub asks a fake BankID that speaks the real protocol over mTLS."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused
from approvals_hub.cli.evidence import verify_beside
from approvals_hub.workers import Workers
from approvals_hub_client import Proven
from approvals_hub_client.canonical import unb64u
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_certificates import Person
from tests.fakes.bankid_scene import anna, authorities, bo, foreign_authorities
from tests.flows.conftest import url_of
from tests.flows.renewal import fixation_ends_with
from tests.flows.test_step_up import gives_up, require, waiting_question
from tests.flows.world import TestClock, World, serve, set_up


@dataclass
class Country:
    """A hub with BankID set up, and BankID."""

    world: World
    bankid: FakeBankID

    async def until(self, step_up_id: str, state: str) -> dict[str, Any]:
        """The step-up once it is in this state; the hub's worker asks BankID meanwhile."""
        async with asyncio.timeout(20):
            while True:
                found = await self.world.owner.call("GET", f"/v1/step-ups/{step_up_id}")
                if found["state"] == state:
                    return found
                self.world.time.pass_seconds(1)
                await asyncio.sleep(0.05)

    async def link(self, person: Person) -> None:
        """Tie a BankID to the owner."""
        await self.signed(await self.begin_link(), person)

    async def begin_link(self) -> dict[str, Any]:
        """The step-up that ties it."""
        owner = self.world.owner
        body = {"method": "bankid", "same_device": False, "fresh": await owner.fresh()}
        return await owner.call("POST", "/v1/factors", body)

    async def signed(self, begun: dict[str, Any], person: Person) -> None:
        """The person signs in their app, and the hub hears of it."""
        self.bankid.approve(self.bankid.scan(begun["shown"]["qr"], person))
        await self.until(begun["step_up_id"], "proven")


@pytest.fixture
async def country(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Country]:
    time = TestClock()
    fake = FakeBankID(authorities(), tmp_path, lambda: time.clock().now())
    await fake.start()
    table = {"url": fake.url, **{name: str(path) for name, path in fake.settings_files.items()}}
    try:
        async with serve(tmp_path, url_of(database_place), time=time, step_up={"bankid": table}) as world:
            workers = Workers((await set_up(world)).hub, pace=0.05)
            workers.start()
            yield Country(world, fake)
            await workers.stop()
    finally:
        await fake.stop()


async def test_what_was_signed_with_bankid_reaches_the_token_as_an_eid_of_that_person(country: Country) -> None:
    world, bankid = country.world, country.bankid
    before, tied = world.owner._token, await country.begin_link()
    await fixation_ends_with(world, tied, before, lambda: country.signed(tied, anna()))
    await require(world, min_assurance="SUBSTANTIAL", methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "bankid", same_device=False, language="sv")
    order = bankid.scan(begun["shown"]["qr"], anna())
    bankid.approve(order)
    await country.until(begun["step_up_id"], "proven")
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["methods"]) == ("SUBSTANTIAL", ["device_key", "bankid"])
    allowed = await asyncio.wait_for(asking, 10)
    claims = (await agent.redeem(allowed)).proof
    for token in (allowed.claims, claims):
        assert (token["acr"], token["auth_ref"]) == ("SUBSTANTIAL", [order.order_ref])
    assert claims["approvers"][0]["identified"] == "eid"
    # What a verifier elsewhere asks of the proof, here and in the vectors of every language.
    assert Proven("SUBSTANTIAL", ["bankid"], ["mfa", "pop"], order.order_ref).lacking(claims) is None
    lacking = Proven("HIGH").lacking(claims)
    assert lacking is not None
    assert lacking.reason == "acr"


async def test_an_auditor_is_handed_bankids_signature_and_its_ocsp_response_and_the_log_has_their_hash(
    country: Country,
) -> None:
    world, bankid, owner = country.world, country.bankid, country.world.owner
    await country.link(anna())
    await require(world, methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await owner.look(name)
    begun = await owner.begin_step_up(name, statement, "bankid", same_device=False)
    order = bankid.scan(begun["shown"]["qr"], anna())
    bankid.approve(order)
    await country.until(begun["step_up_id"], "proven")
    await owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    await asyncio.wait_for(asking, 10)
    [answer] = (await owner.call("GET", f"/v1/orgs/{world.org_id}/audit/evidence/{name}"))["items"]
    [proof] = answer["step_ups"]
    kept = json.loads(unb64u(proof["evidence"]))
    for member, told in (("signature", "signature"), ("ocsp", "ocspResponse")):
        assert unb64u(kept[member]) == b64decode(order.completion[told])
    entries = [json.loads(line).get("entry", {}) for line in (await world.export()).splitlines()]
    [recorded] = [entry for entry in entries if entry.get("kind") == "decision.recorded"]
    assert recorded["detail"]["evidence"] == [proof["evidence_hash"]]
    assert proof["evidence_hash"] == f"sha256:{sha256(unb64u(proof['evidence'])).hexdigest()}"
    assert [entry["escalation_id"] for entry in entries if entry.get("kind") == "evidence.read"] == [name]
    await _verifies_offline(world)


async def _verifies_offline(world: World) -> None:
    """An auditor's file beside the log: words, hash, the chain to the pinned root and the OCSP response hold."""
    asked = await world.send(
        "POST",
        f"/v1/orgs/{world.org_id}/audit/evidence-exports",
        by=world.owner,
        body={"fresh": await world.owner.fresh()},
    )
    assert asked.status == 200, asked
    export = await world.export()
    (log := world.folder / "log.jsonl").write_bytes(export)
    (beside := world.folder / "evidence.jsonl").write_bytes(asked.body)
    (root := world.folder / "root.pem").write_bytes(authorities().root.pem)
    report, told = verify_beside(beside, log, root, None, {})
    assert (report.ok, report.verified, report.ties, report.words) == (True, 1, {"signed": 1}, 1), told
    assert report.unpinned == []
    (root := world.folder / "foreign.pem").write_bytes(foreign_authorities().root.pem)
    foreign, _ = verify_beside(beside, log, root, None, {})
    assert "do not lead to BankID's root" in foreign.faults[0].why


async def test_somebody_elses_bankid_approves_nothing(country: Country) -> None:
    world, bankid = country.world, country.bankid
    await country.link(anna())
    await require(world, methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "bankid", same_device=False)
    bankid.approve(bankid.scan(begun["shown"]["qr"], bo()))
    ended = await country.until(begun["step_up_id"], "ended")
    assert ended["cause"] == "wrong_person"
    with pytest.raises(Refused) as refused:
        await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert refused.value.problem["code"] == "step_up_not_proven"
    await gives_up(asking)


async def test_the_qr_code_moves_each_second_and_its_secret_is_in_no_answer(country: Country) -> None:
    world, bankid = country.world, country.bankid
    await country.link(anna())
    await require(world, methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, "bankid", same_device=False)
    seen = [begun["shown"]["qr"]]
    for _ in range(3):
        world.time.pass_seconds(1)
        told = await world.owner.call("GET", f"/v1/step-ups/{begun['step_up_id']}")
        seen.append(told["shown"]["qr"])
        assert "secret" not in json.dumps(told).lower()
    assert len(set(seen)) == 4
    assert len({text.split(".")[1] for text in seen}) == 1
    assert bankid.calls[-1][0] != "cancel"
    await gives_up(asking)


async def test_a_page_that_is_opened_again_keeps_its_running_order(country: Country) -> None:
    world, bankid = country.world, country.bankid
    await country.link(anna())
    await require(world, methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    first = await world.owner.begin_step_up(name, statement, "bankid", same_device=False)
    world.time.pass_seconds(3)
    again = await world.owner.begin_step_up(name, statement, "bankid", same_device=False)
    assert first["step_up_id"] == again["step_up_id"]
    before, now = [int(told["shown"]["qr"].split(".")[2]) for told in (first, again)]
    assert now >= before + 3
    assert [path for path, _ in bankid.calls if path.endswith("sign")] == ["sign"]
    await gives_up(asking)
