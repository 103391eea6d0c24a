"""Step-ups over HTTP: forms held to their limits, answers without a secret, and the right status for each refusal."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.api.call import COOKIE
from approvals_hub.stepup.step_up import MOST_TRIES
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.statement import intent_of, sign_in_bytes
from tests.unit.api.test_sessions import cookie_of
from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_fixture import PUBLIC_URL
from tests.unit.step_up_actor import App, link_app, question, step_of


async def fresh(api: Web) -> dict[str, Any]:
    """A fresh factor of the session that calls."""
    challenge = (await api.call("POST", "/v1/challenges", {"purpose": "fresh"}, api.house.owner)).json
    owner = api.house.owner
    message = sign_in_bytes(challenge=challenge["challenge"], device_id=owner.device_id, audience=PUBLIC_URL)
    return {
        "challenge_id": challenge["challenge_id"],
        "device_id": owner.device_id,
        "signature": b64u(owner.key.sign(message)),  # type: ignore[union-attr]  # the owner's is a device key
    }


async def begun(api: Web, **changes: Any) -> tuple[Reply, App]:
    """A step-up that was begun with this body, and the app that answers it."""
    app = await link_app(api.house.owner)
    name = await question(api.house, methods=("totp",))
    statement = await api.house.owner.statement(name)
    body = {"method": "totp", "intent": b64u(dumps(intent_of(statement))), **changes}
    return await api.call("POST", f"/v1/escalations/{name}/step-ups", body, api.house.owner), app


async def test_the_ways_that_are_enough_are_offered(api: Web) -> None:
    name = await question(api.house, methods=("totp",), fresh_within=60)
    path = f"/v1/escalations/{name}/step-ups?device_id={api.house.owner.device_id}"
    reply = await api.call("GET", path, who=api.house.owner)
    assert reply.json == {
        "needed": True,
        "ways": [{"method": "totp", "name": "totp", "linked": False, "copies": True}],
        "min_assurance": "LOW",
        "methods": ["totp"],
        "fresh_within": 60,
        "passkeys": "any",
    }


async def test_a_step_up_is_begun_read_answered_and_told_with_the_hubs_time(api: Web) -> None:
    reply, app = await begun(api)
    assert reply.status == 201
    path = f"/v1/step-ups/{reply.json['step_up_id']}"
    read = await api.call("GET", path, who=api.house.owner)
    assert (read.json["state"], read.json["tries_left"], read.json["now"]) == (
        "running",
        MOST_TRIES,
        "2027-01-15T08:00:30.000Z",
    )
    done = await api.call("POST", path, {"answer": app.code()}, api.house.owner)
    assert (done.status, done.json["state"], done.json["proven_at"]) == (200, "proven", "2027-01-15T08:00:30.000Z")
    assert done.headers["Cache-Control"] == "no-store"


async def test_a_wrong_code_is_403_and_names_the_answer(api: Web) -> None:
    reply, app = await begun(api)
    path = f"/v1/step-ups/{reply.json['step_up_id']}"
    wrong = await api.call("POST", path, {"answer": app.wrong()}, api.house.owner)
    assert (wrong.status, wrong.code, wrong.json["field"]) == (403, "wrong_answer", "$.answer")
    assert app.wrong()["code"] not in wrong.raw.decode()
    assert (await api.call("GET", path, who=api.house.owner)).json["tries_left"] == MOST_TRIES - 1


async def test_a_cancelled_one_answers_409_with_why(api: Web) -> None:
    reply, app = await begun(api)
    path = f"/v1/step-ups/{reply.json['step_up_id']}"
    assert (await api.call("DELETE", path, who=api.house.owner)).json["cause"] == "cancelled"
    late = await api.call("POST", path, {"answer": app.code()}, api.house.owner)
    assert (late.status, late.code, late.json["cause"]) == (409, "step_up_ended", "cancelled")


@pytest.mark.parametrize("claim", [{"acr": "HIGH"}, {"amr": ["hwk"]}, {"assurance_level": 4}])
async def test_a_level_that_the_client_claims_is_taken_and_counts_for_nothing(api: Web, claim: dict[str, Any]) -> None:
    reply, app = await begun(api, **claim)
    assert reply.status == 201
    await api.call("POST", f"/v1/step-ups/{reply.json['step_up_id']}", {"answer": app.code()}, api.house.owner)
    assert (await step_of(api.house, reply.json["step_up_id"]))["reported"] is None
    [event] = await api.house.events("step_up.begun")
    assert event["detail"]["claimed"] == list(claim)


async def test_a_level_claimed_beside_an_answer_is_recorded_and_makes_a_wrong_answer_no_better(api: Web) -> None:
    reply, app = await begun(api)
    path, claim = f"/v1/step-ups/{reply.json['step_up_id']}", {"acr": "HIGH", "amr": ["hwk"]}
    wrong = await api.call("POST", path, {"answer": app.wrong(), **claim}, api.house.owner)
    assert (wrong.status, wrong.code) == (403, "wrong_answer")
    right = await api.call("POST", path, {"answer": app.code(), **claim}, api.house.owner)
    assert (right.status, right.json["state"]) == (200, "proven")
    assert (await step_of(api.house, reply.json["step_up_id"]))["reported"] is None
    events = await api.house.events("step_up.claimed")
    assert [event["detail"]["claimed"] for event in events] == [["acr", "amr"]] * 2
    assert "HIGH" not in str(events)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "TOTP"}, "$.method"),
        ({"method": "totp\n"}, "$.method"),
        ({"method": "x" * 33}, "$.method"),
        ({"method": None}, "$.method"),
        ({"intent": "AQ=="}, "$.intent"),
        ({"intent": 7}, "$.intent"),
        ({"same_device": "yes"}, "$.same_device"),
        ({"language": "de"}, "$.language"),
        ({"expires_at": "2030-01-01T00:00:00.000Z"}, "$.expires_at"),
        ({"person_id": "per_1"}, "$.person_id"),
        ({"min_assurance": "LOW"}, "$.min_assurance"),
    ],
)
async def test_a_form_that_says_more_or_other_than_it_may_is_refused(
    api: Web, changes: dict[str, Any], field: str
) -> None:
    reply, _ = await begun(api, **changes)
    assert (reply.status, reply.json["field"]) == (422, field)


@pytest.mark.parametrize(
    "body", [{}, {"answer": "123456"}, {"answer": None}, {"answer": {}, "level": "HIGH"}, [], None]
)
async def test_an_answer_in_no_form_is_refused(api: Web, body: Any) -> None:
    reply, _ = await begun(api)
    given = await api.call("POST", f"/v1/step-ups/{reply.json['step_up_id']}", body, api.house.owner)
    assert given.status in (400, 415, 422)


async def test_somebody_elses_step_up_does_not_exist(api: Web) -> None:
    reply, app = await begun(api)
    ada = await api.house.person("Ada")
    path = f"/v1/step-ups/{reply.json['step_up_id']}"
    found = [
        await api.call("GET", path, who=ada),
        await api.call("POST", path, {"answer": app.code()}, ada),
        await api.call("DELETE", path, who=ada),
        await api.call("GET", "/v1/step-ups/stu_none", who=ada),
    ]
    assert {(one.status, one.code) for one in found} == {(404, "step_up_unknown")}


async def test_an_agent_is_no_person(api: Web) -> None:
    reply, app = await begun(api)
    path = f"/v1/step-ups/{reply.json['step_up_id']}"
    for method, body in (("GET", None), ("POST", {"answer": app.code()}), ("DELETE", None)):
        assert (await api.call(method, path, body, api.house.bot)).status == 401


async def test_a_page_of_another_site_answers_nothing(api: Web) -> None:
    reply, app = await begun(api)
    headers = {"Cookie": "__Host-hub=ses_x", "Sec-Fetch-Site": "cross-site"}
    path = f"/v1/step-ups/{reply.json['step_up_id']}"
    assert (await api.call("POST", path, {"answer": app.code()}, headers=headers)).status in (401, 403)


async def test_a_way_is_tied_listed_and_taken_away(api: Web) -> None:
    owner = api.house.owner
    form = {"method": "totp", "fresh": await fresh(api)}
    begun_link = await api.call("POST", "/v1/factors", form, owner)
    assert (begun_link.status, begun_link.json["purpose"], begun_link.json["escalation_id"]) == (201, "link", None)
    app = App(owner, begun_link.json["shown"]["key"].replace(" ", ""))
    api.tokens[owner.person_id] = begun_link.json["session"]["token"]
    tied = await api.call("POST", f"/v1/step-ups/{begun_link.json['step_up_id']}", {"answer": app.code()}, owner)
    api.tokens[owner.person_id] = tied.json["session"]["token"]
    listed = (await api.call("GET", "/v1/factors", who=owner)).json
    assert [one["method"] for one in listed["items"]] == ["totp"]
    assert app.key not in str(listed)
    path = f"/v1/factors/{listed['items'][0]['factor_id']}"
    assert (await api.call("DELETE", path, {}, owner)).code == "fresh_factor_needed"
    gone = await api.call("DELETE", path, {"fresh": await fresh(api)}, owner)
    assert (gone.status, (await api.call("GET", "/v1/factors", who=owner)).json["items"]) == (200, [])


async def test_what_could_be_tied_is_listed(api: Web) -> None:
    listed = (await api.call("GET", "/v1/factors", who=api.house.owner)).json
    assert listed == {"items": [], "linkable": [{"method": "totp", "name": "totp"}], "expected": []}


async def test_the_key_of_a_new_app_is_shown_while_it_is_tied_and_never_again(api: Web) -> None:
    owner = api.house.owner
    form = {"method": "totp", "fresh": await fresh(api)}
    told = (await api.call("POST", "/v1/factors", form, owner)).json
    path, key = f"/v1/step-ups/{told['step_up_id']}", told["shown"]["key"]
    assert (await api.call("GET", path, who=owner)).json["shown"]["key"] == key
    api.tokens[owner.person_id] = told["session"]["token"]
    await api.call("POST", path, {"answer": App(owner, key.replace(" ", "")).code()}, owner)
    assert key not in (await api.call("GET", path, who=owner)).raw.decode()


async def native(api: Web) -> str:
    """Sign the owner in as an app; its token is the owner's from now on."""
    owner = api.house.owner
    challenge = (await api.call("POST", "/v1/challenges", {"purpose": "sign_in"})).json
    message = sign_in_bytes(challenge=challenge["challenge"], device_id=owner.device_id, audience=PUBLIC_URL)
    signature = b64u(owner.key.sign(message))  # type: ignore[union-attr]  # the owner's is a device key
    body = {"challenge_id": challenge["challenge_id"], "device_id": owner.device_id, "signature": signature}
    opened = (await api.call("POST", "/v1/sessions", {**body, "transport": "native"})).json["session"]
    api.tokens[owner.person_id] = opened["token"]
    return str(opened["token"])


async def test_an_app_has_a_new_pair_when_it_links_and_when_it_answers_with_a_step_up_and_the_old_one_ends(
    api: Web,
) -> None:
    owner = api.house.owner
    old = await native(api)
    linking = await api.call("POST", "/v1/factors", {"method": "totp", "fresh": await api.fresh(owner)}, owner)
    first = linking.json["session"]
    assert first["token"] not in (None, old)
    assert first["refresh_token"] is not None
    api.tokens[owner.person_id] = first["token"]
    app = App(owner, linking.json["shown"]["key"].replace(" ", ""))
    path = f"/v1/step-ups/{linking.json['step_up_id']}"
    tied = (await api.call("POST", path, {"answer": app.code()}, owner)).json["session"]
    assert tied["token"] not in (None, old, first["token"])
    assert tied["refresh_token"] not in (None, first["refresh_token"])
    # Whoever lost the answer, or stole what was there before it, may look and do nothing more.
    again = await api.call("POST", path, {"answer": app.code()}, owner)
    assert (again.status, again.code) == (401, "session_renewed")
    assert (await api.call("GET", path, who=owner)).json["session"] is None
    assert (await api.send("GET", "/v1/session", headers={"Authorization": f"Bearer {old}"})).code == "session_unknown"
    first, api.tokens[owner.person_id] = tied, tied["token"]
    again = await api.call("POST", path, {"answer": app.code()}, owner)
    assert (again.status, again.json["session"]) == (200, None)
    api.house.time.now += 90_000
    stale = await api.call("GET", "/v1/session", headers={"Authorization": f"Bearer {old}"})
    assert stale.status == 401
    name = await question(api.house, methods=("totp",))
    statement = await owner.statement(name)
    proof = await app.proven(statement)
    signed = owner.signs({**statement, "step_up": [proof]})
    body = {"statement": b64u(signed.statement), "signature": b64u(signed.signature or b"")}
    path = f"/v1/escalations/{name}/decisions"
    answered = await api.call("POST", path, body, owner)
    second = answered.json["session"]
    assert second["token"] not in (None, first["token"])
    assert (await api.call("POST", path, body, owner)).code == "session_renewed"
    api.tokens[owner.person_id] = second["token"]
    again = await api.call("POST", path, body, owner)
    assert (again.json["repeated"], again.json["session"]) == (True, None)


async def test_a_page_has_a_new_cookie_when_it_links_and_no_script_reads_it(api: Web) -> None:
    owner = api.house.owner
    fresh = await api.fresh(owner)
    own = {"Cookie": f"{COOKIE}={await api.token(owner)}", "Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}
    linking = await api.call("POST", "/v1/factors", {"method": "totp", "fresh": fresh}, headers=own)
    assert (linking.status, linking.json["session"]) == (201, None)
    assert linking.headers["Set-Cookie"].startswith("__Host-")
    assert await api.token(owner) not in linking.headers["Set-Cookie"]
    app = App(owner, linking.json["shown"]["key"].replace(" ", ""))
    tied = await api.call(
        "POST",
        f"/v1/step-ups/{linking.json['step_up_id']}",
        {"answer": app.code()},
        headers={**own, **cookie_of(linking)},
    )
    assert (tied.status, tied.json["session"]) == (200, None)
    assert cookie_of(tied)["Cookie"] != cookie_of(linking)["Cookie"]
