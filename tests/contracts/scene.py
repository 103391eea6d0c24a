"""The people, agents and objects that a row of the access matrix is about, and whoever calls."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub.db.database import Tx
from approvals_hub_client import AsyncHub
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.credential import Credential
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.question import Approved, Question, new_action
from approvals_hub_client.statement import enrol_bytes, further_key_bytes, sign_in_bytes
from tests.flows.openleash_agent import OpenLeashAgent, joined
from tests.flows.signed import proven
from tests.flows.world import Given, World

PEOPLE = ("approver", "auditor", "developer", "admin", "owner")
OWN = ("agent", "api_key_agent", "openleash_agent", "paused_agent")
"""Agents that are asked about their own questions; everybody else is about those of `agent`."""
STRANGERS = ("foreign_agent", "foreign_owner")
CALLERS = ("nobody", *OWN, "other_agent", "enrolment", *PEOPLE, *STRANGERS)


@dataclass
class Scene:
    """One organisation, and one caller who may belong to it or not."""

    world: World
    caller: str
    ada: SoftwarePhone
    """An approver, who is also the caller where that is `approver`."""
    dev: SoftwarePhone
    """Answers for the agents, so that every other approver may decide."""
    bot: AsyncHub
    phone: SoftwarePhone | None = None
    agent: AsyncHub | None = None
    asked: Question | None = None
    """The paused agent's question, from before."""
    gone: SoftwarePhone | None = None
    second: SoftwarePhone | None = None
    leashed: OpenLeashAgent | None = None
    """The same as `agent`, as it signs what it sends."""

    async def send(self, method: str, path: str, body: Any = None, key: str = "") -> Given:
        """A request as the caller."""
        if self.leashed is not None:
            raw = b"" if body is None else dumps(body)
            headers = self.leashed.signed(method, path, raw) | ({"Idempotency-Key": key} if key else {})
            return await self.world.send(method, path, raw=raw, headers=headers)
        if self.agent is not None:
            headers, raw = proven(self.agent.credential, method, path, body, key)
            return await self.world.send(method, path, raw=raw, headers=headers)
        headers = {"Idempotency-Key": key} if key else {}
        given = await self.world.send(method, path, by=self.phone, body=body, headers=headers)
        if self.phone is not None and path.startswith(("/v1/factors", "/v1/step-ups")) and given.status < 300:
            # Tying a way gives the session another token, and the one before changes nothing any more.
            self.phone._token = ((given.json().get("session") or {}).get("token")) or self.phone._token
        return given

    @property
    def is_member(self) -> bool:
        return self.caller in PEOPLE

    @property
    def device(self) -> SoftwarePhone:
        """The caller's own key where the caller is a member with one, else Ada's."""
        return self.phone if self.phone is not None and self.is_member else self.ada

    async def question(self) -> Question:
        """An open question: the caller's own where it is an agent of this organisation."""
        if self.asked is not None:
            return self.asked
        asker = self.agent if self.agent is not None and self.caller in OWN else self.bot
        return await asker.ask("db.drop", {"n": os.urandom(6).hex()})

    async def telling(self) -> str:
        """Something that was told to the device's person."""
        telling_id, now = f"tel_{os.urandom(16).hex()}", self.world.hub.clock.now()
        members = {"id": telling_id, "org": self.world.org_id, "person": self.device.person_id, "now": now}

        async def work(tx: Tx) -> None:
            await tx.execute(
                "INSERT INTO tellings (id, org_id, kind, person_id, contact_id, channel, level, reason, replaces,"
                " due_at, expires_at, state, attempts) VALUES (:id, :org, 'session.new', :person, 'con_1', 'android',"
                " 0, 'news', 0, :now, :now, 'sent', 1)",
                **members,
            )

        await self.world.hub.db.run(work)
        return telling_id

    async def approved(self) -> Approved:
        """An approval of Ada's, collected by the agent."""
        question = await self.bot.ask("db.drop", {"n": os.urandom(6).hex()})
        await self.ada.answer(question.escalation_id, "approve")
        return await self.bot.wait(question)

    def action(self) -> dict[str, Any]:
        """An action of the calling agent, or of the usual one."""
        if self.leashed is not None:
            return self.leashed.action("db.drop", n=os.urandom(6).hex())
        asker = self.agent or self.bot
        return new_action(
            "db.drop", {"n": os.urandom(6).hex()}, credential=asker.credential, now=self.world.hub.clock.now()
        )

    async def statement(self, escalation_id: str) -> tuple[dict[str, Any], SoftwarePhone]:
        """What the caller would sign and with whose key; where it is not shown to the caller, what Ada would."""
        try:
            return await self.device.look(escalation_id), self.device
        except Refused:
            return await self.ada.look(escalation_id), self.ada

    async def challenge(self, purpose: str) -> dict[str, Any]:
        """A challenge of the caller's session; a made-up one where the caller has none."""
        given = await self.send("POST", "/v1/challenges", {"purpose": purpose})
        return dict(given.json()) if given.status == 201 else {"challenge_id": "chl_x", "challenge": b64u(bytes(32))}

    async def fresh(self) -> dict[str, Any]:
        """A factor used just now, for this session."""
        issued = await self.challenge("fresh")
        message = sign_in_bytes(
            challenge=issued["challenge"], device_id=self.device.device_id, audience=self.world.base_url
        )
        return {
            "challenge_id": issued["challenge_id"],
            "device_id": self.device.device_id,
            "signature": b64u(self.device.key.sign(message)),
        }

    async def new_device(self) -> dict[str, Any]:
        """A further key of the caller, vouched for by the present one where there is one."""
        issued, key = await self.challenge("enrol"), Ed25519SigningKey()
        person = self.phone.person_id if self.phone is not None else self.ada.person_id
        thumbprint = key.public.thumbprint
        proof = key.sign(enrol_bytes(challenge=issued["challenge"], key_thumbprint=thumbprint, person_id=person))
        body = {
            "kind": "device_key",
            "challenge_id": issued["challenge_id"],
            "jwk": key.public.jwk,
            "proof": b64u(proof),
            "name": "new",
        }
        if self.phone is not None and self.phone.device_id:
            message = further_key_bytes(challenge=issued["challenge"], key_thumbprint=thumbprint, person_id=person)
            signature = b64u(self.phone.key.sign(message))
            body["existing"] = {"device_id": self.phone.device_id, "signature": signature}
        return body

    async def linking(self) -> dict[str, Any]:
        """A step-up that ties an app to the device's person; what was tied before is taken away."""
        await self.unlinked()
        return await self.device.call("POST", "/v1/factors", {"method": "totp", "fresh": await self.device.fresh()})

    async def linked(self) -> dict[str, Any]:
        """An app that is tied to the device's person."""
        begun = await self.linking()
        await self.device.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": code_of(self.world, begun)})
        return dict((await self.device.call("GET", "/v1/factors"))["items"][0])

    async def unlinked(self) -> None:
        """Nothing is tied to the device's person."""
        for factor in (await self.device.call("GET", "/v1/factors"))["items"]:
            body = {"fresh": await self.device.fresh()}
            await self.device.call("DELETE", f"/v1/factors/{factor['factor_id']}", body)

    async def long_ago(self) -> None:
        """Everybody is a member with a key for long: who joined a moment ago decides about nobody else's."""

        async def work(tx: Tx) -> None:
            await tx.execute("UPDATE devices SET confirmed_at = 1 WHERE confirmed_at IS NOT NULL")
            await tx.execute("UPDATE memberships SET created_at = 1")

        await self.world.hub.db.run(work)

    async def lost(self) -> SoftwarePhone:
        """An approver who lost every key."""
        if self.gone is None:
            self.gone = await self.world.person("Lost", "approver")
            await self.long_ago()
        return self.gone

    async def recovery(self) -> str:
        """A recovery that colleagues decide about."""
        made = await self.world.hub.recover_by_link(self.world.operator, (await self.lost()).person_id)
        return made.recovery.id

    async def break_glass(self) -> str:
        """One that a second owner has asked for."""
        if self.second is None:
            self.second = await self.world.person("Second", "owner")
        body = {"recovery_id": await self.recovery(), "reason": "payroll", "fresh": await self.second.fresh()}
        asked = await self.second.call("POST", f"/v1/orgs/{self.world.org_id}/break-glass", body)
        return str(asked["break_glass_id"])

    async def pending(self) -> SoftwarePhone:
        """Somebody's key that waits for its confirmation."""
        phone = await self.world._resources.enter_async_context(SoftwarePhone(self.world.base_url))
        await phone.enrol((await self.world.invited("Pending")).token)
        return phone


def code_of(world: World, begun: dict[str, Any]) -> dict[str, str]:
    """What an app shows, by the hub's time, for the key that is about to be linked."""
    return {"code": world.time.code(begun["shown"]["key"])}


async def scene(world: World, caller: str) -> Scene:
    """Everybody of the organisation, and the caller."""
    # Enough entries for a whole tile of the log.
    for _ in range(260):
        await world.hub.read_audit.admit(world.operator, world.org_id)
    ada, dev = await world.person("Ada", "approver"), await world.person("Dev", "developer")
    bot = await world.agent("bot", owner_id=dev.person_id)
    made = Scene(world, caller, ada, dev, bot)
    if caller in PEOPLE:
        known = {"approver": ada, "developer": dev, "owner": world.owner}
        made.phone = known.get(caller) or await world.person(caller, caller)
    elif caller == "enrolment":
        made.phone = await world._resources.enter_async_context(SoftwarePhone(world.base_url))
        await made.phone.accept((await world.invited("New")).token)
    elif caller.startswith("foreign"):
        other = await world.another_org()
        made.agent = await other.agent("spy") if caller == "foreign_agent" else None
        made.phone = other.owner if caller == "foreign_owner" else None
    elif caller == "api_key_agent":
        made.agent = await _with_api_key(world, dev)
    elif caller == "openleash_agent":
        made.leashed = await joined(world, owner_id=dev.person_id)
        made.agent = await _of_the_same_key(world, made.leashed)
    elif caller != "nobody":
        made.agent = bot if caller == "agent" else await world.agent(caller, owner_id=dev.person_id)
    if caller == "paused_agent" and made.agent is not None:
        made.asked = await made.question()
        path = f"/v1/orgs/{world.org_id}/agents/{made.agent.credential.agent_id}/state"
        await world.owner.call("PUT", path, {"state": "paused"})
    while await world.hub.sealer.seal_all():
        pass
    return made


async def _with_api_key(world: World, owner: SoftwarePhone) -> AsyncHub:
    made = await world.hub.invite_agent.with_api_key(
        world.operator, world.org_id, name="script", owner_id=owner.person_id
    )
    credential = Credential(
        world.base_url,
        issuer=world.base_url,
        agent_id=made.agent_id,
        org_id=world.org_id,
        key_id=made.key_id,
        api_key=made.api_key,
    )
    return await world._resources.enter_async_context(AsyncHub(credential, allow_http=True))


async def _of_the_same_key(world: World, leashed: OpenLeashAgent) -> AsyncHub:
    """What an OpenLeash agent may do as our own agents do, which is how it asks here."""
    credential = Credential(
        world.base_url,
        issuer=world.base_url,
        agent_id=leashed.registered["agent_principal_id"],
        org_id=world.org_id,
        key_id=leashed.registered["key_id"],
        seed=leashed.seed,
    )
    return await world._resources.enter_async_context(AsyncHub(credential, allow_http=True))
