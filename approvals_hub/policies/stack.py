"""The policies that hold for one agent, laid over each other: the most specific first, read as one list of rules. Pure.

Agent over group over owner, and within a tier by rank, the lower first. The default is that of the first layer which
does not pass through; where all do, or there is none, it is `deny`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from approvals_hub.policies.document import DENY, PASSTHROUGH, TIERS, Layer, Policy, Rule
from approvals_hub.policies.index import Index
from approvals_hub.policies.labels import Known, known_of

_CACHED = 1_024


class Placed(msgspec.Struct, frozen=True):
    """A rule, and the policy that it stands in."""

    policy: Policy
    place: int
    """In its policy, from 0."""
    rule: Rule


class Stack:
    """Layers, ready to be asked. Made once for a set of bindings; nothing in it changes what it answers."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        """In any order; those of one tier and rank stay as they come."""
        self.layers = tuple(sorted(layers, key=lambda layer: (TIERS.index(layer.tier), layer.rank)))
        self.rules = tuple(
            Placed(layer.policy, place, rule) for layer in self.layers for place, rule in enumerate(layer.policy.rules)
        )
        self.limits = any(placed.rule.limits for placed in self.rules)
        """Whether anything is counted, by any rule."""
        speaks = [layer.policy for layer in self.layers if layer.policy.default != PASSTHROUGH]
        self.decides: Policy | None = speaks[0] if speaks else next((each.policy for each in self.layers), None)
        """Whose default counts."""
        self.default = speaks[0].default if speaks else DENY
        self._index = Index([placed.rule.action for placed in self.rules])
        self._labels = [layer.policy.labels for layer in self.layers if layer.policy.labels]
        self._known: dict[str, Known] = {}

    def speaking_of(self, action_type: str) -> Iterator[Placed]:
        """The rules whose pattern names this kind of action, in their order."""
        return (self.rules[place] for place in self._index.places(action_type))

    def known(self, action_type: str) -> Known:
        """What the layers' labels say of it."""
        if not self._labels:
            return Known()
        known = self._known.get(action_type)
        if known is None:
            known = known_of(action_type, self._labels)
            # Agents choose the names: what is remembered has a bound.
            if len(self._known) < _CACHED:
                self._known[action_type] = known
        return known
