"""An admin, a developer or the operator invites an agent, or makes one that has only an API key."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.agents import handle_store, store
from approvals_hub.agents.agent import API_KEY, MONITOR, OPENLEASH, api_key_hash
from approvals_hub.agents.openleash_names import ForOpenLeash, expected
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, HOUR, Clock
from approvals_hub.core.errors import Forbidden, HubError, Invalid, NotFound, settled
from approvals_hub.core.ids import new_id, new_secret
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential, token_hash

INVITE_LIFE = DAY
"""Default life of an invitation, in milliseconds."""
LONGEST_INVITE_LIFE = 30 * DAY
SHORTEST_INVITE_LIFE = HOUR // 60
NAME_LIMIT = 80
ROLES = ("agent", "ci", "script", MONITOR)


@dataclass(frozen=True, slots=True)
class Invited:
    """The token is shown this once; the hub keeps its hash."""

    invite_id: str
    token: str = field(repr=False)
    expires_at: int

    def openleash_link(self, public_url: str) -> str:
        """The same as OpenLeash clients take it: they read the two parts and send them in a body, to this host."""
        return f"{public_url}/v1/agents/register-with-invite?invite_id={self.invite_id}&invite_token={self.token}"


@dataclass(frozen=True, slots=True)
class WithApiKey:
    """The secret is shown this once; the hub keeps its hash."""

    agent_id: str
    key_id: str
    api_key: str = field(repr=False)


Inviter = PersonCredential | OperatorCredential
"""Whoever may let an agent in."""


@dataclass(frozen=True, slots=True)
class InviteAgent:
    """Lets a new agent in. Its owner is the inviter, or a member that the inviter names."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(
        self,
        inviter: Inviter,
        org_id: str,
        *,
        name: str,
        role: str = "agent",
        owner_id: str | None = None,
        life: int = INVITE_LIFE,
        openleash: ForOpenLeash | None = None,
    ) -> Invited:
        """An invitation that one agent can use once; with `openleash`, one that speaks OpenLeash, and none other.

        Raises Invalid, Forbidden, NotFound for another organisation.
        """
        check_name(name)
        expecting = None if openleash is None else expected(openleash)
        check_role(role)
        if not SHORTEST_INVITE_LIFE <= life <= LONGEST_INVITE_LIFE:
            raise Invalid(
                "expires_in_out_of_range",
                "an invitation lives from one minute to 30 days",
                next_step="Choose a value in that range.",
                field="$.expires_in",
            )
        now = self.clock.now()
        invite_id, token = new_id("ain"), new_secret("inv")

        async def work(tx: Tx) -> Invited | HubError:
            who = await admit_inviter_in(tx, inviter, org_id, now)
            if isinstance(who, HubError):
                return who
            owner = await self._owner_in(tx, org_id, who, owner_id)
            if isinstance(owner, HubError):
                return owner
            await store.add_invite(
                tx,
                invite_id=invite_id,
                org_id=org_id,
                token_hash=token_hash(token),
                name=name,
                role=role,
                owner_id=owner,
                invited_by=who.actor_id,
                at=now,
                expires_at=now + life,
            )
            if expecting is not None:
                await handle_store.expect(
                    tx,
                    invite_id,
                    protocol=OPENLEASH,
                    handle=expecting.handle,
                    public_key=None if expecting.key is None else expecting.key.raw,
                    known_owner=expecting.known_owner,
                )
            await self.recorder.record(
                tx,
                Event(
                    kind="agent.invited",
                    org_id=org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    trust=None if expecting is None else OPENLEASH,
                    detail={
                        "invite_id": invite_id,
                        "role": role,
                        "owner_id": owner,
                        **({} if expecting is None or expecting.key is None else {"key": expecting.key.thumbprint}),
                    },
                ),
            )
            return Invited(invite_id, token, now + life)

        return settled(await self.db.run(work, org=inviter.org_id))

    async def with_api_key(
        self, inviter: Inviter, org_id: str, *, name: str, role: str = "agent", owner_id: str | None = None
    ) -> WithApiKey:
        """An agent of the lower-trust profile: it proves itself with a bearer secret, and every record says so."""
        check_name(name)
        check_role(role)
        now = self.clock.now()
        agent_id, key_id, secret = new_id("agt"), new_id("key"), new_secret("ahk")

        async def work(tx: Tx) -> WithApiKey | HubError:
            who = await admit_inviter_in(tx, inviter, org_id, now)
            if isinstance(who, HubError):
                return who
            owner = await self._owner_in(tx, org_id, who, owner_id)
            if isinstance(owner, HubError):
                return owner
            await store.add_agent(tx, agent_id=agent_id, org_id=org_id, name=name, role=role, owner_id=owner, at=now)
            await store.add_api_key(
                tx, key_id=key_id, org_id=org_id, agent_id=agent_id, secret_hash=api_key_hash(secret), at=now
            )
            await self.recorder.record(
                tx,
                Event(
                    kind="agent.api_key_issued",
                    org_id=org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    agent_id=agent_id,
                    trust=API_KEY,
                    detail={"key_id": key_id, "role": role, "owner_id": owner},
                ),
            )
            return WithApiKey(agent_id, key_id, secret)

        return settled(await self.db.run(work, org=inviter.org_id))

    async def _owner_in(self, tx: Tx, org_id: str, who: Acting, owner_id: str | None) -> str | HubError:
        """Who answers for the agent: a member. Only those who govern agents may name somebody else."""
        if who.actor_type == "person":
            if owner_id is None or owner_id == who.actor_id:
                return who.actor_id
            if Permission.GOVERN_AGENTS not in permissions(who.roles):
                return Forbidden(
                    "owner_not_you",
                    "only an owner or admin may name somebody else as the agent's owner",
                    next_step="Leave owner_id out.",
                    field="$.owner_id",
                )
        if owner_id is None:
            members = await orgs.members(tx, org_id)
            owners = [row["id"] for row in members if "owner" in row["roles"].split() and row["state"] == "active"]
            if not owners:
                return NotFound("no_owner", "the organisation has no owner yet", next_step="Finish the set-up first.")
            return str(owners[0])
        member = await orgs.member(tx, org_id, owner_id)
        if member is None or member["state"] != "active":
            return Invalid(
                "owner_unknown",
                "the agent's owner must be an active member",
                next_step="See: approvals-hub people list",
                field="$.owner_id",
            )
        return owner_id


async def admit_inviter_in(
    tx: Tx, inviter: Inviter, org_id: str, now: int, permission: Permission = Permission.INVITE_AGENTS
) -> Acting | HubError:
    """Whoever may do this in this organisation: a member whose role allows it, or the operator."""
    who = await admit_acting_in(tx, inviter, now, permission)
    if isinstance(who, Acting) and who.org_id != org_id:
        return NotFound("org_unknown", "there is no such organisation", next_step="Use the one you signed in to.")
    return who


def check_role(role: str) -> None:
    """Raises Invalid."""
    if role not in ROLES:
        raise Invalid("role_unknown", f"role is one of {', '.join(ROLES)}", next_step="Choose one.", field="$.role")


def check_name(name: str) -> None:
    """Names are for people to read. Raises Invalid."""
    if not 1 <= len(name.strip()) <= NAME_LIMIT or not name.isprintable():
        raise Invalid(
            "name_invalid",
            f"a name has 1 to {NAME_LIMIT} printable characters",
            next_step="Choose another name.",
            field="$.name",
        )
