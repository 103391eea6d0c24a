"""What the policies would say of an action, while nothing happens: the same engine, nothing reserved or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.agents.read import agent_unknown
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.action import parse_action
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.policies import store
from approvals_hub.policies.consult import Asker, layers_in, standing_in, totals_in
from approvals_hub.policies.decision import Decision
from approvals_hub.policies.document import Layer
from approvals_hub.policies.kept import Binding, checked_binding
from approvals_hub.policies.load import load
from approvals_hub.policies.stack import Stack
from approvals_hub.policies.standing import measured_of
from approvals_hub.policies.trace import explain

EARLIEST, LATEST = 0, 7_258_118_400_000
"""Of the time at which it is tried, in milliseconds."""
UNSAVED = "unsaved"
"""Names a policy that is tried and not kept."""


class Tried(msgspec.Struct, frozen=True):
    """A decision, and how each rule came out."""

    decision: Decision
    trace: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TryPolicy:
    """The playground."""

    db: Database
    clock: Clock

    async def __call__(
        self,
        by: PersonCredential | OperatorCredential,
        agent_id: str,
        action: Any,
        *,
        name: str | None = None,
        text: str | None = None,
        binding: Binding | None = None,
        at: int | None = None,
        signals: Sequence[str] | None = None,
        mode: str | None = None,
    ) -> Tried:
        """What would be decided at `at` (now) about an action of this agent; with `text`, as if that were in force
        under `name`, in the place of the policy of that name. `signals` and `mode` are supposed to stand, in the place
        of those that do.

        Raises Invalid for a text or an action that cannot be, NotFound, Unauthenticated, Forbidden without the right to
        read policies.
        """
        now = self.clock.now()
        when = now if at is None else at
        if not EARLIEST <= when <= LATEST:
            raise Invalid("time_invalid", "at is from 1970 to 2200", next_step="Choose another time.", field="$.at")
        members = parse_action(action, agent_id=agent_id, now=when).members
        unsaved = None if text is None else load(text, policy_id=UNSAVED)
        bound = checked_binding(binding or Binding())

        async def work(tx: Tx) -> Tried | HubError:
            who = await admit_acting_in(tx, by, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            row = await agents.agent(tx, agent_id)
            if row is None or row["org_id"] != who.org_id:
                return agent_unknown()
            asker = Asker(who.org_id, agent_id, await store.version_of(tx, who.org_id))
            layers, labels = await layers_in(tx, asker, without=name if unsaved is not None else None)
            if unsaved is not None and bound.holds_for(agent_id, frozenset(labels.teams)):
                layers = (*layers, Layer(unsaved, bound.tier, bound.rank))
            stack = Stack(layers)
            measured = frozenset() if unsaved is None else measured_of(unsaved.rules)
            standing = await standing_in(tx, asker, now, also=measured)
            if signals is not None:
                standing = msgspec.structs.replace(standing, signals=tuple(signals))
            if mode is not None:
                standing = msgspec.structs.replace(standing, mode=mode)
            facts = await totals_in(tx, asker, stack, members, labels, standing, when, holds=False, but=None)
            return Tried(*explain(stack, members, facts))

        return settled(await self.db.read(work, org=by.org_id))
