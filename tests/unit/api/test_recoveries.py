"""Recovery codes and recoveries over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_actors import Person


async def codes(api: Web, person: Person) -> Reply:
    return await api.call("POST", "/v1/recovery-codes", {"fresh": await api.fresh(person)}, person)


async def test_codes_are_shown_once_and_counted_afterwards(api: Web) -> None:
    ada = await api.house.person()
    made = await codes(api, ada)
    assert (made.status, made.json["codes_left"], len(made.json["codes"])) == (201, 10, 10)
    left = await api.call("GET", "/v1/recovery-codes", who=ada)
    assert (left.json["codes_left"], left.json["codes"]) == (10, None)
    body = {"code": made.json["codes"][0], "person_id": ada.person_id, "transport": "bearer"}
    assert (await api.call("POST", "/v1/recoveries", body)).status == 201
    assert (await api.call("GET", "/v1/recovery-codes", who=ada)).json["codes_left"] == 9


async def test_codes_are_made_by_nobodys_session_alone(api: Web) -> None:
    reply = await api.call("POST", "/v1/recovery-codes", {}, api.house.owner)
    assert (reply.status, reply.code) == (403, "fresh_factor_needed")


async def test_a_code_opens_a_session_for_enrolment_and_says_how_long_the_key_waits(api: Web) -> None:
    ada = await api.house.person()
    body = {"code": (await codes(api, ada)).json["codes"][0], "person_id": ada.person_id, "transport": "bearer"}
    told = (await api.call("POST", "/v1/recoveries", body)).json
    assert (told["session"]["scope"], told["person"]["name"]) == ("enrolment", "Ada")
    assert (told["recovery"]["way"], told["recovery"]["wait_seconds"]) == ("code", 86_400)


@pytest.mark.parametrize(
    "more",
    [
        {"counts_at": "2020-01-01T00:00:00.000Z"},
        {"now": "2099-01-01T00:00:00.000Z"},
        {"wait_seconds": 0},
        {"usable_from": 0},
    ],
)
async def test_the_clients_clock_and_wishes_are_no_members_of_it(api: Web, more: dict[str, Any]) -> None:
    body = {"code": "x", "person_id": api.house.owner.person_id, **more}
    assert (await api.call("POST", "/v1/recoveries", body)).status == 422


@pytest.mark.parametrize("who", [{}, {"email": "a@example.com", "person_id": "per_1"}])
async def test_one_of_email_and_id_says_who_it_is(api: Web, who: dict[str, str]) -> None:
    reply = await api.call("POST", "/v1/recoveries", {"code": "x", **who})
    assert (reply.status, reply.code) == (422, "person_missing")


async def test_a_page_of_another_site_begins_no_recovery(api: Web) -> None:
    body = {"code": "x", "person_id": api.house.owner.person_id}
    reply = await api.call("POST", "/v1/recoveries", body, headers={"Sec-Fetch-Site": "cross-site"})
    assert (reply.status, reply.code) == (403, "cross_site")


async def test_a_person_sees_and_cancels_what_they_did_not_begin(api: Web) -> None:
    ada = await api.house.person()
    body = {"code": (await codes(api, ada)).json["codes"][0], "person_id": ada.person_id, "transport": "bearer"}
    begun = (await api.call("POST", "/v1/recoveries", body)).json["recovery"]["recovery_id"]
    [listed] = (await api.call("GET", "/v1/recoveries", who=ada)).json["items"]
    assert (listed["recovery_id"], listed["state"]) == (begun, "open")
    ended = await api.call("DELETE", f"/v1/recoveries/{begun}", who=ada)
    assert (ended.json["state"], ended.json["cause"]) == ("ended", "cancelled")


async def test_an_owner_makes_a_link_and_sees_it_in_the_list_without_its_token(api: Web) -> None:
    ada = await api.house.person()
    await api.house.person("Bo")
    api.house.time.now += 2 * DAY
    api.house.owner.credential = await api.house.owner.sign_in()
    path = f"/v1/orgs/{api.house.org_id}/recoveries"
    body = {"person_id": ada.person_id, "fresh": await api.fresh(api.house.owner)}
    made = await api.call("POST", path, body, api.house.owner)
    assert (made.status, made.json["recovery"]["way"]) == (201, "colleagues")
    assert made.json["url"].endswith("/app/enrol#" + made.json["token"])
    listed = await api.call("GET", path, who=api.house.owner)
    assert listed.json["items"][0]["recovery_id"] == made.json["recovery"]["recovery_id"]
    assert made.json["token"].encode() not in listed.raw
