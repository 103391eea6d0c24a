"""One question from its first byte to its redemption: what was sent, what was acknowledged, what must still hold."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from typing import Any

from tests.load.load import Actors, LoadFailed
from tests.load.raw_http import Connection

STATUS_OF = {"approve": "approved", "deny": "denied", "withdraw": "withdrawn"}


@dataclass
class Story:
    """Everything that was sent has its bytes here, so that it can be sent again; None is not acknowledged."""

    key: str
    action: dict[str, Any]
    body: bytes
    ending: str
    asked: dict[str, Any] | None = None
    answer: bytes | None = None
    answered: dict[str, Any] | None = None
    redemption: bytes | None = None
    redeemed: dict[str, Any] | None = None

    @classmethod
    def begin(cls, actors: Actors, chance: random.Random) -> Story:
        """A question that will be approved and redeemed, denied, or withdrawn."""
        action = actors.action()
        body = json.dumps({"action": action, "justification": "why", "expires_in": 900}).encode()
        ending = chance.choices(("approve", "deny", "withdraw"), (7, 2, 1))[0]
        return cls(os.urandom(12).hex(), action, body, ending)

    @property
    def id(self) -> str:
        assert self.asked is not None
        return str(self.asked["escalation_id"])

    async def tell(self, actors: Actors, connection: Connection) -> None:
        """Go on from whatever was acknowledged to the end."""
        if self.asked is None:
            self.asked = await self.ask(actors, connection)
        if self.answered is None:
            self.answered = await self.end(actors, connection)
        if self.ending == "approve" and self.redeemed is None:
            self.redeemed = await self.redeem(actors, connection)

    async def ask(self, actors: Actors, connection: Connection) -> dict[str, Any]:
        """Ask, signed anew, with the same idempotency key."""
        raw = actors.agent_request("POST", "/v1/escalations", self.body, key=self.key)
        return await said(connection, raw, 201)

    async def end(self, actors: Actors, connection: Connection) -> dict[str, Any]:
        """Answer, with the very same bytes when it was tried before; or withdraw."""
        if self.ending == "withdraw":
            return await said(connection, actors.agent_request("DELETE", f"/v1/escalations/{self.id}"), 200)
        if self.answer is None:
            views = f"/v1/escalations/{self.id}/views"
            viewed = await said(connection, actors.person_request("POST", views, {"device_id": actors.device_id}), 200)
            self.answer = actors.decision(self.id, viewed["statement"], self.ending)
        return await said(connection, self.answer, 200)

    async def standing(self, actors: Actors, connection: Connection) -> dict[str, Any]:
        """How the agent is told that it stands."""
        return await said(connection, actors.agent_request("GET", f"/v1/escalations/{self.id}"), 200)

    async def redeem(self, actors: Actors, connection: Connection) -> dict[str, Any]:
        """Redeem, with the very same bytes when it was tried before."""
        if self.redemption is None:
            self.redemption = await self.another_redemption(actors, connection)
        return await said(connection, self.redemption, 200)

    async def another_redemption(self, actors: Actors, connection: Connection) -> bytes:
        """The bytes of a redemption with a key of its own."""
        assert self.asked is not None
        told = await self.standing(actors, connection)
        if told["approval_token"] is None:
            raise LoadFailed(f"{self.id} is approved and its token is {told['token_state']}")
        return actors.redemption(told["approval_token"], {"salt": self.asked["salt"], **self.action})


async def broken_promises(story: Story, actors: Actors, connection: Connection) -> list[str]:
    """After a restart: send everything again. What was acknowledged must be the same; what was not now comes true."""
    broken: list[str] = []

    def hold(fact: bool, what: str) -> None:
        if not fact:
            broken.append(f"{story.key}: {what}")

    asked, answered, redeemed = story.asked, story.answered, story.redeemed
    again = await story.ask(actors, connection)
    hold(asked is None or asked["escalation_id"] == again["escalation_id"], "the same key opened another question")
    story.asked = asked or again
    hold(story.asked["action_hash"] == again["action_hash"], "the question has another hash")
    if answered is not None:
        standing = await story.standing(actors, connection)
        hold(standing["status"] == STATUS_OF[story.ending], f"acknowledged {story.ending}, is {standing['status']}")
        spent = standing["token_state"] == "redeemed"
        hold(redeemed is None or spent, f"acknowledged redemption, token is {standing['token_state']}")
    ended = await story.end(actors, connection)
    if answered is not None and story.ending != "withdraw":
        hold(ended["decision_id"] == answered["decision_id"], "the same answer was counted twice")
    story.answered = answered or ended
    if story.ending == "approve":
        spent_again = await story.redeem(actors, connection)
        if redeemed is not None:
            hold(spent_again["repeated"], "an acknowledged redemption was forgotten")
            hold(spent_again["proof_token"] == redeemed["proof_token"], "the redemption has another proof")
        story.redeemed = redeemed or spent_again
    return broken


async def said(connection: Connection, raw: bytes, status: int) -> dict[str, Any]:
    """Send and read an answer of this status. Raises LoadFailed for another one, OSError when nobody answers."""
    got, body, _ = await connection.send(raw)
    if got != status:
        line, _, _ = raw.partition(b"\r\n")
        raise LoadFailed(f"{line!r} was answered {got}: {body[:600]!r}")
    return dict(json.loads(body))
