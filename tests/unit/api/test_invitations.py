"""Following an invitation's link."""

from __future__ import annotations

from approvals_hub.people.invite import Invitation
from tests.unit.api.web_client import Web

ACCEPT = "/v1/invitations/accept"
PAGE = {"Sec-Fetch-Site": "same-origin"}


async def link(api: Web) -> str:
    return (await api.house.hub.invite_person(api.house.operator, Invitation(name="Ada"))).token


async def test_a_link_opens_a_session_that_can_enrol_a_key(api: Web) -> None:
    reply = await api.call("POST", ACCEPT, {"token": await link(api)}, headers=PAGE)
    told = reply.json
    assert (reply.status, told["person"]["name"], told["purpose"], told["has_keys"]) == (201, "Ada", "invite", False)
    assert (told["session"]["scope"], told["session"]["token"]) == ("enrolment", None)
    assert reply.headers["Set-Cookie"].startswith("__Host-approvals-hub=ses_")


async def test_a_link_works_once(api: Web) -> None:
    token = await link(api)
    await api.call("POST", ACCEPT, {"token": token})
    reply = await api.call("POST", ACCEPT, {"token": token})
    assert (reply.status, reply.code) == (401, "invite_invalid")


async def test_an_enrolment_session_reads_no_inbox(api: Web) -> None:
    told = (await api.call("POST", ACCEPT, {"token": await link(api), "transport": "bearer"})).json
    headers = {"Authorization": f"Bearer {told['session']['token']}"}
    reply = await api.send("GET", "/v1/inbox", headers=headers)
    assert (reply.status, reply.code) == (403, "enrolment_only")
