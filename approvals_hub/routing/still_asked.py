"""Whether those whom a frozen requirement names are named by it still: whoever leaves stops counting at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.orgs import store as orgs
from approvals_hub.people.names import answers
from approvals_hub.routing import presence_store, store
from approvals_hub.routing.stand_in import StandIn

_GROUP = "group:"
_ROLE = "role:"


class Holding(msgspec.Struct, frozen=True):
    """Which delegations hold, of some that answers were given by, and the roles now of everybody in them."""

    kept: frozenset[StandIn] = frozenset()
    roles: dict[str, str] = {}


async def holding_in(tx: Tx, org_id: str, given: Collection[StandIn]) -> Holding:
    """Those none of whose absences was ended before its time, and in which nobody has stopped counting.

    An absence that ended as it was to leaves the answers that were given meanwhile; whoever ends one early takes back
    what was said in their name. Nothing is read where nobody stood in for anybody.
    """
    if not given:
        return Holding()
    ids = {absence for each in given for absence in each.absences}
    people = {person for each in given for person in (each.person_id, *each.through)}
    stands = await presence_store.not_taken_back(tx, org_id, sorted(ids))
    roles = await orgs.roles_of(tx, org_id, sorted(people))
    kept = (
        each
        for each in given
        if stands.issuperset(each.absences)
        and all(answers(roles.get(person, "")) for person in (each.person_id, *each.through))
    )
    return Holding(frozenset(kept), {person: roles.get(person, "") for person in people})


async def still_asked_in(
    tx: Tx,
    org_id: str,
    asked: Requirement,
    roles: Mapping[str, str],
    *,
    opened_at: int,
    veto: Collection[str] = (),
) -> Requirement:
    """The frozen requirement without those of these people whom it does not name any more.

    `roles` says what each of them is now, nothing for who is no active member. Somebody counts in a part as long as a
    role of theirs answers and one of its names stands for them: their id, a role that they have, a group in which they
    have been since before the question opened. `veto` are the names in the requirement's `veto`. Groups are read only
    where it names some and these people stand in such a part.
    """
    groups = groups_named(asked, roles, veto)
    members = await store.memberships(tx, org_id, sorted(groups), sorted(roles)) if groups else {}
    return narrowed(asked, roles, members, opened_at=opened_at, veto=veto)


def narrowed(
    asked: Requirement,
    roles: Mapping[str, str],
    members: Mapping[tuple[str, str], int],
    *,
    opened_at: int,
    veto: Collection[str] = (),
) -> Requirement:
    """The same from what is known: `members` are (group, person) → since when, in milliseconds. Pure."""
    if asked.quorum is None and asked.veto is None and all(map(answers, roles.values())):
        return asked

    def names(name: str, person: str) -> bool:
        if name.startswith(_GROUP):
            since = members.get((name.removeprefix(_GROUP), person))
            return since is not None and since <= opened_at
        return name.removeprefix(_ROLE) in roles[person].split() if name.startswith(_ROLE) else name == person

    def gone(of: Collection[str], person: str) -> bool:
        if person not in roles:
            return False
        return not answers(roles[person]) or (bool(of) and not any(names(name, person) for name in of))

    parts = [] if asked.quorum is None else [(part.of or (), part.people or ()) for part in asked.quorum.groups()]
    named = [*parts, ((), asked.people if asked.quorum is None else ()), (veto, asked.veto or ())]
    # Hardly ever: a rule that stays the same is not worked out anew.
    if any(gone(of, person) for of, people in named for person in roles.keys() & set(people)):
        return asked.without(gone, veto)
    return asked


def groups_named(asked: Requirement, people: Collection[str], veto: Collection[str]) -> set[str]:
    """The groups by which a requirement asks somebody of these people."""
    named = set(veto) if not set(people).isdisjoint(asked.veto or ()) else set()
    for group in () if asked.quorum is None else asked.quorum.groups():
        if not set(people).isdisjoint(group.people or ()):
            named.update(group.of or ())
    return {name.removeprefix(_GROUP) for name in named if name.startswith(_GROUP)}
