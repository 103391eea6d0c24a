"""Asks colleagues about the new key of somebody who lost theirs: an escalation whose requester is the hub itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain.requirement import CRITICAL, requirement_hash, stored
from approvals_hub.escalations.asked import Asked, ask
from approvals_hub.escalations.escalation import HUB
from approvals_hub.escalations.freeze import Frozen
from approvals_hub.escalations.opening import Opening
from approvals_hub.escalations.requester import HubAsks
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.people.device import PENDING
from approvals_hub.people.person import OPERATOR
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.colleagues import asked_of_colleagues
from approvals_hub.stepup.end_recovery import EndRecovery
from approvals_hub.stepup.recovery import Recovery

RECOVER_DEVICE = "hub.device.recover"
"""The type of the action that colleagues decide about."""
PAGE = 50
"""Recoveries looked at in one turn."""
CHECK = "Ask the person, face to face or by voice, which six digits their new device shows. Approve only if they match."


@dataclass(frozen=True, slots=True)
class _Key:
    """A recovery with what people are shown of its key."""

    recovery: Recovery
    person: Row
    device: Row
    issuer: str


@dataclass(frozen=True, slots=True)
class Propose:
    """Opens the question, once for each key. A worker calls it: what a crash left out is done by the next turn."""

    db: Database
    opening: Opening
    end: EndRecovery
    clock: Clock

    async def __call__(self) -> int:
        """Ask about every key that waits for it; returns how many were looked at."""

        async def find(tx: Tx) -> list[_Key]:
            found = [await _key_in(tx, recovery) for recovery in await store.to_ask(tx, PAGE)]
            return [key for key in found if key is not None]

        keys = await self.db.read(find)
        for key in keys:
            await self._ask(key)
        return len(keys)

    async def _ask(self, key: _Key) -> None:
        now = self.clock.now()
        asked = ask(
            question_of(key.recovery, key.person, key.device, key.issuer, now),
            agent_id=HUB,
            justification=None,
            expires_in=None,
            now=now,
            by_hub=True,
        )

        async def work(tx: Tx) -> None:
            await tx.lock("people", key.recovery.person_id)
            recovery = await store.find(tx, key.recovery.id)
            # Another process may have asked, or another key may have taken this one's place.
            same = recovery is not None and recovery.live and recovery.device_id == key.device["id"]
            if recovery is None or not same or recovery.escalation_id is not None:
                return
            frozen = await self._frozen_in(tx, recovery, now)
            if isinstance(frozen, HubError):
                await self.end.end_in(tx, recovery, cause=frozen.code, by=HUB, actor_type="hub", now=now)
                return
            await self._open_in(tx, recovery, asked, frozen, now)

        await self.db.run(work)

    async def _open_in(self, tx: Tx, recovery: Recovery, asked: Asked, frozen: Frozen, now: int) -> None:
        barred = (recovery.person_id, recovery.opened_by)
        escalation = await self.opening.store_in(tx, HubAsks(recovery.org_id), asked, frozen, now, barred=barred)
        assert recovery.device_id is not None
        await store.asked(tx, recovery.id, device_id=recovery.device_id, escalation_id=escalation.id)

    async def _frozen_in(self, tx: Tx, recovery: Recovery, now: int) -> Frozen | HubError:
        org = await orgs.find(tx, recovery.org_id)
        assert org is not None
        rule = asked_of_colleagues(
            await store.colleagues(tx, recovery.org_id, recovery.opened_by),
            person_id=recovery.person_id,
            issuer_id=recovery.opened_by,
            default=stored(org["requirement"]),
            wait=recovery.wait,
            now=now,
        )
        if isinstance(rule, HubError):
            return rule
        text = rule.text()
        return Frozen(rule, text.decode(), requirement_hash(text), None, urgent=rule.risk == CRITICAL)


def question_of(recovery: Recovery, person: Row, device: Row, issuer: str, now: int) -> dict[str, Any]:
    """The action: whose key, which one, who made the link, and what to compare before one says yes."""
    assert recovery.counts_at is not None
    return {
        "action_id": recovery.id,
        "action_type": RECOVER_DEVICE,
        "requested_at": to_text(now),
        "principal": {"agent_id": HUB},
        "subject": {"principal_id": recovery.person_id},
        "payload": {
            "person": {"person_id": recovery.person_id, "name": person["name"], "email": person["email"]},
            "new_device": {
                "device_id": device["id"],
                "name": device["name"],
                "kind": device["kind"],
                "key_hash": device["key_hash"],
                "digits": device["digits"],
            },
            "link_made_by": {"id": recovery.opened_by, "name": issuer},
            "counts_from": to_text(recovery.counts_at),
            "before_you_approve": CHECK,
        },
    }


async def _key_in(tx: Tx, recovery: Recovery) -> _Key | None:
    assert recovery.device_id is not None
    person, device = await people.person(tx, recovery.person_id), await people.device(tx, recovery.device_id)
    if person is None or device is None or device["state"] != PENDING:
        return None
    names = {OPERATOR: OPERATOR, **await people.names(tx, [recovery.opened_by])}
    return _Key(recovery, person, device, names.get(recovery.opened_by, ""))
