"""The inbox over HTTP."""

from __future__ import annotations

import asyncio

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
