"""Signing in with BankID over real HTTP: the hub asks BankID, and the page that began takes the session."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fakes.bankid_scene import anna, bo
from tests.flows.test_step_up_bankid import Country, country
from tests.flows.world import Given

__all__ = ["country"]


async def proven(country: Country, begun: dict[str, Any]) -> Given:
    """What the page gets when the hub has heard from BankID; it asks as often as pages do."""
    body = {"secret": begun["secret"], "transport": "bearer"}
    async with asyncio.timeout(20):
        while True:
            given = await country.world.send("POST", f"/v1/sign-ins/{begun['sign_in_id']}", body=body)
            if given.status != 200 or given.json()["state"] != "running":
                return given
            country.world.time.pass_seconds(1)
            await asyncio.sleep(0.05)


async def begin(country: Country) -> dict[str, Any]:
    given = await country.world.send("POST", "/v1/sign-ins", body={"method": "bankid", "same_device": False})
    assert given.status == 201, given
    return dict(given.json())


async def test_a_linked_bankid_signs_its_person_in_at_the_level_of_an_eid(country: Country) -> None:
    await country.link(anna())
    begun = await begin(country)
    country.bankid.approve(country.bankid.scan(begun["shown"]["qr"], anna()))
    given = await proven(country, begun)
    signed_in = given.json()["signed_in"]
    assert signed_in["person"]["person_id"] == country.world.owner.person_id
    assert signed_in["session"]["acr"] == "SUBSTANTIAL"


async def test_a_bankid_that_nobody_linked_gets_the_answer_of_one_that_was_cancelled(country: Country) -> None:
    await country.link(anna())
    unknown, cancelled = await begin(country), await begin(country)
    country.bankid.approve(country.bankid.scan(unknown["shown"]["qr"], bo()))
    answers = [await proven(country, unknown)]
    path = f"/v1/sign-ins/{cancelled['sign_in_id']}"
    body = {"secret": cancelled["secret"], "answer": {"cancel": True}}
    answers.append(await country.world.send("POST", path, body=body))
    assert [given.status for given in answers] == [401, 401]
    bodies = [{**given.json(), "request_id": ""} for given in answers]
    assert bodies[0] == bodies[1]


async def test_a_personal_number_lies_nowhere_in_the_clear_while_its_page_is_waited_for(country: Country) -> None:
    await country.link(anna())
    begun = await begin(country)
    country.bankid.approve(country.bankid.scan(begun["shown"]["qr"], anna()))
    path, secret = f"/v1/sign-ins/{begun['sign_in_id']}", {"Sign-In-Secret": begun["secret"]}
    async with asyncio.timeout(20):
        while (await country.world.send("GET", path, headers=secret)).json()["state"] != "proven":
            country.world.time.pass_seconds(1)
            await asyncio.sleep(0.05)
    rows = await country.world.hub.db.read(lambda tx: tx.rows("SELECT * FROM sign_ins"))
    assert anna().personal_number not in str([dict(row) for row in rows])


async def test_a_proof_that_nobody_takes_is_dropped(country: Country) -> None:
    await country.link(anna())
    begun = await begin(country)
    country.bankid.approve(country.bankid.scan(begun["shown"]["qr"], anna()))
    path, secret = f"/v1/sign-ins/{begun['sign_in_id']}", {"Sign-In-Secret": begun["secret"]}
    async with asyncio.timeout(20):
        while (await country.world.send("GET", path, headers=secret)).status != 404:
            country.world.time.pass_seconds(10)
            await asyncio.sleep(0.05)
