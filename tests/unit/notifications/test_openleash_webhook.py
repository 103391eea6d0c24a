"""Programs of OpenLeash agents are called as OpenLeash calls them, and only where a person allows it."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from approvals_hub.agents.openleash_names import ForOpenLeash, Webhook
from approvals_hub.core.clock import HOUR
from approvals_hub.notifications.call_back import NOT_LISTED
from approvals_hub.notifications.openleash_webhook import OpenLeashWebhooks
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.front_door import START
from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival, Trouble
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.openleash_bot import OpenLeashBot, public

SECRET, TOKEN, PATH = "any secret, as OpenLeash has it", "bearer-of-the-receiver", "/hooks/leash-7f3a91"
ALLOW_PAYMENTS = "version: 1\ndefault: passthrough\nrules: [{id: small, effect: allow, action: purchase}]\n"
Called = tuple[StaffedHub, WebhookReceiver]


class LeashReceiver(WebhookReceiver):
    """A program that checks as OpenLeash tells receivers to: the body alone, and its own token."""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        wanted = hmac.new(SECRET.encode(), body, sha256).hexdigest()
        proof = (request.headers.get("X-Webhook-Signature"), request.headers.get("Authorization"))
        if request.path == "/moved":
            raise web.HTTPTemporaryRedirect(f"{self.base_url}{PATH}")
        if proof != (wanted, f"Bearer {TOKEN}") or request.path != PATH:
            return self.refusal()
        told = await request.json()
        self.keep(Arrival(PATH, "", request.headers["webhook-id"], dict(request.headers), told))
        return web.Response(status=200)


@pytest.fixture
async def called(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Called]:
    """A hub, and the program that its OpenLeash agent has called."""
    authority = Authority()
    (tmp_path / "ca.pem").write_text(authority.pem())
    receiver = LeashReceiver(authority, now=START)
    await receiver.open()
    table: dict[str, Any] = {"ports": [receiver.port], "private_networks": ["127.0.0.0/8"], "ca_file": "ca.pem"}
    async with staffed_hub(database_place, tmp_path, callbacks=table) as house:
        yield house, receiver
    await receiver.close()


async def joins(house: StaffedHub, url: str, *, secret: str = SECRET, again: bool = False) -> tuple[OpenLeashBot, str]:
    """An agent that says where it takes events, and what the hub says of that."""
    key, hub = Ed25519SigningKey(), house.hub
    invited = await hub.invite_agent(house.operator, house.org_id, name="Shopper", openleash=ForOpenLeash())
    given = (invited.invite_id, invited.token, f"shopper-{invited.invite_id[-6:].lower()}", public(key))
    joined = await hub.join_openleash.by_invite(*given, Webhook(url, secret, TOKEN))
    if again:
        joined = await hub.join_openleash.by_invite(*given, Webhook(url, secret, TOKEN))
    return OpenLeashBot(house, joined.handle, joined.agent_id, joined.key_id, joined.owner_id, key), joined.webhook


async def allow(called: Called, bot: OpenLeashBot) -> None:
    house, receiver = called
    await house.hub.keep_callbacks.set(house.operator, house.org_id, bot.agent_id, [f"127.0.0.1:{receiver.port}"])


async def asks(house: StaffedHub, bot: OpenLeashBot) -> str:
    action = bot.action()
    told = (await house.hub.authorize(bot.credential(), action)).told
    return (await house.hub.ask_people(bot.credential(), told.decision_id, action)).escalation.id


async def settled(house: StaffedHub) -> None:
    while await house.hub.call_back() == 0.0:
        await house.hub.call_back.idle()


async def calls(house: StaffedHub, bot: OpenLeashBot) -> list[tuple[str, str | None]]:
    read = await house.hub.keep_callbacks.read(house.operator, house.org_id, bot.agent_id)
    return [(each.state, each.said) for each in read.calls]


async def test_answers_and_decided_drafts_are_told_as_openleash_tells_them_and_carry_no_token(called: Called) -> None:
    house, receiver = called
    bot, kept = await joins(house, f"{receiver.base_url}{PATH}")
    assert kept == "kept"
    await allow(called, bot)
    approved, denied, left = [await asks(house, bot) for _ in range(3)]
    # Two calls that are due at once are on their way at once.
    await house.owner.answer(approved)
    await settled(house)
    await house.owner.answer(denied, "deny")
    await settled(house)
    house.time.now += HOUR
    await house.hub.advance()
    await settled(house)
    assert [(each.body["event_type"], each.body["data"]["status"]) for each in receiver.arrived] == [
        ("approval_request.approved", "APPROVED"),
        ("approval_request.denied", "DENIED"),
    ]
    first = receiver.arrived[0]
    assert sorted(first.body) == ["agent_principal_id", "data", "event_type", "timestamp"]
    assert first.body["agent_principal_id"] == bot.agent_id
    assert first.body["data"]["approval_request_id"] == approved
    assert len(first.body["data"]["action_hash"]) == 64
    assert "v4." not in str(first)
    assert left not in str(receiver.arrived)
    receiver.arrived.clear()
    drafts = [
        await house.hub.drafts.draft(bot.credential(), text, name=name)
        for name, text in (("small", ALLOW_PAYMENTS), ("other", ALLOW_PAYMENTS + "# again\n"))
    ]
    for draft, answer in zip(drafts, ("approve", "deny"), strict=True):
        await house.hub.ask_about_drafts()
        found = await house.hub.drafts.read.one_of_agent(bot.credential(), draft.id)
        await house.owner.answer(str(found[0].escalation_id), answer)
        await house.hub.carry_out_drafts()
        await settled(house)
    assert [(each.body["event_type"], each.body["data"]) for each in receiver.arrived] == [
        ("policy_draft.approved", {"policy_draft_id": drafts[0].id, "status": "APPROVED"}),
        ("policy_draft.denied", {"policy_draft_id": drafts[1].id, "status": "DENIED"}),
    ]
    assert await calls(house, bot) == [("delivered", None)] * 4


async def test_an_agents_word_alone_has_the_hub_call_nobody(called: Called) -> None:
    house, receiver = called
    bot, _ = await joins(house, f"{receiver.base_url}{PATH}")
    await house.owner.answer(await asks(house, bot))
    await settled(house)
    assert receiver.arrived == []
    assert await calls(house, bot) == [("failed", NOT_LISTED)]
    read = await house.hub.keep_callbacks.read(house.operator, house.org_id, bot.agent_id)
    assert read.named == f"127.0.0.1:{receiver.port}"


async def test_a_redirect_is_not_followed_and_trouble_is_tried_again(called: Called) -> None:
    house, receiver = called
    moved, _ = await joins(house, f"{receiver.base_url}/moved")
    await allow(called, moved)
    await house.owner.answer(await asks(house, moved))
    await settled(house)
    assert receiver.arrived == []
    [(state, said)] = await calls(house, moved)
    assert state == "failed"
    assert "redirect" in str(said)
    bot, _ = await joins(house, f"{receiver.base_url}{PATH}")
    await allow(called, bot)
    receiver.trouble = Trouble.BROKEN
    await house.owner.answer(await asks(house, bot))
    await settled(house)
    assert (await calls(house, bot))[0][0] == "due"
    receiver.trouble = None
    house.time.now += HOUR
    await settled(house)
    assert await calls(house, bot) == [("delivered", None)]


async def test_a_listed_host_that_leads_inside_is_not_reached(database_place: Path | str, tmp_path: Path) -> None:
    async with staffed_hub(database_place, tmp_path) as house:
        for host in ("127.0.0.1", "localhost", "metadata.internal", "169.254.169.254"):
            bot, _ = await joins(house, f"https://{host}/latest/meta-data")
            await house.hub.keep_callbacks.set(house.operator, house.org_id, bot.agent_id, [host])
            await house.owner.answer(await asks(house, bot))
        await settled(house)
        rows = await house.rows("SELECT state, said FROM callbacks")
        assert all(row["said"] for row in rows)
        assert "delivered" not in {row["state"] for row in rows}


async def test_what_could_never_be_called_is_not_kept_and_nothing_of_it_lies_in_the_clear(house: StaffedHub) -> None:
    for url in ("http://hooks.example/x", "https://user@hooks.example/x", "ftp://x", "https://[::1]/x", "x" * 2100, ""):
        assert (await joins(house, url))[1] == "not_kept"
    assert (await joins(house, "https://hooks.example/x", secret=""))[1] == "not_kept"
    assert await house.rows("SELECT * FROM openleash_webhooks") == []
    bot, kept = await joins(house, "https://hooks.example/path-as-secret", again=True)
    assert kept == "kept"
    lying = str(await house.rows("SELECT * FROM openleash_webhooks")) + str(await house.events("agent.registered"))
    for secret in (SECRET, TOKEN, "path-as-secret"):
        assert secret not in lying
        assert secret not in repr(Webhook("path-as-secret", SECRET, TOKEN))
    await house.hub.keep_callbacks.set(house.operator, house.org_id, bot.agent_id, ["hooks.example"])
    webhooks = OpenLeashWebhooks(house.hub.vault)
    assert await house.hub.db.read(lambda tx: webhooks.standing_in(tx, house.org_id, bot.agent_id)) == "called"
