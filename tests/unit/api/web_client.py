"""A served hub, and requests to it as bytes of the test's choice: who calls is named, the rest is said by the test."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from approvals_hub.api.application import application
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.request_signature import sign
from approvals_hub_client.statement import sign_in_bytes
from tests.unit.hub_fixture import PUBLIC_URL, Bot, Person, StaffedHub

HOST = "hub.example"


@dataclass(frozen=True)
class Reply:
    """One answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str | None:
        """The problem's code; None for an answer that is no problem."""
        return str(self.json["code"]) if self.status >= 400 else None


@dataclass
class Web:
    """A hub over HTTP. `who` of a call is a Bot, a Person, or nobody."""

    house: StaffedHub
    http: aiohttp.ClientSession
    port: int
    tokens: dict[str, str] = field(default_factory=dict)

    async def token(self, person: Person) -> str:
        """The bearer token of a session of this person, opened over HTTP once."""
        if person.person_id not in self.tokens:
            challenge = (await self.call("POST", "/v1/challenges", {"purpose": "sign_in"})).json
            message = sign_in_bytes(challenge=challenge["challenge"], device_id=person.device_id, audience=PUBLIC_URL)
            assert not hasattr(person.key, "get")
            body = {
                "challenge_id": challenge["challenge_id"],
                "device_id": person.device_id,
                "signature": b64u(person.key.sign(message)),
                "transport": "bearer",
            }
            reply = await self.call("POST", "/v1/sessions", body)
            self.tokens[person.person_id] = reply.json["session"]["token"]
        return self.tokens[person.person_id]

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        who: Bot | Person | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Reply:
        """A well-behaved request of somebody; `headers` are added or replace what it would send."""
        raw = b"" if body is None else dumps(body)
        sent = {} if body is None else {"Content-Type": "application/json"}
        if key is not None:
            sent["Idempotency-Key"] = key
        if isinstance(who, Bot) and who.api_key is not None:
            sent["Authorization"] = f"Bearer {who.api_key}"
        elif isinstance(who, Bot):
            sent |= self.signature(who, method, path, raw, {**sent, **_covered(headers)})
        elif who is not None:
            sent["Authorization"] = f"Bearer {await self.token(who)}"
        return await self.send(method, path, raw, {**sent, **(headers or {})})

    def signature(
        self, bot: Bot, method: str, path: str, raw: bytes = b"", headers: Mapping[str, str] | None = None, **how: Any
    ) -> dict[str, str]:
        """The headers that sign a request of this agent."""
        how = {"created": bot.house.time.now // 1000, **how}
        return sign(bot.key, bot.key_id, method, PUBLIC_URL + path, headers=headers or {}, body=raw, **how)

    async def send(
        self, method: str, path: str, raw: bytes | AsyncIterator[bytes] = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Exactly this request, to the hub's host unless the headers name another."""
        url = URL(f"http://127.0.0.1:{self.port}{path}", encoded=True)
        sent = {"Host": HOST, **(headers or {})}
        async with self.http.request(
            method, url, data=raw or None, headers=sent, allow_redirects=False, skip_auto_headers=("Content-Type",)
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def fresh(self, person: Person) -> dict[str, Any]:
        """The `fresh` member of a body: a factor of this person's session, used just now."""
        challenge = (await self.call("POST", "/v1/challenges", {"purpose": "fresh"}, person)).json
        message = sign_in_bytes(challenge=challenge["challenge"], device_id=person.device_id, audience=PUBLIC_URL)
        assert isinstance(person.key, Ed25519SigningKey)
        signature = b64u(person.key.sign(message))
        return {"challenge_id": challenge["challenge_id"], "device_id": person.device_id, "signature": signature}

    async def escalate(self, bot: Bot | None = None, **changes: Any) -> Reply:
        """A new question of the agent."""
        bot = bot or self.house.bot
        body = {"action": bot.action(), "justification": "needed", **changes}
        return await self.call("POST", "/v1/escalations", body, bot, key=f"key-{os.urandom(6).hex()}")


@asynccontextmanager
async def serving(house: StaffedHub, **served: Any) -> AsyncIterator[Web]:
    """Serve a hub on a free port, as `serve` does."""
    runner = Runner(application(house.hub, Served(**{"public_url": PUBLIC_URL, **served})), stop_seconds=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, auto_decompress=False) as http:
        try:
            yield Web(house, http, runner.addresses[0][1])
        finally:
            await runner.cleanup()


def _covered(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in (headers or {}).items() if name.lower() == "if-none-match"}
