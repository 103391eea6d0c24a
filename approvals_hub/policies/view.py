"""One action as rules see it: its values, the hub's word in the place of the agent's where only the hub's counts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from approvals_hub.policies.document import PROFILES, Step
from approvals_hub.policies.expression import context
from approvals_hub.policies.facts import Facts
from approvals_hub.policies.host import host_of
from approvals_hub.policies.labels import Known
from approvals_hub.policies.path import MISSING, value_at


class Claimed(Enum):
    """Stands for what an agent says of its own standing, which says nothing."""

    VALUE = "claimed"


CLAIMED = Claimed.VALUE

LARGEST: Final = 64 * 1024
"""Bytes of an action's JSON that expressions judge."""

_ASSURANCE = ("payload", "assurance_level")
_TRUST = ("relying_party", "trust_profile")


class View:
    """What there is to compare with. Its properties are worked out once for all rules."""

    __slots__ = ("_expressed", "action_type", "domains", "facts", "known", "members", "trust")

    def __init__(self, members: Mapping[str, Any], facts: Facts, known: Known) -> None:
        """`known` are the labels of this kind of action."""
        self._expressed: Any = MISSING
        self.members = members
        self.facts = facts
        self.known = known
        kind = members.get("action_type")
        self.action_type = kind if type(kind) is str else ""
        self.trust = trust_of(value_at(members, ("relying_party", "domain")), facts.registry)
        self.domains = {name: self._domain(name) for name in ("merchant_domain", "domain")}

    def at(self, steps: tuple[Step, ...]) -> Any:
        """The value at a path, or MISSING, or CLAIMED.

        The trust profile is the registry's, whatever the agent wrote; its own assurance level is nobody's.
        """
        if steps == _ASSURANCE:
            return CLAIMED
        if steps == _TRUST:
            return self.trust if type(self.members.get("relying_party")) is dict else MISSING
        return value_at(self.members, steps)

    @property
    def chain(self) -> tuple[str, ...] | None:
        """The agents on whose behalf it is asked; None where that cannot be read."""
        if self.facts.chain is not None:
            return self.facts.chain
        chain = value_at(self.members, ("principal", "chain"))
        if chain is MISSING:
            return ()
        if type(chain) is not list or any(type(link) is not str for link in chain):
            return None
        return tuple(chain)

    @property
    def expressed(self) -> Any:
        """The action for expressions, where the agent's word of its own standing is left out and the registry's trust
        stands in the place of its word; None for an action that is too large to be judged by them."""
        if self._expressed is MISSING:
            self._expressed = None if len(msgspec.json.encode(self.members)) > LARGEST else context(self._said())
        return self._expressed

    def _said(self) -> dict[str, Any]:
        said = dict(self.members)
        for whole, member, counts in (
            ("payload", _ASSURANCE[1], {}),
            ("relying_party", _TRUST[1], {_TRUST[1]: self.trust}),
        ):
            if type(said.get(whole)) is dict:
                said[whole] = {**{name: value for name, value in said[whole].items() if name != member}, **counts}
        return said

    def _domain(self, name: str) -> tuple[Any, ...]:
        """What the payload says and who the relying party is: both, where they are not the same host."""
        said = value_at(self.members, ("payload", name))
        party = value_at(self.members, ("relying_party", "domain"))
        found = [value for value in (said, party) if value is not MISSING and value is not None]
        return tuple(dict.fromkeys(host_of(value) for value in found))


def trust_of(domain: Any, registry: Mapping[str, str]) -> str:
    """How far the organisation trusts a counterparty: what its registry says of the host, else of the nearest name
    above it, else LOW."""
    host = host_of(domain)
    return PROFILES[0] if host is None else trust_at(host, registry)


def trust_at(name: str, registry: Mapping[str, str]) -> str:
    """How far the hosts are trusted that an entry of this name is about, a host or `*.` and a name: as it says, else as
    the nearest name above it does, else LOW. Those with a nearer entry of their own are others."""
    profile = registry.get(name)
    rest = name.removeprefix("*.")
    while profile is None and "." in rest:
        rest = rest.partition(".")[2]
        profile = registry.get(f"*.{rest}")
    return profile if profile in PROFILES else PROFILES[0]
