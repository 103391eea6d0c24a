"""What is wrong in a text, what is worth a look, and what it would change, before anybody publishes it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import admit_acting_in
from approvals_hub.policies import store
from approvals_hub.policies.advise import Warned, warnings
from approvals_hub.policies.carried import carried_by, uncarried
from approvals_hub.policies.difference import Difference, difference, readable
from approvals_hub.policies.document import Policy
from approvals_hub.policies.kept import Binding, checked_binding, checked_name, kept_of
from approvals_hub.policies.label_agents import every_label_in
from approvals_hub.policies.load import load
from approvals_hub.policies.put_in_force import PutInForce
from approvals_hub.policies.read_policies import Reader


class Fault(msgspec.Struct, frozen=True):
    """One place that is wrong, from 1 on."""

    line: int
    column: int
    field: str | None
    detail: str


class Linted(msgspec.Struct, frozen=True):
    """What a text is worth. Of one with faults nothing else can be said."""

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Warned, ...] = ()
    refusal: HubError | None = None
    """Why it cannot be in force here, though it can be read: it names somebody or something that is not here."""
    difference: Difference | None = None
    """Against what stands under this name."""


@dataclass(frozen=True, slots=True)
class LintPolicy:
    """Reads a text as publishing would. Nothing is kept, and nobody is asked."""

    db: Database
    force: PutInForce
    clock: Clock

    async def __call__(self, reader: Reader, name: str, text: str, *, binding: Binding | None = None) -> Linted:
        """The text, as if it were to be published under this name; `binding` None: as it is, every agent for a new one.

        Raises Invalid for a name or a binding that cannot be, Unauthenticated, Forbidden without the right to read
        policies.
        """
        checked_name(name)
        bound = None if binding is None else checked_binding(binding)
        read, faults = _read(text)
        now = self.clock.now()

        async def work(tx: Tx) -> Linted | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            if read is None:
                return Linted(faults)
            row = await store.find(tx, who.org_id, name)
            before = None if row is None else kept_of(row)
            wanted = bound or (before.binding if before is not None else Binding())
            carried = carried_by(await every_label_in(tx, who.org_id))
            return Linted(
                warnings=_in_order(*warnings(read), *uncarried(read, wanted, carried)),
                refusal=await self.force.refuse_in(tx, who.org_id, read, before, wanted),
                difference=difference(
                    None if before is None else readable(before.text),
                    read,
                    first=before is None and not await store.in_force(tx, who.org_id),
                ),
            )

        return settled(await self.db.read(work, org=reader.org_id))


def _in_order(*found: Warned) -> tuple[Warned, ...]:
    return tuple(sorted(found, key=lambda each: (each.line, each.code)))


def _read(text: str) -> tuple[Policy | None, tuple[Fault, ...]]:
    try:
        return load(text), ()
    except Invalid as fault:
        return None, tuple(msgspec.convert(each, Fault) for each in fault.extra["errors"])
