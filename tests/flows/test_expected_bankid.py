"""A personal number that an owner registered beforehand, over real HTTP with a fake BankID that speaks the protocol."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from tests.fakes.bankid_certificates import Person
from tests.fakes.bankid_scene import anna, bo
from tests.flows.test_sign_in_bankid import begin, proven
from tests.flows.test_step_up import require, waiting_question
from tests.flows.test_step_up_bankid import Country, country

__all__ = ["country"]

WRITTEN = "900101-1239"
"""Anna's number as people write it."""


async def expect(country: Country, person_id: str, number: str = WRITTEN) -> None:
    """The owner says that this is the person's number."""
    owner = country.world.owner
    path = f"/v1/orgs/{country.world.org_id}/members/{person_id}/factors/bankid"
    await owner.call("PUT", path, {"number": number, "fresh": await owner.fresh()})


async def link(country: Country, phone: SoftwarePhone, person: Person) -> str:
    """The person presses Link and signs with this BankID; how that ended."""
    body = {"method": "bankid", "same_device": False, "fresh": await phone.fresh()}
    begun = await phone.call("POST", "/v1/factors", body)
    country.bankid.approve(country.bankid.scan(begun["shown"]["qr"], person))
    async with asyncio.timeout(20):
        while True:
            found = await phone.call("GET", f"/v1/step-ups/{begun['step_up_id']}")
            if found["state"] in ("proven", "ended"):
                return str(found["cause"] or found["state"])
            country.world.time.pass_seconds(1)
            await asyncio.sleep(0.05)


async def test_the_registered_persons_bankid_is_linked_with_their_key_and_then_approves(country: Country) -> None:
    world, bankid = country.world, country.bankid
    ada = await world.person("Ada", "approver")
    await expect(country, ada.person_id)
    [waits] = (await ada.call("GET", "/v1/factors"))["expected"]
    assert (waits["method"], waits["by_name"]) == ("bankid", "Owner")
    assert await link(country, ada, bo()) == "wrong_person"
    assert await link(country, ada, anna()) == "proven"
    await require(world, min_assurance="SUBSTANTIAL", methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent, ada)
    statement = await ada.look(name)
    begun = await ada.begin_step_up(name, statement, "bankid", same_device=False)
    bankid.approve(bankid.scan(begun["shown"]["qr"], anna()))
    async with asyncio.timeout(20):
        while (await ada.call("GET", f"/v1/step-ups/{begun['step_up_id']}"))["state"] != "proven":
            world.time.pass_seconds(1)
            await asyncio.sleep(0.05)
    receipt = await ada.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert receipt["acr"] == "SUBSTANTIAL"
    await asyncio.wait_for(asking, 10)


async def test_an_admin_who_registers_their_own_bankid_for_somebody_signs_in_as_nobody(country: Country) -> None:
    world = country.world
    ada = await world.person("Ada", "approver")
    await expect(country, ada.person_id)
    begun = await begin(country)
    country.bankid.approve(country.bankid.scan(begun["shown"]["qr"], anna()))
    given = await proven(country, begun)
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")
    await require(world, methods=["bankid"])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent, ada)
    with pytest.raises(Refused) as refused:
        await ada.begin_step_up(name, await ada.look(name), "bankid", same_device=False)
    assert refused.value.problem["code"] == "method_not_linked"
    await ada.answer(name, "deny")
    with pytest.raises(Exception, match="denied"):
        await asyncio.wait_for(asking, 10)


async def test_a_mistyped_number_is_refused_and_not_repeated(country: Country) -> None:
    with pytest.raises(Refused) as refused:
        await expect(country, country.world.owner.person_id, "900101-1238")
    assert (refused.value.status, refused.value.problem["code"]) == (422, "number_invalid")
    assert "900101" not in str(refused.value.problem)


async def test_a_registered_number_lies_nowhere_in_the_clear(country: Country) -> None:
    world = country.world
    await expect(country, world.owner.person_id)
    rows = await world.hub.db.read(lambda tx: tx.rows("SELECT * FROM expected_factors"))
    entries = await world.hub.db.read(lambda tx: tx.rows("SELECT body FROM audit_entries"))
    held = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for row in [*rows, *entries]
        for value in dict(row).values()
    )
    assert b"9001011239" not in held
    assert WRITTEN.encode() not in held
