"""Approving with a code by mail and by SMS over real HTTP: a mail server and a gateway take what the hub sends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import Refused
from tests.fakes.sendgrid import KEY, SendGridServer
from tests.fakes.sms_gateway import PASSWORD as GATEWAY_PASSWORD
from tests.fakes.sms_gateway import USER as GATEWAY_USER
from tests.fakes.sms_gateway import SmsGateway
from tests.fakes.smtp_server import PASSWORD, USER, SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.test_step_up import gives_up, require, waiting_question
from tests.flows.world import World, serve, set_up

OWNER = {"email_otp": "ada@example.com", "sms_otp": "+46701234567"}
OTP = ["otp", "pop"]


@dataclass
class Post:
    """A hub that sends, and those that take it."""

    world: World
    mails: SmtpServer | SendGridServer
    texts: SmsGateway

    def code(self, method: str) -> str:
        """The code of the newest message to the owner, who reads it."""
        newest = (self.mails if method == "email_otp" else self.texts).arrived[-1]
        assert newest.to == OWNER[method]
        found = re.search(r"^ *([0-9]{8})\s*$" if method == "email_otp" else r"#([0-9]{6})$", newest.text, re.MULTILINE)
        assert found is not None, newest.text
        return found[1]

    async def link(self, method: str) -> None:
        """Tie the owner's address to the owner."""
        owner = self.world.owner
        body = {"method": method, "given": {"address": OWNER[method]}, "fresh": await owner.fresh()}
        begun = await owner.call("POST", "/v1/factors", body)
        await self.prove(begun["step_up_id"], self.code(method))

    async def prove(self, step_up_id: str, code: str) -> None:
        done = await self.world.owner.call("POST", f"/v1/step-ups/{step_up_id}", {"answer": {"code": code}})
        assert done["state"] == "proven"


def mail_table(mails: SmtpServer, folder: Path) -> dict[str, Any]:
    """The settings of the mail server; its password and its authority stand in files."""
    (folder / "mail-password").write_text(PASSWORD + "\n")
    return {
        "kind": "smtp",
        "host": "localhost",
        "port": mails.port,
        "sender": "hub@example.com",
        "username": USER,
        "password_file": "mail-password",
        "ca_file": "ca.pem",
    }


def sms_table(texts: SmsGateway) -> dict[str, Any]:
    gateway = {"kind": "46elks", "username": GATEWAY_USER, "password": GATEWAY_PASSWORD, "base_url": texts.base_url}
    return {"sender": "Hub", "gateway": gateway}


@pytest.fixture
async def post(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Post]:
    authority, texts = Authority(), SmsGateway("46elks")
    mails = SmtpServer(authority)
    (tmp_path / "ca.pem").write_text(authority.pem())
    await mails.open()
    await texts.open()
    ways = {"email_otp": {}, "sms_otp": {"allowed_prefixes": ["+467"]}}
    try:
        async with serve(
            tmp_path,
            url_of(database_place),
            step_up=ways,
            mail=mail_table(mails, tmp_path),
            sms=sms_table(texts),
        ) as world:
            yield Post(await set_up(world), mails, texts)
    finally:
        await texts.close()
        await mails.close()


@pytest.mark.parametrize(("method", "amr"), [("email_otp", OTP), ("sms_otp", [*OTP, "sms"])])
async def test_a_code_that_was_sent_is_typed_signed_for_and_named_in_the_token(
    post: Post, method: str, amr: list[str]
) -> None:
    await approved_with_a_code(post, method, amr)


async def test_a_code_that_sendgrid_took_is_typed_signed_for_and_named_in_the_token(
    database_place: Path | str, tmp_path: Path
) -> None:
    mails = SendGridServer()
    await mails.open()
    table = {"kind": "sendgrid", "sender": mails.sender, "api_key_file": "sendgrid-key", "base_url": mails.base_url}
    (tmp_path / "sendgrid-key").write_text(KEY + "\n")
    try:
        async with serve(tmp_path, url_of(database_place), step_up={"email_otp": {}}, mail=table) as world:
            await approved_with_a_code(Post(await set_up(world), mails, SmsGateway("46elks")), "email_otp", OTP)
    finally:
        await mails.close()


async def approved_with_a_code(post: Post, method: str, amr: list[str]) -> None:
    """From linking the address to the token's claims."""
    world = post.world
    await post.link(method)
    await require(world, methods=["passkey", method])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    statement = await world.owner.look(name)
    begun = await world.owner.begin_step_up(name, statement, method)
    await post.prove(begun["step_up_id"], post.code(method))
    receipt = await world.owner.send(name, statement, "approve", step_up=[begun["step_up_id"]])
    assert (receipt["acr"], receipt["amr"], receipt["methods"]) == ("LOW", amr, ["device_key", method])
    claims = (await agent.redeem(await asyncio.wait_for(asking, 10))).proof
    assert (claims["acr"], claims["amr"]) == ("LOW", amr)
    assert claims["approvers"][0]["step_up"][0]["method"] == method


@pytest.mark.parametrize("method", ["email_otp", "sms_otp"])
async def test_a_code_for_one_intent_proves_nothing_for_another(post: Post, method: str) -> None:
    world = post.world
    await post.link(method)
    await require(world, methods=["passkey", method])
    agent = await world.agent()
    asking, name = await waiting_question(world, agent)
    first = await world.owner.begin_step_up(name, await world.owner.look(name), method)
    code = post.code(method)
    second = await world.owner.begin_step_up(name, await world.owner.look(name), method)
    assert first["step_up_id"] != second["step_up_id"]
    with pytest.raises(Refused) as refused:
        await post.prove(second["step_up_id"], code)
    assert refused.value.problem["code"] == "wrong_answer"
    await gives_up(asking)


@pytest.mark.parametrize("method", ["email_otp", "sms_otp"])
async def test_a_sender_in_trouble_is_a_503_and_the_person_may_try_again(post: Post, method: str) -> None:
    sender: Any = post.mails if method == "email_otp" else post.texts
    with sender.plays(Trouble.BROKEN), pytest.raises(Refused) as refused:
        await post.link(method)
    assert (refused.value.status, refused.value.problem["code"]) == (503, "provider_down")
    await post.link(method)
