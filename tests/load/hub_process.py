"""The hub as the bench measures it: the real one on SQLite with synchronous=FULL, with people and agents in it.

`python -m tests.load.hub_process FOLDER PORT AGENTS [no-database]` prints the actors as one JSON line when it serves.
With `no-database` every SQL statement is answered from memory with what it was answered first: the same handlers
without SQLite. `GET /bench/committed/{id}` says when, by the monotonic clock, an escalation's last commit was told.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from approvals_hub.api.application import application, begin_stop
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, calm_collector, site_options
from approvals_hub.app import OpenHub, Place
from approvals_hub.core.sealing import create_key_file
from approvals_hub.db.database import Tx
from approvals_hub.db.read_ahead import NO_READ_AHEAD
from approvals_hub.domain.allowance import KINDS, MOST
from approvals_hub.events.bus import LocalBus
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup.enrolment import Enrolment
from approvals_hub.stepup.new_key import OfferedKey
from approvals_hub.workers import Workers
from approvals_hub_client.canonical import b64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import enrol_bytes, register_bytes


async def people_and_agents(hub: Hub, port: int, agents: int) -> dict[str, Any]:
    """An owner with a device key, and agents, with their private keys for the load."""
    link = await hub.set_up()
    accepted = await hub.accept_invitation(link.token, Visitor())
    enrolling = PersonCredential(token_hash(accepted.session.token), link.org_id)
    challenge = await hub.issue_challenge("enrol", enrolling)
    device = Ed25519SigningKey()
    proof = device.sign(
        enrol_bytes(
            challenge=b64u(challenge.challenge), key_thumbprint=device.public.thumbprint, person_id=link.person_id
        )
    )
    key = OfferedKey("device_key", jwk=device.public.jwk, proof=proof)
    enrolled = await hub.enrol_device(enrolling, Enrolment(challenge.challenge_id, key, "bench"), Visitor())
    assert enrolled.session is not None
    keys = [Ed25519SigningKey() for _ in range(agents)]
    registered = []
    for number, agent in enumerate(keys):
        invited = await hub.invite_agent(OperatorCredential(link.org_id), link.org_id, name=f"agent {number}")
        public = b64u(agent.public.raw)
        message = register_bytes(invite=invited.token, public_key=public)
        registered.append(await hub.register_agent(invited.token, public, b64u(agent.sign(message))))
    # What is measured is how fast the hub is, not how much an agent may ask.
    wide = {"burst": MOST, "hourly": MOST}
    await hub.set_limits(OperatorCredential(link.org_id), {**dict.fromkeys(KINDS, wide), "back_off": False})
    return {
        "port": port,
        "org_id": link.org_id,
        "agent_ids": [one.agent_id for one in registered],
        "key_ids": [one.key_id for one in registered],
        "seeds": [key.seed.hex() for key in keys],
        "device_id": enrolled.device.device_id,
        "device_seed": device.seed.hex(),
        "session_token": enrolled.session.token,
    }


POLICY = """\
version: 1
default: deny
rules:
  - {id: never, effect: deny, action: "*", when: {match: {path: $.payload.x, op: exists}}}
  - id: tables
    effect: allow
    action: database.*
    constraints: {allowed_domains: ["*.example.com"]}
    when: {match: {path: $.payload.rows, op: lt, value: 1000000}}
    proof: {required: true}
"""


async def publish(hub: Hub, org_id: str) -> None:
    """Let the policy hold by which `Actors.authorization` is allowed, with a proof."""
    await hub.policies.keep.publish(OperatorCredential(org_id), "main", POLICY)


class FromMemory:
    """Answers every statement with what the database answered to it first."""

    def __init__(self, tx: Tx | None, answers: dict[str, Any]) -> None:
        self.memory: dict[str, Any] = {}
        self._tx, self._answers = tx, answers

    async def row(self, sql: str, /, **params: Any) -> Any:
        if sql not in self._answers:
            assert self._tx is not None
            self._answers[sql] = await self._tx.row(sql, **params)
        return self._answers[sql]

    async def rows(self, sql: str, /, **params: Any) -> Any:
        if sql not in self._answers:
            assert self._tx is not None
            self._answers[sql] = await self._tx.rows(sql, **params)
        return self._answers[sql]

    async def execute(self, sql: str, /, **params: Any) -> int:
        if sql not in self._answers:
            assert self._tx is not None
            self._answers[sql] = await self._tx.execute(sql, **params)
        return int(self._answers[sql])

    async def lock(self, table: str, id: str) -> None:  # noqa: A002
        return None

    def changed(self, topic: str) -> None:
        return None


class NoDatabase:
    """The database left out: units run on the loop against remembered answers, the first one of each for real."""

    def __init__(self, real: Any) -> None:
        self._real, self._answers = real, dict[str, Any]()
        self._tx = FromMemory(None, self._answers)

    async def run(self, work: Callable[[Any], Awaitable[Any]], *, org: str | None = None) -> Any:
        try:
            return await work(self._tx)
        except AssertionError:
            return await self._real.run(lambda tx: work(FromMemory(tx, self._answers)), org=org)

    async def read(self, work: Callable[[Any], Awaitable[Any]], *, org: str | None = None) -> Any:
        return await self.run(work, org=org)

    def read_ahead(self, topic: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
        return NO_READ_AHEAD

    async def close(self) -> None:
        await self._real.close()


def leave_database_out(hub: Hub) -> None:
    """Put `NoDatabase` into every use case that has the real one."""
    without = NoDatabase(hub.db)
    for name in hub.__dataclass_fields__:
        use_case = getattr(hub, name)
        for part in (use_case, getattr(use_case, "opening", None)):
            if getattr(part, "db", None) is hub.db:
                object.__setattr__(part, "db", without)


def stamp_commits() -> dict[str, int]:
    """Remember when each escalation's change was told to this process' waiters: the moment after its commit."""
    committed: dict[str, int] = {}
    publish = LocalBus.publish

    def stamped(bus: LocalBus, topics: Iterable[str]) -> None:
        at, named = time.monotonic_ns(), list(topics)
        committed.update((topic, at) for topic in named if topic.startswith("esc_"))
        publish(bus, named)

    LocalBus.publish = stamped  # type: ignore[method-assign]  # the bench's clock, in the bench's process alone
    return committed


async def main() -> None:
    folder, port, agents = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    public_url = f"http://localhost:{port}"
    key_file = folder / "kek"
    if not key_file.exists():
        create_key_file(key_file)
    place = Place(
        public_url=public_url,
        key_file=key_file,
        checkpoints=folder / "checkpoints",
        database=f"sqlite:{folder / 'hub.db'}",
    )
    committed = stamp_commits()
    async with OpenHub(place) as hub:
        actors = folder / "actors.json"
        if not actors.exists():
            made = await people_and_agents(hub, port, agents)
            actors.write_text(json.dumps(made))
            if "policy" in sys.argv:
                await publish(hub, made["org_id"])
        without = "no-database" in sys.argv
        if without:
            leave_database_out(hub)
        app = application(hub, Served(public_url))
        app.router.add_get(
            "/bench/committed/{id}",
            lambda request: asyncio.sleep(0, web.json_response({"at": committed.get(request.match_info["id"])})),
        )
        runner = Runner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, **site_options()).start()
        workers = Workers(hub)
        if not without:
            workers.start()
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        calm_collector()
        sys.stdout.write(json.dumps({**json.loads(actors.read_text()), "port": port}) + "\n")
        sys.stdout.flush()
        await stop.wait()
        begin_stop(hub)
        await runner.cleanup()
        if not without:
            await workers.stop()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    asyncio.run(main())
