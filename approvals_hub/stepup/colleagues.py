"""Which colleagues must say yes before a new key counts for somebody who lost theirs. Pure: rows in, requirement out.

Nobody takes over a key alone: whoever made the link is never enough, and where others are enough, does not count. An
owner or admin could have made people up for this. So who joined a moment ago does not count, whom an admin let in does
not count for a link of that admin, and where enough colleagues have been there for long, only those do.
"""

from __future__ import annotations

import msgspec

from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import Conflict, HubError
from approvals_hub.core.row import Row
from approvals_hub.domain.assurance import SUBSTANTIAL, satisfies
from approvals_hub.domain.requirement import CRITICAL, LONGEST_LIFE, Requirement
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.person import ACTIVE, OPERATOR
from approvals_hub.stepup.recovery import DECIDE_WITHIN

ENOUGH = 2
"""Different people, where there are as many; an organisation's own requirement may ask for more."""
LONG_KNOWN = 30 * DAY
"""How long ago those joined who decide before all others, in milliseconds."""


def asked_of_colleagues(
    members: list[Row], *, person_id: str, issuer_id: str, default: Requirement, wait: int, now: int
) -> Requirement | HubError:
    """The requirement of a recovery of `person_id` whose link `issuer_id` made; `wait` is in milliseconds.

    `members` are rows of `recovery_store.colleagues`, read for that issuer. A passkey is asked for where enough of them
    have one: then, and where the organisation asks as much of every question, the risk is `critical`. Conflict
    `no_approvers` where nobody could answer, or only whoever made the link.
    """
    able = {row["id"]: row for row in members if _counts(row, wait, now) and row["id"] != person_id}
    enough = max(ENOUGH, default.fewest())
    others = [name for name in able if name != issuer_id]
    not_by_issuer = [name for name in others if not able[name]["let_in"]]
    if len(not_by_issuer) >= enough or not _may_choose(members, issuer_id):
        others = not_by_issuer
    known = [name for name in others if able[name]["since"] <= now - LONG_KNOWN]
    if len(known) >= enough:
        others = known
    if not others:
        return _nobody()
    people = [name for name in able if name in others or (len(others) < ENOUGH and name == issuer_id)]
    needed = min(enough, len(people))
    passkeys = sum(able[name]["passkeys"] > 0 for name in people)
    strong = passkeys >= needed and not satisfies(default.min_assurance, SUBSTANTIAL)
    level = SUBSTANTIAL if strong else default.min_assurance
    life = DECIDE_WITHIN // SECOND
    rule = msgspec.structs.replace(
        default,
        approvals=needed,
        # Who decides about a key is said here, and each of them can stop it; it has a waiting time of its own.
        quorum=None,
        veto=None,
        wait=0,
        owner_counts=False,
        # The hub asks, and has no screen that shows a number; the new device's digits are compared instead.
        number_match=None,
        min_assurance=level,
        # Colleagues who have nothing but keys in their browsers could approve nothing critical; nobody else can help.
        risk=CRITICAL if satisfies(level, SUBSTANTIAL) or default.risk == CRITICAL else "high",
        longest=min(LONGEST_LIFE, life),
        # The yes lives as long as the key may have to wait; until then it can be taken back.
        approval_valid_for=(wait + DECIDE_WITHIN) // SECOND,
    )
    return rule.frozen_for(tuple(people), life)


def _may_choose(members: list[Row], issuer_id: str) -> bool:
    """Whether those whom the issuer let in may decide, where too few others could: an owner often let everybody in."""
    return issuer_id == OPERATOR or any(row["id"] == issuer_id and "owner" in row["roles"].split() for row in members)


def _counts(row: Row, wait: int, now: int) -> bool:
    may_answer = Permission.ANSWER in permissions(frozenset(row["roles"].split()))
    known = row["since"] is not None and row["since"] <= now - wait
    return may_answer and known and row["state"] == ACTIVE and row["keys"] > 0


def _nobody() -> Conflict:
    return Conflict(
        "no_approvers",
        "no colleague could answer: it takes one with a key beside whoever makes the link, who joined long enough ago"
        " and was not let in by an admin who makes it",
        next_step="Use a recovery code, or let the link be made on the hub's own computer:"
        " approvals-hub people recover PERSON --colleagues",
    )
