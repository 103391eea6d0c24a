"""Signing in with an identity provider over real HTTP, and how somebody would get into another's account by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.openid_scene import ANNA, BO
from tests.flows.conftest import url_of
from tests.flows.sign_in_town import SignInTown, sign_in_town


@pytest.fixture
async def town(database_place: Path | str, tmp_path: Path) -> AsyncIterator[SignInTown]:
    """Two providers that anybody may have an account at; on each engine."""
    async with sign_in_town(
        url_of(database_place), tmp_path, {"blue": {}, "red": {"private_networks": ["127.0.0.0/8", "::1/128"]}}
    ) as town:
        yield town


async def test_an_account_that_was_linked_signs_its_person_in(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    signed_in = await town.signed_in("blue", ANNA)
    assert signed_in["person"]["person_id"] == town.world.owner.person_id
    assert (signed_in["session"]["scope"], signed_in["session"]["acr"]) == ("full", "LOW")
    assert (await town.as_session(signed_in, "GET", "/v1/inbox")).status == 200


async def test_an_account_that_nobody_linked_gets_the_answer_of_a_person_who_is_disabled(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    unknown = await town.sign_in("blue", BO)
    await town.world.hub.db.run(lambda tx: tx.execute("UPDATE people SET state = 'disabled'"))
    disabled = await town.sign_in("blue", ANNA)
    assert unknown.status == disabled.status == 401
    bodies = [{**given.json(), "request_id": ""} for given in (unknown, disabled)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "not_signed_in"


async def test_the_same_subject_at_another_provider_is_somebody_else(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    assert (await town.sign_in("red", ANNA)).status == 401


async def test_an_attempt_that_somebody_else_began_signs_nobody_in_without_its_secret(town: SignInTown) -> None:
    """Fixation and login CSRF: the attacker's page begins, the victim's browser brings the code."""
    await town.link("blue", ANNA)
    attackers = await town.begin("blue")
    answer = await town.came_back(attackers["shown"], "blue", ANNA)
    mine = await town.begin("blue")
    spliced = await town.answer(mine, answer)
    assert (spliced.status, spliced.json()["code"]) == (403, "wrong_answer")
    guessed = await town.answer({**attackers, "secret": mine["secret"]}, answer)
    assert (guessed.status, guessed.json()["code"]) == (404, "sign_in_unknown")


async def test_a_page_of_another_site_neither_begins_nor_completes_a_sign_in(town: SignInTown) -> None:
    cross = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    given = await town.world.send("POST", "/v1/sign-ins", body={"method": "blue"}, headers=cross)
    assert (given.status, given.json()["code"]) == (403, "cross_site")
    begun = await town.begin("blue")
    body = {"secret": begun["secret"], "answer": {"code": "x", "state": "y"}}
    given = await town.world.send("POST", f"/v1/sign-ins/{begun['sign_in_id']}", body=body, headers=cross)
    assert (given.status, given.json()["code"]) == (403, "cross_site")


async def test_a_code_that_one_provider_gave_is_refused_in_an_answer_to_another(town: SignInTown) -> None:
    """IdP mix-up (RFC 9207): the red provider sends the person on to the blue one."""
    await town.link("blue", ANNA)
    blue, red = await town.begin("blue"), await town.begin("red")
    answer = await town.came_back(blue["shown"], "blue", ANNA)
    sent = dict(part.split("=", 1) for part in red["shown"]["redirect"].split("?", 1)[1].split("&"))
    mixed = await town.answer(red, {**answer, "state": sent["state"]})
    assert (mixed.status, mixed.json()["code"]) == (401, "not_signed_in")
    assert town.providers["red"].redeemed == []


@pytest.mark.parametrize("member", ["token_endpoint", "jwks_uri"])
async def test_a_description_that_names_an_inner_address_has_the_hub_call_nobody_there(
    town: SignInTown, member: str
) -> None:
    """The blue provider was taken over; the red one's settings say that its parts may lie in this network."""
    for name, reached in (("blue", False), ("red", True)):
        provider = town.providers[name]
        path = {"token_endpoint": "/token", "jwks_uri": "/jwks"}[member]
        provider.knobs.discovery[member] = provider.issuer.replace("127.0.0.1", "localhost") + path
        given = await town.sign_in(name, ANNA)
        assert (given.status, given.json()["code"]) == (
            (401, "not_signed_in") if reached else (503, "provider_misconfigured")
        )
        assert (path in provider.paths()) is reached


async def test_a_code_that_was_used_signs_nobody_in_again(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    begun = await town.begin("blue")
    answer = await town.came_back(begun["shown"], "blue", ANNA)
    assert (await town.answer(begun, answer)).status == 200
    again = await town.answer(begun, answer)
    assert (again.status, again.json()["code"]) == (409, "sign_in_ended")


async def test_a_person_only_ever_comes_back_to_the_hubs_own_page(town: SignInTown) -> None:
    """Open redirect: nothing that a caller sends chooses where the provider sends the code."""
    given = await town.world.send("POST", "/v1/sign-ins", body={"method": "blue", "return_url": "https://evil.example"})
    assert given.status == 422
    await town.came_back((await town.begin("blue"))["shown"], "blue", ANNA)
    assert town.providers["blue"].sent_here[-1]["redirect_uri"] == f"{town.world.base_url}/return"


async def test_the_secret_of_an_attempt_is_in_no_address_and_in_no_column(town: SignInTown) -> None:
    begun = await town.begin("blue")
    rows = await town.world.hub.db.read(lambda tx: tx.rows("SELECT * FROM sign_ins"))
    assert begun["secret"] not in str([dict(row) for row in rows])
    path = f"/v1/sign-ins/{begun['sign_in_id']}"
    assert (await town.world.send("GET", path)).status == 404
    assert (await town.world.send("GET", f"{path}?secret={begun['secret']}")).status == 422
    looked = await town.world.send("GET", path, headers={"Sign-In-Secret": begun["secret"]})
    assert (looked.json()["state"], looked.json()["shown"]) == ("running", begun["shown"])


async def test_an_attempt_that_was_ended_takes_no_answer(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    begun = await town.begin("blue")
    answer = await town.came_back(begun["shown"], "blue", ANNA)
    path = f"/v1/sign-ins/{begun['sign_in_id']}"
    ended = await town.world.send("DELETE", path, body={"secret": begun["secret"]})
    assert ended.json()["state"] == "ended"
    assert (await town.answer(begun, answer)).json()["code"] == "sign_in_ended"


async def test_too_many_attempts_from_one_address_are_refused(town: SignInTown) -> None:
    for _ in range(30):
        await town.begin("blue")
    given = await town.world.send("POST", "/v1/sign-ins", body={"method": "blue"})
    assert (given.status, given.json()["code"]) == (429, "too_many_sign_ins")


async def test_a_session_by_a_provider_enrols_no_key_where_one_exists(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    signed_in = await town.signed_in("blue", ANNA)
    given = await town.as_session(signed_in, "POST", "/v1/challenges", {"purpose": "enrol"})
    body = town.new_key(given.json(), signed_in["person"]["person_id"])
    refused = await town.as_session(signed_in, "POST", "/v1/devices", body)
    assert (refused.status, refused.json()["code"]) == (403, "existing_key_needed")


async def test_a_session_by_a_new_way_is_news_to_its_person_once(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    for _ in range(2):
        await town.signed_in("blue", ANNA)
    news = await town.world.hub.db.read(lambda tx: tx.rows("SELECT kind FROM outbox WHERE kind = 'session.new'"))
    assert len(news) == 1


async def test_a_way_for_signing_in_alone_proves_no_decision(town: SignInTown) -> None:
    await town.link("blue", ANNA)
    given = await town.world.send(
        "PUT", f"/v1/orgs/{town.world.org_id}/requirement", by=town.world.owner, body={"methods": ["blue"]}
    )
    assert given.status == 422
