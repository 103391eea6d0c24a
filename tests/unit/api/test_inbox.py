"""The inbox over HTTP."""

from __future__ import annotations

import asyncio

from approvals_hub.api.limits import WAITERS_OF_PERSON
from tests.unit.api.web_client import Web

INBOX = "/v1/inbox"


async def test_a_card_says_who_asks_for_what(api: Web) -> None:
    opened = (await api.escalate()).json
    card = (await api.call("GET", INBOX, who=api.house.owner)).json["items"][0]
    assert (card["escalation_id"], card["action_type"]) == (opened["escalation_id"], "db.drop_table")
    assert card["agent"]["owner"]["person_id"] == api.house.owner.person_id
    assert (card["answered"], card["similar"], card["risk"]) == (False, 0, "high")


async def test_a_card_holds_nothing_of_the_payload(api: Web) -> None:
    await api.escalate()
    assert b"customers" not in (await api.call("GET", INBOX, who=api.house.owner)).raw


async def test_a_waiting_inbox_hears_of_a_new_question(api: Web) -> None:
    version = (await api.call("GET", INBOX, who=api.house.owner)).json["version"]
    waiting = asyncio.create_task(api.call("GET", f"{INBOX}?wait=50&since={version}", who=api.house.owner))
    while not len(api.house.hub.bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    await api.escalate()
    reply = await waiting
    assert (len(reply.json["items"]), reply.json["version"] != version) == (1, True)


async def test_a_wait_ends_with_its_session(api: Web) -> None:
    version = (await api.call("GET", INBOX, who=api.house.owner)).json["version"]
    waiting = asyncio.create_task(api.call("GET", f"{INBOX}?wait=50&since={version}", who=api.house.owner))
    while not len(api.house.hub.bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    await api.call("POST", "/v1/sign-out", {}, api.house.owner)
    reply = await waiting
    assert (reply.status, reply.code) == (401, "session_ended")


async def test_a_known_version_is_waited_on_no_longer_than_asked(api: Web) -> None:
    version = (await api.call("GET", INBOX, who=api.house.owner)).json["version"]
    reply = await api.call("GET", f"{INBOX}?wait=1&since={version}", who=api.house.owner)
    assert (reply.status, reply.json["version"]) == (200, version)


async def test_another_members_inbox_is_their_own(api: Web) -> None:
    await api.escalate()
    auditor = await api.house.person("Alva", "auditor")
    assert (await api.call("GET", INBOX, who=auditor)).json["items"] == []


async def test_one_session_that_waits_too_often_is_told_to_come_back_and_goes_on_waiting(api: Web) -> None:
    version = (await api.call("GET", INBOX, who=api.house.owner)).json["version"]
    path = f"{INBOX}?wait=50&since={version}"
    waiting = {asyncio.create_task(api.call("GET", path, who=api.house.owner)) for _ in range(WAITERS_OF_PERSON + 1)}
    [refused], waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    reply = refused.result()
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (429, "too_many_waiters", "5")
    await api.escalate()
    assert {(await task).status for task in waiting} == {200}
