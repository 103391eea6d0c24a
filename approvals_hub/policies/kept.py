"""A policy as an organisation keeps it: its text, what it is called, and for which agents it holds."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound
from approvals_hub.core.row import Row
from approvals_hub.policies.document import AGENT, OWNER, RANK, TIERS

POLICIES_LIMIT: Final = 200
"""Of one organisation, in force."""
RANK_LIMIT: Final = 1_000_000
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
TEAM: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
AGENT_ID: Final = re.compile(r"agt_[0-9A-Za-z]{1,60}")


class Binding(msgspec.Struct, frozen=True):
    """For which agents a policy holds, and where it stands among those of its tier: the lower rank first."""

    tier: str = OWNER
    bound_to: str | None = None
    """An agent's id, or a team's name; None for every agent of the organisation."""
    rank: int = RANK

    def holds_for(self, agent_id: str, teams: frozenset[str]) -> bool:
        """Whether it is this agent's."""
        if self.tier == AGENT:
            return self.bound_to == agent_id
        return self.tier == OWNER or self.bound_to in teams


class KeptPolicy(msgspec.Struct, frozen=True):
    """What is in force. `version` grows by one with each change of the text, from 1."""

    policy_id: str
    name: str
    text: str
    hash: str
    version: int
    binding: Binding
    source: str | None
    """Where the text comes from, like a commit, as whoever published it says."""
    published_at: int
    published_by: str
    publisher: str | None = None
    """What they are called, where somebody reads it who may know; None for the operator, and who is here no more."""


class PolicyVersion(msgspec.Struct, frozen=True):
    """One text that is or was in force."""

    version: int
    text: str
    hash: str
    source: str | None
    published_at: int
    published_by: str
    publisher: str | None = None


def checked_binding(binding: Binding) -> Binding:
    """The same. Raises Invalid with the field's path where it cannot be."""
    if binding.tier not in TIERS:
        raise _wrong("$.tier", f"tier is one of {', '.join(TIERS)}")
    if not 0 <= binding.rank <= RANK_LIMIT:
        raise _wrong("$.rank", f"rank is from 0 to {RANK_LIMIT}")
    if binding.tier == OWNER:
        if binding.bound_to is not None:
            raise _wrong("$.bound_to", "a policy of the tier 'owner' holds for every agent, and is bound to none")
        return binding
    form, what = (AGENT_ID, "an agent's id") if binding.tier == AGENT else (TEAM, "the name of a team of agents")
    if binding.bound_to is None or form.fullmatch(binding.bound_to) is None:
        raise _wrong("$.bound_to", f"a policy of the tier {binding.tier!r} is bound to {what}")
    return binding


def checked_name(name: str) -> str:
    """The same. Raises Invalid."""
    if NAME.fullmatch(name) is None:
        raise _wrong("$.name", "a policy's name has 1 to 63 small letters, digits, '_' and '-'")
    return name


def kept_of(row: Row) -> KeptPolicy:
    """The policy of a stored row."""
    return KeptPolicy(
        row["id"],
        row["name"],
        row["body"],
        row["hash"],
        row["version"],
        Binding(row["tier"], row["bound_to"], row["rank"]),
        row["source"],
        row["published_at"],
        row["published_by"],
    )


def version_of(row: Row) -> PolicyVersion:
    """One version of a stored row."""
    return PolicyVersion(
        row["version"], row["body"], row["hash"], row["source"], row["published_at"], row["published_by"]
    )


def policy_unknown() -> NotFound:
    """There is none of this name."""
    return NotFound("policy_unknown", "there is no policy of this name", next_step="List the policies.")


def refuse_version(before: KeptPolicy | None, version: int) -> HubError | None:
    """Why a change against this version is not made: somebody else was faster."""
    standing = 0 if before is None else before.version
    if standing == version:
        return None
    return Conflict(
        "version_changed",
        f"this policy has version {standing} now, and version {version} was to be changed",
        next_step="Read it again, make the change there, and send it with its version (0 for a new one).",
        field="$.version",
        extra={"version": standing},
    )


def _wrong(field: str, detail: str) -> Invalid:
    return Invalid("policy_invalid", detail, next_step="Correct the named member.", field=field)
