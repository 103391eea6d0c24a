"""What the load is made of: an agent's signed requests, a phone's answers, an executor's redemption, as bytes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from approvals_hub.cli.demo import jti_of
from approvals_hub.core.clock import system_clock, to_text
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.request_signature import sign
from approvals_hub_client.statement import action_hash, redeem_pop_bytes, signed_bytes
from tests.load.raw_http import Connection, connect, request

AUDIENCE = "prod-db.example.com"
CLOCK = system_clock()


@dataclass
class Actors:
    """Everybody who takes part, as the bench's hub process told."""

    port: int
    org_id: str
    agent_ids: list[str]
    key_ids: list[str]
    seeds: list[str]
    device_id: str
    device_seed: str
    session_token: str

    @classmethod
    def read(cls, text: str) -> Actors:
        return cls(**json.loads(text))

    def __post_init__(self) -> None:
        self.keys = [Ed25519SigningKey(bytes.fromhex(seed)) for seed in self.seeds]
        self.device = Ed25519SigningKey(bytes.fromhex(self.device_seed))

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    def action(self, which: int = 0) -> dict[str, Any]:
        """A realistic action of some 600 bytes."""
        return {
            "action_id": os.urandom(12).hex(),
            "action_type": "database.drop_table",
            "requested_at": to_text(CLOCK.now()),
            "principal": {"agent_id": self.agent_ids[which]},
            "subject": {"principal_id": self.org_id},
            "relying_party": {"domain": AUDIENCE},
            "payload": {
                "statement": "DROP TABLE customers",
                "database": "prod-db",
                "rows": 128_412,
                "tables": ["customers", "customers_archive", "customers_index"],
                "note": "the nightly clean-up job says that this table is no longer used by anybody " * 2,
                "options": {"cascade": True, "backup": None, "timeout_seconds": 30},
            },
        }

    def agent_request(
        self, method: str, path: str, body: bytes = b"", *, which: int = 0, key: str | None = None
    ) -> bytes:
        """A signed request of an agent."""
        headers = {}
        if body:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        created = CLOCK.now() // 1000
        signed = sign(
            self.keys[which],
            self.key_ids[which],
            method,
            self.base + path,
            headers=headers,
            body=body,
            created=created,
        )
        return request(method, path, port=self.port, body=body, headers={**headers, **signed})

    def escalation(self, which: int = 0, expires_in: int = 900) -> tuple[bytes, dict[str, Any]]:
        """A request to escalate, and its action."""
        action = self.action(which)
        body = dumps({"action": action, "justification": "why", "expires_in": expires_in})
        return self.agent_request("POST", "/v1/escalations", body, which=which, key=os.urandom(12).hex()), action

    def authorization(self, which: int = 0) -> bytes:
        """A request that the policy of `hub_process` allows, with a proof."""
        body = dumps({"action": self.action(which)})
        return self.agent_request("POST", "/v1/authorize", body, which=which)

    def person_request(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """A request of the approver's phone."""
        raw = b"" if body is None else dumps(body)
        headers = {"Authorization": f"Bearer {self.session_token}"}
        if raw:
            headers["Content-Type"] = "application/json"
        return request(method, path, port=self.port, body=raw, headers=headers)

    def decision(self, escalation_id: str, statement: dict[str, Any], decision: str = "approve") -> bytes:
        """The signed answer to a statement's template."""
        complete = {**statement, "decision": decision}
        signature = b64u(self.device.sign(signed_bytes(complete)))
        body = {"statement": b64u(dumps(complete)), "signature": signature}
        return self.person_request("POST", f"/v1/escalations/{escalation_id}/decisions", body)

    def redemption(self, token: str, action: dict[str, Any], which: int = 0) -> bytes:
        """The executor's request, with the agent's proof of possession."""
        iat, key = to_text(CLOCK.now()), os.urandom(8).hex()
        message = redeem_pop_bytes(
            jti=jti_of(token), audience=AUDIENCE, action_hash=action_hash(action), idempotency_key=key, iat=iat
        )
        body = {
            "token": token,
            "action": action,
            "audience": AUDIENCE,
            "idempotency_key": key,
            "pop": {"iat": iat, "signature": b64u(self.keys[which].sign(message))},
        }
        raw = dumps(body)
        headers = {"Content-Type": "application/json"}
        return request("POST", "/v1/tokens/redeem", port=self.port, body=raw, headers=headers)


class LoadFailed(Exception):
    """The hub answered something else than the bench expects."""


async def expect(connection: Connection, raw: bytes, status: int) -> dict[str, Any]:
    """Send and read an answer of this status."""
    got, body, _ = await connection.send(raw)
    if got != status:
        raise LoadFailed(f"{raw[:80]!r} was answered {got}: {body[:600]!r}")
    return dict(json.loads(body))


async def one_loop(actors: Actors, connection: Connection, which: int = 0) -> None:
    """The main job once: escalate, view, decide, collect, redeem."""
    raw, action = actors.escalation(which)
    asked = await expect(connection, raw, 201)
    name = asked["escalation_id"]
    viewed = await expect(
        connection, actors.person_request("POST", f"/v1/escalations/{name}/views", {"device_id": actors.device_id}), 200
    )
    await expect(connection, actors.decision(name, viewed["statement"]), 200)
    told = await expect(connection, actors.agent_request("GET", f"/v1/escalations/{name}", which=which), 200)
    whole = {"salt": asked["salt"], **action}
    await expect(connection, actors.redemption(told["approval_token"], whole, which), 200)


async def blast(port: int, requests: Sequence[bytes], *, clients: int, status: int) -> float:
    """Send prepared requests over so many connections; seconds for all of them."""
    connections = [await connect(port) for _ in range(clients)]
    todo = iter(requests)

    async def client(connection: Connection) -> None:
        for raw in todo:
            got, body, _ = await connection.send(raw)
            if got != status:
                raise LoadFailed(f"{raw[:60]!r} was answered {got}: {body[:600]!r}")

    started = perf_counter()
    await asyncio.gather(*[client(connection) for connection in connections])
    took = perf_counter() - started
    for connection in connections:
        connection.close()
    return took


async def run_many(count: int, clients: int, work: Callable[[Connection, int], Awaitable[None]], port: int) -> float:
    """Run something so many times over so many connections; seconds for all of it."""
    connections = [await connect(port) for _ in range(clients)]
    todo = iter(range(count))

    async def client(connection: Connection) -> None:
        for number in todo:
            await work(connection, number)

    started = perf_counter()
    await asyncio.gather(*[client(connection) for connection in connections])
    took = perf_counter() - started
    for connection in connections:
        connection.close()
    return took
