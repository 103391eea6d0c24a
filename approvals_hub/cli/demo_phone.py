"""The phone's part of the demo without a phone: a device key in software that speaks to the hub over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import aiohttp

from approvals_hub.domain.presentation import present, presentation_hash
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey, SigningKey
from approvals_hub_client.statement import action_hash, enrol_bytes, intent_of, sign_in_bytes, signed_bytes


class ContentChanged(Exception):
    """What the hub shows is not what it asks to sign; nothing was signed."""


class Refused(RuntimeError):
    """The hub said no; `problem` is its answer (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        """Keep the whole answer."""
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem


@dataclass(slots=True)
class SoftwarePhone:
    """An approver's device: enrols with an invitation, looks, checks what it is shown, signs."""

    base_url: str
    name: str = "Software phone"
    key: SigningKey = field(default_factory=Ed25519SigningKey)
    person_id: str = ""
    org_id: str = ""
    device_id: str = ""
    digits: str | None = field(default=None, repr=False)
    audience: str | None = None
    """The hub's public URL, where it is not the one this phone connects to."""
    _token: str = field(default="", repr=False)
    _http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> SoftwarePhone:
        """Open the connection."""
        self._http = aiohttp.ClientSession(base_url=self.base_url, raise_for_status=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close the connection."""
        if self._http is not None:
            await self._http.close()

    async def accept(self, invitation: str) -> None:
        """Use an invitation's token: a session that is good for enrolling a key and nothing else."""
        accepted = await self.call(
            "POST", "/v1/invitations/accept", {"token": invitation, "client": self.name, "transport": "bearer"}
        )
        self._token = accepted["session"]["token"]
        self.person_id = accepted["person"]["person_id"]
        self.org_id = accepted["org"]["org_id"]

    async def enrol(self, invitation: str) -> dict[str, Any]:
        """Use an invitation's token: prove the new key, and stay signed in where it counts at once."""
        await self.accept(invitation)
        return await self.enrol_key()

    async def enrol_key(self) -> dict[str, Any]:
        """The same in a session that is there already."""
        challenge = await self.call("POST", "/v1/challenges", {"purpose": "enrol"})
        proof = self.key.sign(
            enrol_bytes(
                challenge=challenge["challenge"],
                key_thumbprint=self.key.public.thumbprint,
                person_id=self.person_id,
            )
        )
        enrolled = await self.call(
            "POST",
            "/v1/devices",
            {
                "kind": "device_key",
                "challenge_id": challenge["challenge_id"],
                "jwk": self.key.public.jwk,
                "proof": b64u(proof),
                "name": self.name,
            },
        )
        self.device_id = enrolled["device"]["device_id"]
        self.digits = enrolled["digits"]
        if enrolled["session"] is not None:
            self._token = enrolled["session"]["token"]
        return enrolled

    async def sign_in(self) -> None:
        """Open a full session with the device key, in this phone's organisation where it has one."""
        challenge = await self.call("POST", "/v1/challenges", {"purpose": "sign_in"}, anonymous=True)
        message = sign_in_bytes(
            challenge=challenge["challenge"], device_id=self.device_id, audience=self.audience or self.base_url
        )
        body = {
            "challenge_id": challenge["challenge_id"],
            "device_id": self.device_id,
            "signature": b64u(self.key.sign(message)),
            "transport": "bearer",
            "client": self.name,
            **({"org_id": self.org_id} if self.org_id else {}),
        }
        self._token = (await self.call("POST", "/v1/sessions", body, anonymous=True))["session"]["token"]

    async def inbox(self, *, wait: int = 0, since: str | None = None) -> dict[str, Any]:
        """What waits for this person."""
        query = f"?wait={wait}" + (f"&since={since}" if since else "") if wait else ""
        return await self.call("GET", f"/v1/inbox{query}")

    async def look(self, escalation_id: str) -> dict[str, Any]:
        """The question, and its statement to sign; refuses content that does not hash to what it says."""
        card = await self.call("GET", f"/v1/escalations/{escalation_id}/presentation")
        shown = card["presentation"]
        justification = shown["justification"]
        mine = present(
            card["action"],
            escalation_id=escalation_id,
            revision=card["revision"],
            audience=card["audience"],
            justification=None if justification is None else justification["text"],
        )
        view = await self.call("POST", f"/v1/escalations/{escalation_id}/views", {"device_id": self.device_id})
        statement: dict[str, Any] = view["statement"]
        if (
            statement["action_hash"] != action_hash(card["action"])
            or statement["presentation_hash"] != presentation_hash(mine)
            or mine != shown
        ):
            raise ContentChanged(escalation_id)
        return statement

    async def answer(self, escalation_id: str, decision: str, *, reason_code: str | None = None) -> dict[str, Any]:
        """Look, then sign and send a decision; the receipt."""
        return await self.send(escalation_id, await self.look(escalation_id), decision, reason_code=reason_code)

    async def send(
        self,
        escalation_id: str,
        statement: dict[str, Any],
        decision: str,
        *,
        reason_code: str | None = None,
        step_up: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Complete a statement's template, sign it and send it; `step_up` lists the proofs that it uses."""
        complete = {**statement, "decision": decision, "reason_code": reason_code, "step_up": list(step_up)}
        body = {
            "statement": b64u(dumps(complete)),
            "signature": b64u(self.key.sign(signed_bytes(complete))),
        }
        return await self.call("POST", f"/v1/escalations/{escalation_id}/decisions", body)

    async def begin_step_up(
        self, escalation_id: str, statement: dict[str, Any], method: str, **more: Any
    ) -> dict[str, Any]:
        """Begin to prove who one is, for an approval by this statement."""
        intent = intent_of({**statement, "decision": "approve"})
        body = {"method": method, "intent": b64u(dumps(intent)), **more}
        return await self.call("POST", f"/v1/escalations/{escalation_id}/step-ups", body)

    async def fresh(self) -> dict[str, Any]:
        """A fresh factor: a challenge of this session, signed now."""
        challenge = await self.call("POST", "/v1/challenges", {"purpose": "fresh"})
        message = sign_in_bytes(
            challenge=challenge["challenge"], device_id=self.device_id, audience=self.audience or self.base_url
        )
        return {
            "challenge_id": challenge["challenge_id"],
            "device_id": self.device_id,
            "signature": b64u(self.key.sign(message)),
        }

    async def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, anonymous: bool = False
    ) -> dict[str, Any]:
        """One request as this person. Raises Refused with the problem for anything but success."""
        assert self._http is not None
        headers = {"Authorization": f"Bearer {self._token}"} if self._token and not anonymous else {}
        async with self._http.request(method, path, json=body, headers=headers) as response:
            answer = await response.json(content_type=None)
            if response.status >= 400:
                raise Refused(response.status, dict(answer))
            session = answer.get("session")
            if not anonymous and isinstance(session, dict) and session.get("token"):
                # After a step-up a session goes on with another token.
                self._token = session["token"]
            return dict(answer)
