"""The operator's commands about organisations, and about who is let into one, carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from approvals_hub.cli.arguments import Answer, Arguments, Nothing, OnePerson
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.db.database import Row, Tx
from approvals_hub.hub import Hub
from approvals_hub.orgs import store as orgs
from approvals_hub.people.acting import OperatorCredential

JOINING = "joi_"
"""What the id of a joining begins with; any other is a device's."""


class NewOrg(Arguments, frozen=True):
    """An organisation and its first owner."""

    name: str
    owner_name: str
    owner_email: str | None = None


class OneWaiting(Discreet, Arguments, frozen=True):
    """A key or a joining that waits, and what the other screen shows."""

    not_printed = ("digits",)

    waiting_id: str
    digits: str


async def create_org(hub: Hub, given: NewOrg) -> Answer:
    """Make it, with a link for its owner."""
    made = await hub.orgs.make.by_operator(given.name, given.owner_name, given.owner_email)
    assert made.owner is not None
    return {
        "org_id": made.org_id,
        "name": made.name,
        "person_id": made.owner.person_id,
        "url": made.owner.url,
        "token": made.owner.token,
        "expires_at": to_text(made.owner.expires_at),
    }


async def list_orgs(hub: Hub, given: Nothing) -> Answer:
    """All of them, oldest first."""

    async def work(tx: Tx) -> list[tuple[Row, int]]:
        return [(row, len(await orgs.members(tx, row["id"]))) for row in await orgs.every(tx)]

    return {
        "items": [
            {
                "org_id": row["id"],
                "name": row["name"],
                "members": members,
                "made_by": row["made_by"] or "operator",
                "state": "active" if row["stopped_at"] is None else "stopped",
                "created_at": to_text(row["created_at"]),
            }
            for row, members in await hub.db.read(work)
        ]
    }


async def pending(hub: Hub, given: Nothing) -> Answer:
    """Whose six digits wait."""
    operator = OperatorCredential(await the_org(hub, given.org))
    keys = [
        {
            "id": each.device_id,
            "name": each.person_name,
            "kind": "a new key",
            "digits": each.digits,
            "person_id": each.person_id,
        }
        for each in await hub.list_pending_devices(operator)
    ]
    joinings = [
        {
            "id": each.joining_id,
            "name": each.person_name,
            "kind": f"the key they have; invited as {each.invited_name}",
            "digits": each.digits,
            "person_id": each.person_id,
        }
        for each in await hub.orgs.joinings.pending(operator)
    ]
    return {"items": keys + joinings}


async def confirm(hub: Hub, given: OneWaiting) -> Answer:
    """The digits are the same on both screens."""
    operator = OperatorCredential(await the_org(hub, given.org))
    if given.waiting_id.startswith(JOINING):
        person_id = await hub.orgs.joinings.confirm(operator, given.waiting_id, given.digits)
    else:
        person_id = (await hub.confirm_device(operator, given.waiting_id, given.digits)).person_id
    return {"id": given.waiting_id, "person_id": person_id}


async def remove(hub: Hub, given: OnePerson) -> Answer:
    """Take a member out of one organisation."""
    org_id = await the_org(hub, given.org)
    await hub.orgs.members.remove(OperatorCredential(org_id), org_id, given.person_id)
    return {"person_id": given.person_id, "org_id": org_id}


ORGS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "orgs.create": (NewOrg, create_org),
    "orgs.list": (Nothing, list_orgs),
    "people.pending": (Nothing, pending),
    "people.confirm": (OneWaiting, confirm),
    "people.remove": (OnePerson, remove),
}
