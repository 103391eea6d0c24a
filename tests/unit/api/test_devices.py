"""Keys over HTTP: enrolled, compared, revoked."""

from __future__ import annotations

from typing import Any

from approvals_hub.people.invite import Invitation
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey, jwk_of
from approvals_hub_client.statement import enrol_bytes
from tests.unit.api.web_client import Reply, Web

PAGE = {"Sec-Fetch-Site": "same-origin"}


async def accepted(api: Web, token: str, transport: str = "bearer") -> tuple[dict[str, str], str]:
    """The headers of the invitation's session, and its person."""
    body = {"token": token, "transport": transport}
    reply = await api.call("POST", "/v1/invitations/accept", body, headers=PAGE)
    if transport == "cookie":
        return {"Cookie": reply.headers["Set-Cookie"].partition(";")[0], **PAGE}, reply.json["person"]["person_id"]
    return {"Authorization": f"Bearer {reply.json['session']['token']}"}, reply.json["person"]["person_id"]


async def enrolled(api: Web, headers: dict[str, str], person_id: str, **changes: Any) -> Reply:
    key = Ed25519SigningKey()
    challenge = (await api.call("POST", "/v1/challenges", {"purpose": "enrol"}, headers=headers)).json
    message = enrol_bytes(challenge=challenge["challenge"], key_thumbprint=key.public.thumbprint, person_id=person_id)
    body = {
        "kind": "device_key",
        "challenge_id": challenge["challenge_id"],
        "jwk": jwk_of(key.public),
        "proof": b64u(key.sign(message)),
        "name": "phone",
        **changes,
    }
    return await api.call("POST", "/v1/devices", body, headers=headers)


async def ada(api: Web) -> str:
    return (await api.house.hub.invite_person(api.house.operator, Invitation(name="Ada"))).token


async def test_an_invited_persons_key_waits_for_the_digits_of_both_screens(api: Web) -> None:
    headers, person_id = await accepted(api, await ada(api))
    reply = await enrolled(api, headers, person_id)
    assert (reply.status, reply.json["device"]["state"], reply.json["session"]) == (201, "pending", None)
    items = (await api.call("GET", f"/v1/orgs/{api.house.org_id}/pending-devices", who=api.house.owner)).json["items"]
    assert [item["digits"] for item in items] == [reply.json["digits"]]
    path = f"/v1/devices/{reply.json['device']['device_id']}"
    assert (await api.send("GET", path, headers=headers)).json["state"] == "pending"
    compared = {"digits": reply.json["digits"], "fresh": await api.fresh(api.house.owner)}
    confirmed = await api.call("POST", f"{path}/confirmation", compared, api.house.owner)
    assert confirmed.json["state"] == "active"


async def test_wrong_digits_confirm_nothing(api: Web) -> None:
    headers, person_id = await accepted(api, await ada(api))
    told = (await enrolled(api, headers, person_id)).json
    wrong = "000000" if told["digits"] != "000000" else "111111"
    path = f"/v1/devices/{told['device']['device_id']}/confirmation"
    reply = await api.call("POST", path, {"digits": wrong, "fresh": await api.fresh(api.house.owner)}, api.house.owner)
    assert (reply.status, reply.code, reply.json["tries_left"]) == (422, "digits_wrong", 4)
    reply = await api.call("POST", path, {"digits": told["digits"]}, api.house.owner)
    assert (reply.status, reply.code) == (403, "fresh_factor_needed")


async def test_the_first_key_of_the_set_up_brings_a_new_session_the_way_the_old_one_came(api: Web) -> None:
    # As if nobody had been here yet.
    await api.house.change("DELETE FROM devices")
    headers, person_id = await accepted(api, (await api.house.hub.set_up()).token, "cookie")
    reply = await enrolled(api, headers, person_id)
    assert (reply.json["session"]["scope"], reply.json["session"]["token"]) == ("full", None)
    assert reply.headers["Set-Cookie"].partition(";")[0] != headers["Cookie"]
    assert (await api.send("GET", "/v1/session", headers=headers)).status == 401


async def test_a_key_kind_that_is_not_known_is_named(api: Web) -> None:
    headers, person_id = await accepted(api, await ada(api))
    reply = await enrolled(api, headers, person_id, kind="password")
    assert (reply.status, reply.json["field"]) == (422, "$.kind")


async def test_a_passkey_form_takes_no_members_of_a_device_key(api: Web) -> None:
    headers, person_id = await accepted(api, await ada(api))
    reply = await enrolled(api, headers, person_id, kind="passkey", credential={})
    assert reply.status == 422


async def test_somebody_elses_key_does_not_exist(api: Web) -> None:
    other = await api.house.person()
    path = f"/v1/devices/{api.house.owner.device_id}"
    assert (await api.call("GET", path, who=other)).status == 404
    assert (await api.call("DELETE", path, who=other)).status == 404


async def test_a_revoked_key_stays_in_the_list_and_signs_nothing(api: Web) -> None:
    other = await api.house.person()
    reply = await api.call("DELETE", f"/v1/devices/{other.device_id}", who=api.house.owner)
    assert reply.json["state"] == "revoked"
    assert (await api.call("POST", "/v1/challenges", {"purpose": "sign_in"})).status == 201


async def test_no_key_material_is_listed(api: Web) -> None:
    items = (await api.call("GET", "/v1/devices", who=api.house.owner)).json["items"]
    assert {"jwk", "public_key", "credential_id"} & set(items[0]) == set()
