"""The fake hub's HTTP side: the routes an agent and an executor use, on a free local port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps, loads, sha256_text, unb64u
from approvals_hub_client.keys import BadSignature, Ed25519Key
from approvals_hub_client.request_signature import BadRequestSignature, check_window, parse, verify
from approvals_hub_client.statement import action_hash, redeem_pop_bytes, register_bytes
from approvals_hub_client.times import to_text
from tests.fakes.hub import ISSUER, FakeHub, present


@asynccontextmanager
async def serving(hub: FakeHub | None = None) -> AsyncIterator[FakeHub]:
    """A listening hub; its `url` is set."""
    hub = hub or FakeHub()
    runner = web.AppRunner(Routes(hub).application(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield hub
    finally:
        await runner.cleanup()


@dataclass
class Routes:
    """Speaks for one hub."""

    hub: FakeHub

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._faults])
        app.router.add_get("/.well-known/approvals-hub", self._well_known)
        app.router.add_get("/v1/public-keys", self._public_keys)
        app.router.add_post("/v1/agents/register-with-invite", self._register)
        app.router.add_post("/v1/agent/keys", self._rotate)
        app.router.add_post("/v1/escalations", self._create)
        app.router.add_get("/v1/escalations/{id}", self._wait)
        app.router.add_delete("/v1/escalations/{id}", self._withdraw)
        app.router.add_post("/v1/escalations/{id}/revisions", self._create)
        app.router.add_post("/v1/escalations/{id}/extensions", self._extend)
        app.router.add_post("/v1/tokens/redeem", self._redeem)
        app.router.add_post("/v1/tokens/verify", self._verify)
        app.router.add_post("/v1/redemptions/{jti}/report", self._report)
        return app

    @web.middleware
    async def _faults(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.hub.bodies.append(await request.read())
        async with self.hub.changed:
            self.hub.calls.append((request.method, request.path))
            self.hub.changed.notify_all()
        if self.hub.drop_before:
            self.hub.drop_before -= 1
            _cut(request)
        if self.hub.busy:
            status, headers = self.hub.busy.pop(0)
            return _problem(status, "busy", headers=headers)
        response = await handler(request)
        if self.hub.drop_after:
            self.hub.drop_after -= 1
            _cut(request)
        return response

    def _json(self, members: dict[str, Any], status: int = 200) -> web.Response:
        members = self.hub.alter(members) if self.hub.alter else members
        return web.Response(body=dumps(members), status=status, content_type="application/json")

    async def _agent(self, request: web.Request) -> str | web.Response:
        if request.headers.get("Authorization") == "Bearer ahk_good":
            return "agt_1"
        try:
            given = parse(request.headers)
            check_window(given, present() // 1000)
            verify(
                self.hub.agents[given.keyid],
                given,
                request.method,
                f"{self.hub.url}{request.raw_path}",
                await request.read(),
            )
        except (BadRequestSignature, KeyError) as error:
            return _problem(401, "invalid_signature", str(error))
        if given.nonce in self.hub.nonces:
            return _problem(401, "nonce_replayed")
        self.hub.nonces.add(given.nonce)
        return "agt_1"

    async def _well_known(self, request: web.Request) -> web.Response:
        return self._json({"issuer": ISSUER, "audience": self.hub.url})

    async def _public_keys(self, request: web.Request) -> web.Response:
        entry = {"kid": self.hub.kid, "public_key": b64u(self.hub.key.public.raw), "valid_until": None}
        return self._json({"issuer": ISSUER, "keys": [{**entry, "compromised_at": self.hub.compromised}]})

    async def _register(self, request: web.Request) -> web.Response:
        body = loads(await request.read())
        key = Ed25519Key(unb64u(body["public_key"]))
        key.verify(register_bytes(invite=body["invite"], public_key=body["public_key"]), unb64u(body["proof"]))
        if body["invite"] not in self.hub.invites and key not in self.hub.agents.values():
            return _problem(401, "invalid_invite")
        self.hub.invites.discard(body["invite"])
        self.hub.agents["key_1"] = key
        return self._json({"agent_id": "agt_1", "org_id": "org_1", "key_id": "key_1"}, 201)

    async def _rotate(self, request: web.Request) -> web.Response:
        agent = await self._agent(request)
        if isinstance(agent, web.Response):
            return agent
        key_id = f"key_{len(self.hub.agents) + 1}"
        self.hub.agents[key_id] = Ed25519Key(unb64u(loads(await request.read())["public_key"]))
        return self._json({"key_id": key_id}, 201)

    async def _create(self, request: web.Request) -> web.Response:
        agent = await self._agent(request)
        if isinstance(agent, web.Response):
            return agent
        raw, key = await request.read(), request.headers["Idempotency-Key"]
        if key in self.hub.kept:
            kept = self.hub.kept[key]
            return self._json(kept["answer"], 201) if kept["body"] == raw else _problem(422, "idempotency_key_reused")
        body = loads(raw)
        escalation_id = f"esc_{len(self.hub.views) + 1}"
        action = {**body["action"], "salt": "AAAAAAAAAAAAAAAAAAAAAA"}
        revises = request.match_info.get("id")
        life = body.get("expires_in", 900) * 1000
        self.hub.actions[escalation_id] = action
        self.hub.views[escalation_id] = {
            "escalation_id": escalation_id,
            "agent_id": agent,
            "revision": 1 if revises is None else self.hub.views[revises]["revision"] + 1,
            "revises": revises,
            "status": "open",
            "version": 1,
            "action_hash": action_hash(action),
            "audience": action.get("relying_party", {}).get("domain", agent),
            "salt": action["salt"],
            "match_code": "42",
            "expires_at": to_text(present() + life),
            "justification": body.get("justification"),
            "token_state": None,
        }
        if revises is not None:
            await self.hub.end(revises, "superseded")
        async with self.hub.changed:
            self.hub.changed.notify_all()
        answer = self.hub.told(escalation_id)
        self.hub.kept[key] = {"body": raw, "answer": answer}
        return self._json(answer, 201)

    async def _wait(self, request: web.Request) -> web.Response:
        agent = await self._agent(request)
        if isinstance(agent, web.Response):
            return agent
        view = self.hub.views[request.match_info["id"]]
        since = int(request.query.get("since", -1))
        if "wait" in request.query:
            try:
                async with asyncio.timeout(int(request.query["wait"])), self.hub.changed:
                    await self.hub.changed.wait_for(lambda: view["status"] != "open" or view["version"] != since)
            except TimeoutError:
                pass
        return self._json(self.hub.told(view["escalation_id"]))

    async def _withdraw(self, request: web.Request) -> web.Response:
        agent = await self._agent(request)
        if isinstance(agent, web.Response):
            return agent
        view = self.hub.views[request.match_info["id"]]
        if view["status"] == "open":
            await self.hub.end(view["escalation_id"], "withdrawn", by="agent")
        elif view["token_state"] == "ready":
            view["token_state"] = "revoked"
        elif view["status"] != "withdrawn":
            return _problem(409, "escalation_ended")
        return self._json(self.hub.told(view["escalation_id"]))

    async def _extend(self, request: web.Request) -> web.Response:
        agent = await self._agent(request)
        if isinstance(agent, web.Response):
            return agent
        view = self.hub.views[request.match_info["id"]]
        view["expires_at"] = to_text(present() + loads(await request.read())["expires_in"] * 1000)
        return self._json(self.hub.told(view["escalation_id"]))

    async def _redeem(self, request: web.Request) -> web.Response:
        body = loads(await request.read())
        keys = {self.hub.kid: self.hub.key.public}
        try:
            claims = paseto.decode(
                keys, body["token"], implicit=paseto.APPROVAL, audience=None, now=present(), purpose="approval"
            )
        except paseto.BadToken as error:
            return _problem(401, "invalid_token", str(error))
        view = self.hub.views[claims["escalation_id"]]
        if action_hash(body["action"]) != claims["action_hash"]:
            return _problem(422, "action_mismatch")
        members = {name: body[name] for name in ("audience", "idempotency_key")}
        pop = {"jti": claims["jti"], "action_hash": claims["action_hash"], "iat": body["pop"]["iat"], **members}
        try:
            self.hub.agents["key_1"].verify(redeem_pop_bytes(**pop), unb64u(body["pop"]["signature"]))
        except BadSignature:
            return _problem(401, "invalid_pop")
        if claims["jti"] in self.hub.redeemed:
            key, answer = self.hub.redeemed[claims["jti"]]
            again = key == body["idempotency_key"]
            return self._json({**answer, "repeated": True}) if again else _problem(409, "already_redeemed")
        if view["token_state"] != "ready":
            return _problem(409, f"token_{view['token_state']}")
        view["token_state"] = "redeemed"
        answer = {
            "jti": claims["jti"],
            "escalation_id": view["escalation_id"],
            "redeemed_at": to_text(present()),
            "proof_token": self.hub.proof(view),
            "repeated": False,
        }
        self.hub.redeemed[claims["jti"]] = (body["idempotency_key"], answer)
        return self._json(answer)

    async def _verify(self, request: web.Request) -> web.Response:
        body = loads(await request.read())
        keys = {self.hub.kid: self.hub.key.public}
        try:
            claims = paseto.decode(keys, body["token"], implicit=b"", audience=body.get("audience"), now=present())
        except paseto.BadToken as error:
            return self._json({"valid": False, "reason": error.reason, "claims": None})
        return self._json({"valid": True, "reason": None, "claims": claims})

    async def _report(self, request: web.Request) -> web.Response:
        body = loads(await request.read())
        self.hub.reports.append(
            {"jti": request.match_info["jti"], "proof": sha256_text(body.pop("proof_token").encode())} | body
        )
        return self._json({"jti": request.match_info["jti"], "status": body["status"]})


def _cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError


def _problem(status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> web.Response:
    body = dumps({"code": code, "detail": detail, "next_step": "", "request_id": "req_1", "status": status})
    return web.Response(body=body, status=status, headers=headers, content_type="application/problem+json")
