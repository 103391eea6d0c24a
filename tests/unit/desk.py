"""A real hub, served, with an agent of the test's own and somebody who answers: what the client's tests stand on."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.keys.key import TOKEN
from approvals_hub_client import AsyncHub, Credential, paseto
from approvals_hub_client.canonical import b64u, dumps, loads, unb64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import reason_commitment, signed_bytes
from tests.fakes.line import Line
from tests.flows.world import World, serve, set_up

SAYS = {"approved": "approve", "denied": "deny", "not_me": "not_me"}
"""What a person answers, by how the question then ends."""


@dataclass
class Desk:
    """One hub, one agent, one person, and the line between agent and hub."""

    world: World
    line: Line
    credential: Credential

    @property
    def url(self) -> str:
        return self.world.base_url

    async def invite(self) -> str:
        """An invitation for one more agent."""
        return (await self.world.hub.invite_agent(self.world.operator, self.world.org_id, name="another")).token

    async def api_key(self) -> Credential:
        """An agent that has only an API key."""
        made = await self.world.hub.invite_agent.with_api_key(self.world.operator, self.world.org_id, name="script")
        return Credential(self.url, self.url, made.agent_id, self.world.org_id, made.key_id, api_key=made.api_key)

    async def waiting(self) -> str:
        """The id of the question that waits for an answer, as soon as there is one."""
        inbox = await self.world.owner.inbox()
        while not inbox["items"]:
            inbox = await self.world.owner.inbox(wait=20, since=inbox["version"])
        return str(inbox["items"][0]["escalation_id"])

    async def answer_next(self, outcome: str, **said: str) -> str:
        """Wait for the next question, then answer it so that it ends like this; its id."""
        escalation_id = await self.waiting()
        await self.end(escalation_id, outcome, **said)
        return escalation_id

    async def end(
        self, escalation_id: str, outcome: str, *, code: str | None = None, reason: str | None = None
    ) -> None:
        """What people, time or the agent itself (as another of its processes) make of a question."""
        owner = self.world.owner
        if outcome in SAYS:
            statement = {**await owner.look(escalation_id), "decision": SAYS[outcome], "reason_code": code}
            body: dict[str, Any] = {}
            if reason is not None:
                salt = os.urandom(16)
                statement["reason_commitment"] = reason_commitment(reason, salt)
                body = {"reason": reason, "reason_salt": b64u(salt)}
            body |= {"statement": b64u(dumps(statement)), "signature": b64u(owner.key.sign(signed_bytes(statement)))}
            await owner.call("POST", f"/v1/escalations/{escalation_id}/decisions", body)
        elif outcome == "withdrawn":
            async with AsyncHub(self.credential) as other:
                await other.transport.call("DELETE", f"/v1/escalations/{escalation_id}")
        else:
            assert outcome in ("expired_seen", "expired_unseen")
            if outcome == "expired_seen":
                await owner.look(escalation_id)
            question = await self.question(escalation_id)
            self.world.time.pass_seconds((question.expires_at - self.world.hub.clock.now()) / 1000 + 1)
            await self.world.hub.advance()
        assert (await self.question(escalation_id)).state == outcome

    async def require(self, **changes: Any) -> None:
        """Make this the organisation's default requirement from now on."""
        await self.world.hub.set_requirement(self.world.operator, changes)

    async def recall(self, escalation_id: str) -> None:
        """Take the approval back."""
        await self.world.owner.call("POST", f"/v1/escalations/{escalation_id}/revocation", {})

    async def question(self, escalation_id: str) -> Escalation:
        """How the hub has it."""
        found = await self.world.hub.db.read(lambda tx: store.find(tx, escalation_id))
        assert found is not None
        return found

    async def questions(self) -> int:
        """How many were ever asked."""
        rows = await self.world.hub.db.read(lambda tx: tx.rows("SELECT id FROM escalations"))
        return len(rows)

    async def given(self, escalation_id: str) -> str:
        """The approval token that the hub gives out for a question."""
        async with AsyncHub(self.credential) as other:
            view = await other.transport.call("GET", f"/v1/escalations/{escalation_id}")
        return str(view["approval_token"])

    def signed(self, token: str, implicit: bytes, *, by: Ed25519SigningKey | None = None, **changes: Any) -> str:
        """A token like this one, with changed claims, signed by the hub's own key, or by another in its name."""
        signer = self.world.hub.ring.signer(TOKEN, self.world.hub.clock.now())
        assert signer.seed is not None
        claims = loads(unb64u(token.split(".")[2])[:-64])
        return paseto.sign(
            by or Ed25519SigningKey(signer.seed), signer.kid, dumps({**claims, **changes}), implicit=implicit
        )


@asynccontextmanager
async def served_desk(database: Path | str, folder: Path) -> AsyncIterator[Desk]:
    """Serve a hub on this fresh database, with its owner and one agent."""
    line = Line()
    place = f"sqlite:{database}" if isinstance(database, Path) else database
    async with serve(folder, place, line=line) as world:
        await set_up(world)
        agent = await world.agent("bot")
        line.forget()
        try:
            yield Desk(world, line, agent.credential)
        finally:
            line.alter = line.before = None
