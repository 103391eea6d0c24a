"""Signing in and out over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.people.session import FRESH
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import sign_in_bytes
from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_fixture import PUBLIC_URL, Person
from tests.unit.two_orgs import session_by_provider

PAGE = {"Sec-Fetch-Site": "same-origin"}


async def signed_in(api: Web, person: Person, *, audience: str = PUBLIC_URL, **changes: Any) -> Reply:
    challenge = (await api.call("POST", "/v1/challenges", {"purpose": "sign_in"})).json
    message = sign_in_bytes(challenge=challenge["challenge"], device_id=person.device_id, audience=audience)
    assert isinstance(person.key, Ed25519SigningKey)
    body = {
        "challenge_id": challenge["challenge_id"],
        "device_id": person.device_id,
        "signature": b64u(person.key.sign(message)),
        **changes,
    }
    return await api.call("POST", "/v1/sessions", body, headers=PAGE)


def cookie_of(reply: Reply) -> dict[str, str]:
    return {"Cookie": reply.headers["Set-Cookie"].partition(";")[0], **PAGE}


async def test_a_page_gets_its_session_as_a_cookie_that_no_script_reads(api: Web) -> None:
    reply = await signed_in(api, api.house.owner)
    assert (reply.status, reply.json["session"]["token"]) == (201, None)
    given = reply.headers["Set-Cookie"].split("; ")
    assert given[0].startswith("__Host-approvals-hub=ses_")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(given)
    assert (await api.send("GET", "/v1/session", headers=cookie_of(reply))).status == 200


async def test_an_app_gets_its_session_as_a_bearer_and_no_cookie(api: Web) -> None:
    reply = await signed_in(api, api.house.owner, transport="bearer")
    assert reply.json["session"]["token"].startswith("ses_")
    assert "Set-Cookie" not in reply.headers


async def test_a_lost_refresh_comes_again_by_its_key_and_without_it_ends_the_session(api: Web) -> None:
    before = (await signed_in(api, api.house.owner, transport="native")).json["session"]["refresh_token"]
    body = {"refresh_token": before, "retry_key": "A" * 22}
    first, again = [await api.call("POST", "/v1/sessions/refresh", body, headers=PAGE) for _ in range(2)]
    assert (first.status, first.json) == (200, again.json)
    short = await api.call("POST", "/v1/sessions/refresh", {**body, "retry_key": "A" * 21}, headers=PAGE)
    assert (short.status, short.json["field"]) == (422, "$.retry_key")
    stolen = await api.call("POST", "/v1/sessions/refresh", {"refresh_token": before}, headers=PAGE)
    assert (stolen.status, stolen.code) == (401, "refresh_reused")


async def test_a_signature_for_another_hub_signs_nobody_in(api: Web) -> None:
    reply = await signed_in(api, api.house.owner, audience="https://evil.example")
    assert (reply.status, reply.code) == (401, "invalid_signature")


async def test_an_unknown_device_is_refused_like_a_wrong_signature(api: Web) -> None:
    unknown = await signed_in(api, api.house.owner, device_id="dev_none")
    wrong = await signed_in(api, api.house.owner, signature=b64u(bytes(64)))
    assert (unknown.status, unknown.code, unknown.json["detail"]) == (wrong.status, wrong.code, wrong.json["detail"])


async def test_a_challenge_signs_in_once(api: Web) -> None:
    challenge = (await api.call("POST", "/v1/challenges", {"purpose": "sign_in"})).json
    first = await signed_in(api, api.house.owner, challenge_id=challenge["challenge_id"])
    assert first.status == 401


async def test_a_signature_that_is_no_base64url_is_named(api: Web) -> None:
    reply = await signed_in(api, api.house.owner, signature="AAF")
    assert (reply.status, reply.json["field"]) == (422, "$.signature")


@pytest.mark.parametrize("purpose", ["enrol", "fresh"])
async def test_a_stranger_gets_challenges_for_signing_in_alone(api: Web, purpose: str) -> None:
    reply = await api.call("POST", "/v1/challenges", {"purpose": purpose})
    assert (reply.status, reply.code) == (401, "session_missing")


async def test_a_challenge_has_256_bits_and_asks_for_a_verified_user(api: Web) -> None:
    told = (await api.call("POST", "/v1/challenges", {"purpose": "sign_in"})).json
    assert len(told["challenge"]) == 43
    assert told["public_key"]["userVerification"] == "required"


async def test_signing_out_ends_the_session_and_its_cookie(api: Web) -> None:
    cookie = cookie_of(await signed_in(api, api.house.owner))
    reply = await api.call("POST", "/v1/sign-out", {}, headers=cookie)
    assert "Max-Age=0" in reply.headers["Set-Cookie"]
    assert reply.headers["Clear-Site-Data"] == '"cache"'
    assert (await api.send("GET", "/v1/session", headers=cookie)).code == "session_ended"


async def test_signing_out_of_a_device_clears_what_it_stored(api: Web) -> None:
    cookie = cookie_of(await signed_in(api, api.house.owner))
    body = {"device_id": api.house.owner.device_id, "fresh": await fresh_of_cookie(api, cookie)}
    reply = await api.call("POST", "/v1/sign-out", body, headers=cookie)
    assert reply.headers["Clear-Site-Data"] == '"cache", "storage"'


async def test_a_stolen_cookie_takes_no_key_away(api: Web) -> None:
    cookie = cookie_of(await signed_in(api, api.house.owner))
    for method, path, body in (
        ("POST", "/v1/sign-out", {"device_id": api.house.owner.device_id}),
        ("DELETE", "/v1/sessions/current", {"forget_device": True}),
        ("DELETE", "/v1/sessions", {}),
        ("DELETE", f"/v1/devices/{api.house.owner.device_id}", {}),
    ):
        reply = await api.call(method, path, body, headers=cookie)
        assert (reply.status, reply.code) == (403, "fresh_factor_needed")
    assert (await signed_in(api, api.house.owner)).status == 201


async def test_one_session_ends_another_with_a_fresh_factor_and_stays(api: Web) -> None:
    there = f"/v1/sessions/{(await signed_in(api, api.house.owner)).json['session']['session_id']}"
    refused = await api.call("DELETE", there, who=api.house.owner)
    assert (refused.status, refused.code, refused.json["field"]) == (403, "fresh_factor_needed", "$.fresh")
    reply = await api.call("DELETE", there, {"fresh": await api.fresh(api.house.owner)}, who=api.house.owner)
    assert (reply.status, "Set-Cookie" in reply.headers) == (200, False)
    assert (await api.call("GET", "/v1/session", who=api.house.owner)).status == 200


async def test_somebody_elses_session_does_not_exist(api: Web) -> None:
    ada = await api.house.person()
    mine = (await api.call("GET", "/v1/session", who=api.house.owner)).json["session"]["session_id"]
    body = {"fresh": await api.fresh(ada)}
    assert (await api.call("DELETE", f"/v1/sessions/{mine}", body, who=ada)).status == 404


async def test_a_stolen_session_of_a_provider_is_told_to_sign_in_again(api: Web) -> None:
    _, planted = await session_by_provider(api.house, api.house.owner)
    api.house.time.now += FRESH + 1
    bearer = {"Authorization": f"Bearer {planted.token}"}
    reply = await api.call("DELETE", "/v1/sessions", {}, headers=bearer)
    assert (reply.status, reply.code) == (403, "sign_in_again")
    assert "Sign in again" in reply.json["next_step"]


async def test_the_list_marks_the_present_session(api: Web) -> None:
    await signed_in(api, api.house.owner, client="another phone")
    items = (await api.call("GET", "/v1/sessions", who=api.house.owner)).json["items"]
    assert [item["current"] for item in items].count(True) == 1
    assert "another phone" in [item["client"] for item in items]


async def test_a_browser_is_forgotten_with_its_session(api: Web) -> None:
    owner = api.house.owner
    lost = await owner.further_device()
    there = (await signed_in(api, lost)).json["session"]["session_id"]
    items = (await api.call("GET", "/v1/sessions", who=owner)).json["items"]
    assert lost.device_id in [item["device_id"] for item in items]
    body = {"forget_device": True, "fresh": await api.fresh(owner)}
    reply = await api.call("DELETE", f"/v1/sessions/{there}", body, who=owner)
    assert (reply.status, reply.json["forgotten"], "Set-Cookie" in reply.headers) == (200, lost.device_id, False)
    assert (await signed_in(api, lost)).status == 401


async def test_forgetting_the_present_device_clears_what_it_stored(api: Web) -> None:
    cookie = cookie_of(await signed_in(api, api.house.owner))
    body = {"forget_device": True, "fresh": await fresh_of_cookie(api, cookie)}
    reply = await api.call("DELETE", "/v1/sessions/current", body, headers=cookie)
    assert (reply.status, reply.headers["Clear-Site-Data"]) == (200, '"cache", "storage"')
    assert "Max-Age=0" in reply.headers["Set-Cookie"]


@pytest.mark.parametrize("body", [{"forget_device": "perhaps"}, {"forget": True}, {"forget_device": None}])
async def test_what_is_misspelt_forgets_nothing_and_ends_nothing(api: Web, body: dict[str, object]) -> None:
    reply = await api.call("DELETE", "/v1/sessions/current", body, who=api.house.owner)
    assert reply.status == 422
    assert (await api.call("GET", "/v1/session", who=api.house.owner)).status == 200


async def fresh_of_cookie(api: Web, cookie: dict[str, str]) -> dict[str, str]:
    """The owner's fresh factor in the session of this cookie."""
    device_id, key = api.house.owner.device_id, api.house.owner.key
    assert isinstance(key, Ed25519SigningKey)
    issued = (await api.call("POST", "/v1/challenges", {"purpose": "fresh"}, headers=cookie)).json
    message = sign_in_bytes(challenge=issued["challenge"], device_id=device_id, audience=PUBLIC_URL)
    return {"challenge_id": issued["challenge_id"], "device_id": device_id, "signature": b64u(key.sign(message))}
