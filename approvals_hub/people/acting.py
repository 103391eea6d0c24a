"""Who governs an organisation: a signed-in person, or the operator of the hub at its command line."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import ActorType
from approvals_hub.core.errors import HubError, NotFound
from approvals_hub.db.database import Tx
from approvals_hub.keys.rotate import HUB_LOG
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.person import OPERATOR
from approvals_hub.people.session import PersonCredential, admit_person_in


@dataclass(frozen=True, slots=True)
class OperatorCredential:
    """Given by the command line alone: whoever may open the hub's data folder acts with an owner's rights."""

    org_id: str


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, in which organisation, with which roles, at this moment."""

    org_id: str
    actor_type: ActorType
    actor_id: str
    roles: frozenset[str]


async def admit_acting_in(
    tx: Tx, credential: PersonCredential | OperatorCredential, now: int, permission: Permission | None = None
) -> Acting | HubError:
    """Who is behind a credential, if it counts and allows `permission`. Runs inside the unit that it guards.

    The hub's own log (`org_hub`: its keys, its restores) is the operator's to read; nobody is a member there.
    """
    if isinstance(credential, OperatorCredential):
        own_log = credential.org_id == HUB_LOG and permission in (Permission.READ_AUDIT, Permission.EXPORT_AUDIT)
        if not own_log and await orgs.find(tx, credential.org_id) is None:
            return NotFound("org_unknown", "there is no such organisation", next_step="approvals-hub people list")
        return Acting(credential.org_id, "operator", OPERATOR, frozenset({"owner"}))
    session = await admit_person_in(tx, credential, now, permission)
    if isinstance(session, HubError):
        return session
    return Acting(session.org_id, "person", session.person_id, session.roles)
