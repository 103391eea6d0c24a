"""The command that invites a person, carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from approvals_hub.cli.arguments import Answer, Arguments, NewPerson
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.invite import Invitation


async def invite_person(hub: Hub, given: NewPerson) -> Answer:
    """A one-time link for a new person, or for a member who has no key."""
    org_id = await the_org(hub, given.org)
    invitation = Invitation(
        name=given.name,
        email=given.email,
        roles=frozenset(given.roles or ["approver"]),
        expires_in=given.expires_in * SECOND,
        person_id=given.person_id,
    )
    operator, mailed = OperatorCredential(org_id), None
    if given.by_mail:
        invited, mailed = await hub.invite_by_mail(operator, invitation, given.language)
    else:
        invited = await hub.invite_person(operator, invitation)
    return {
        "invite_id": invited.invite_id,
        "person_id": invited.person_id,
        "url": invited.url,
        "token": invited.token,
        "expires_at": to_text(invited.expires_at),
        "mailed": mailed,
    }


INVITING: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "people.invite": (NewPerson, invite_person),
}
