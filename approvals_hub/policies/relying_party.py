"""Those whom agents deal with, by the names of their hosts, and how far the organisation trusts each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from approvals_hub.core.errors import Conflict, Invalid, NotFound
from approvals_hub.people.who_answers import SoFar
from approvals_hub.policies.document import PROFILES
from approvals_hub.policies.host import hosts
from approvals_hub.policies.path import MISSING, value_at
from approvals_hub.policies.view import trust_at, trust_of
from approvals_hub_client.canonical import sha256_text

PARTIES_LIMIT: Final = 1_000
"""Relying parties of one organisation."""
WIDE: Final = "*."

Recorded = dict[str, str | int | bool | list[str] | None]


class RelyingParty(msgspec.Struct, frozen=True):
    """One entry of the registry: a host, or `*.` and a name for every host below it."""

    domain: str
    trust_profile: str
    changed_at: int
    changed_by: str


class Trust(msgspec.Struct, frozen=True):
    """How far the counterparty of one action is trusted, and what the agent said of it."""

    profile: str
    claimed: str | None = None

    def recorded(self) -> Recorded:
        """As the log has it: the agent's word stands beside the organisation's only where the two differ."""
        hint: Recorded = {} if self.claimed in (None, self.profile) else {"claimed_trust_profile": self.claimed}
        return {"trust_profile": self.profile, **hint}


def trust_in_action(members: Mapping[str, Any], registry: Mapping[str, str]) -> Trust | None:
    """What the registry says of an action's counterparty; None where the action names none."""
    domain = value_at(members, ("relying_party", "domain"))
    if domain is MISSING:
        return None
    claimed = value_at(members, ("relying_party", "trust_profile"))
    return Trust(trust_of(domain, registry), claimed if claimed in PROFILES else None)


class Entry(msgspec.Struct, frozen=True):
    """What the registry says of a name, None where nothing; how far its hosts are trusted by that, and how far they
    were by the names above alone."""

    trust_profile: str | None
    trusted: str
    above: str

    @classmethod
    def of(cls, domain: str, registry: Mapping[str, str]) -> Entry:
        """That of a name in a registry."""
        others = {name: said for name, said in registry.items() if name != domain}
        return cls(registry.get(domain), trust_at(domain, registry), trust_at(domain, others))

    def text(self) -> str:
        """As people are asked about it."""
        return msgspec.json.encode(self).decode()

    def so_far(self) -> SoFar:
        """What stands, where another one is proposed. It has another hash also where a wider name says otherwise."""
        return SoFar(self.text(), 0, sha256_text(self.text().encode()))

    def trusts_more_than(self, before: Entry) -> bool:
        """Whether its hosts are trusted more than before."""
        return PROFILES.index(self.trusted) > PROFILES.index(before.trusted)


def changed_entry(domain: str, registry: Mapping[str, str], profile: str | None) -> Entry:
    """The entry once the registry says this of the name, None for nothing."""
    after = {name: said for name, said in registry.items() if name != domain}
    return Entry.of(domain, after if profile is None else {**after, domain: profile})


def checked_domain(text: str) -> str:
    """The one spelling of a host, or of `*.` and a name. Raises Invalid: `*.co.uk` would be everybody's hosts."""
    try:
        found = hosts([text])
    except ValueError as error:
        raise _wrong("domain", str(error)) from None
    return next(iter(found.exact), None) or WIDE + next(iter(found.below))


def checked_profile(profile: str) -> str:
    """The same. Raises Invalid."""
    if profile not in PROFILES:
        raise _wrong("trust_profile", f"trust_profile is one of {', '.join(PROFILES)}")
    return profile


def party_unknown() -> NotFound:
    """There is none of this name."""
    return NotFound(
        "relying_party_unknown",
        "there is no relying party of this name in the registry",
        next_step="List the relying parties; a host below another's name may be covered by its '*.'.",
    )


def too_many_parties() -> Conflict:
    """A list that nobody can look through protects nobody."""
    return Conflict(
        "too_many",
        f"an organisation has at most {PARTIES_LIMIT} relying parties",
        next_step="Remove some, or write '*.' and a name for all hosts below it.",
        extra={"limit": PARTIES_LIMIT},
    )


def _wrong(member: str, detail: str) -> Invalid:
    return Invalid("relying_party_invalid", detail, next_step="Name a host like bank.example.com.", field=f"$.{member}")
