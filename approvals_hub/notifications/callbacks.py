"""Where an agent's programs may be called back when its questions end, and the secret that the calls are signed with.

An agent alone could have the hub call any server. So a person who governs agents says which hosts it may name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.agents.agent import Agent
from approvals_hub.agents.invite import Inviter, admit_inviter_in
from approvals_hub.agents.read import agent_unknown
from approvals_hub.audit.event import Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.errors import HubError, Invalid, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications import callback_store as store
from approvals_hub.notifications.callback_secret import fingerprint, new_callback_secret
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from notify.host_list import HostList

HOSTS_LIMIT: Final = 10
CALLS_SHOWN: Final = 20
BOTH_SIGN: Final = DAY
"""How long the secret of before signs beside a new one, in milliseconds."""
SECRETS: Final = "callbacks:"
URLS: Final = "callback:"


class Call(msgspec.Struct, frozen=True):
    """One call that was due; times in milliseconds."""

    escalation_id: str
    host: str
    state: str
    """`due`, `delivered` or `failed`."""
    attempts: int
    said: str | None
    """Why the last attempt brought nothing."""
    send_at: int | None
    """When it is tried next."""
    settled_at: int | None


class Callbacks(msgspec.Struct, frozen=True):
    """What is set for one agent; times in milliseconds."""

    agent_id: str
    hosts: list[str]
    has_secret: bool
    fingerprint: str | None = None
    rotated_at: int | None = None
    previous_until: int | None = None
    """Until when the secret of before signs too; None where it does no more."""
    calls: list[Call] = []
    """The newest calls, newest first."""
    named: str | None = None
    """The host that an OpenLeash agent named when it joined; it is called once it is one of `hosts`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is set now. The secret is shown this once, where one was made."""

    callbacks: Callbacks
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class KeepCallbacks:
    """Reads and changes where an agent may be called. A change takes a fresh factor: it opens a way out of the hub."""

    db: Database
    vault: Vault
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock

    async def read(self, by: Inviter, org_id: str, agent_id: str) -> Callbacks:
        """What is set. Raises NotFound, Unauthenticated, Forbidden without the right to govern agents."""
        now = self.clock.now()

        async def work(tx: Tx) -> Callbacks | HubError:
            who = await _admit_in(tx, by, org_id, agent_id, now)
            return who if isinstance(who, HubError) else await _shown_in(tx, agent_id, now)

        return settled(await self.db.read(work, org=by.org_id))

    async def set(self, by: Inviter, org_id: str, agent_id: str, hosts: Sequence[str], fresh: Any = None) -> Kept:
        """Replace the hosts: `hooks.example`, `hooks.example:8443` or `*.hooks.example`; none: it is called no more.

        The first time a secret is made. Raises Invalid for a host that is none, NotFound, Forbidden, Unauthenticated.
        """
        wanted = _checked(hosts)
        secret, now = new_callback_secret(), self.clock.now()

        async def work(tx: Tx) -> Kept | HubError:
            who = await _admit_in(tx, by, org_id, agent_id, now)
            if isinstance(who, HubError):
                return who
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await tx.lock("agents", agent_id)
            before = await store.kept(tx, agent_id)
            await store.keep(
                tx,
                agent_id=agent_id,
                org_id=org_id,
                hosts=msgspec.json.encode(wanted).decode(),
                secret=await self.vault.seal_in(tx, org_id, secret.encode(), SECRETS + agent_id),
                fingerprint=fingerprint(secret),
                at=now,
                by=who.actor_id,
            )
            after = await _shown_in(tx, agent_id, now)
            await self._record_in(tx, "agent.callbacks_changed", who, after, now)
            return Kept(after, None if before is not None else secret)

        return settled(await self.db.run(work, org=by.org_id))

    async def rotate(self, by: Inviter, org_id: str, agent_id: str, fresh: Any = None) -> Kept:
        """Another secret; the one of before signs beside it for a day. Raises as `set`; NotFound where none is set."""
        secret, now = new_callback_secret(), self.clock.now()

        async def work(tx: Tx) -> Kept | HubError:
            who = await _admit_in(tx, by, org_id, agent_id, now)
            if isinstance(who, HubError):
                return who
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            await tx.lock("agents", agent_id)
            if await store.kept(tx, agent_id) is None:
                return NotFound(
                    "callbacks_not_set",
                    "this agent is called nowhere",
                    next_step="Set the hosts first: PUT …/callbacks.",
                )
            await store.rotate(
                tx,
                agent_id=agent_id,
                secret=await self.vault.seal_in(tx, org_id, secret.encode(), SECRETS + agent_id),
                fingerprint=fingerprint(secret),
                previous_until=now + BOTH_SIGN,
                at=now,
                by=who.actor_id,
            )
            after = await _shown_in(tx, agent_id, now)
            await self._record_in(tx, "agent.callback_secret_rotated", who, after, now)
            return Kept(after, secret)

        return settled(await self.db.run(work, org=by.org_id))

    async def _record_in(self, tx: Tx, kind: Kind, who: Acting, after: Callbacks, now: int) -> None:
        await self.recorder.record(
            tx,
            Event(
                kind=kind,
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                agent_id=after.agent_id,
                detail={"hosts": after.hosts, "fingerprint": after.fingerprint},
            ),
        )


def names_host(hosts: str, url: str) -> bool:
    """Whether this list, as JSON, has the URL's host: looked at when an agent names it, and again when it is called."""
    return HostList(msgspec.json.decode(hosts, type=list[str])).origin(url) is not None


async def refuse_callback_in(tx: Tx, agent: Agent, url: str) -> Invalid | None:
    """Why this agent's programs are not called there; None where its list has the host."""
    row = await store.kept(tx, agent.agent_id)
    if row is not None and names_host(row["hosts"], url):
        return None
    return Invalid(
        "callback_not_allowed",
        "callback_url is no https:// address at a host of this agent's list",
        next_step="Have an admin add its host (PUT /v1/orgs/{org}/agents/{agent}/callbacks), or wait by long-poll.",
        field="$.callback_url",
    )


async def plan_call_in(tx: Tx, vault: Vault, agent: Agent, escalation_id: str, url: str, now: int) -> None:
    """Call there when this question has ended. The caller has asked `refuse_callback_in` in this unit."""
    await store.plan(
        tx,
        call_id=new_id("cbk"),
        org_id=agent.org_id,
        escalation_id=escalation_id,
        agent_id=agent.agent_id,
        url=await vault.seal_in(tx, agent.org_id, url.encode(), URLS + escalation_id),
        masked=url.split("/", 3)[2],
        at=now,
    )


def _checked(hosts: Sequence[str]) -> list[str]:
    if len(hosts) > HOSTS_LIMIT:
        raise _wrong(f"an agent has at most {HOSTS_LIMIT} hosts", "$.hosts")
    for place, host in enumerate(hosts):
        try:
            HostList([host])
        except ValueError as error:
            raise _wrong(str(error), f"$.hosts[{place}]") from None
    return list(dict.fromkeys(hosts))


def _wrong(problem: str, path: str) -> Invalid:
    return Invalid("callbacks_invalid", problem, next_step="Correct the list of hosts.", field=path)


async def _admit_in(tx: Tx, by: Inviter, org_id: str, agent_id: str, now: int) -> Acting | HubError:
    who = await admit_inviter_in(tx, by, org_id, now, Permission.GOVERN_AGENTS)
    if isinstance(who, HubError):
        return who
    row = await agents.agent(tx, agent_id)
    return agent_unknown() if row is None or row["org_id"] != org_id else who


async def _shown_in(tx: Tx, agent_id: str, now: int) -> Callbacks:
    row, webhook = await store.kept(tx, agent_id), await store.webhook(tx, agent_id)
    named = None if webhook is None else webhook["masked"]
    calls = [_call(each) for each in await store.recent(tx, agent_id, CALLS_SHOWN)]
    if row is None:
        return Callbacks(agent_id, [], has_secret=False, calls=calls, named=named)
    until = row["previous_until"]
    return Callbacks(
        agent_id,
        msgspec.json.decode(row["hosts"], type=list[str]),
        has_secret=True,
        fingerprint=row["fingerprint"],
        rotated_at=row["rotated_at"],
        previous_until=until if until is not None and until > now else None,
        calls=calls,
        named=named,
    )


def _call(row: Row) -> Call:
    return Call(
        row["escalation_id"],
        row["masked"],
        row["state"],
        row["attempts"],
        row["said"],
        row["send_at"],
        row["settled_at"],
    )
