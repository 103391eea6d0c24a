"""What a plan refers to must be there: each name that is not known is refused where it stands, with the nearest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from approvals_hub.core.strict_yaml import Listed, Mapped, Node, parse
from approvals_hub.core.yaml_fields import choice_of
from approvals_hub.routing.plan import CODES, ROUTE


class Known(msgspec.Struct, frozen=True):
    """What an organisation has. `people` maps what a plan may write, ids and mail addresses, to ids."""

    people: Mapping[str, str]
    groups: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()


def refuse_unknown(kind: str, text: str, known: Known) -> None:
    """Raises Invalid at the first name in the text of a plan, read before, that is not known."""
    root = parse(text, code=CODES[kind])
    for node, choices in _named(kind, root, known):
        choice_of(node, choices, code=CODES[kind])


def _named(kind: str, root: Node, known: Known) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Each node that names something, with what it may name."""
    people = tuple(sorted(known.people, key=lambda name: ("@" not in name, name)))
    if kind == ROUTE:
        for level in _items(root, "levels"):
            for key, choices in (("people", people), ("groups", known.groups), ("schedules", known.schedules)):
                yield from ((node, choices) for node in _items(level, key))
        return
    yield from ((node, people) for node in _items(root, "members"))
    for layer in _items(root, "layers"):
        yield from ((node, people) for node in _items(layer, "members"))
    for override in _items(root, "overrides"):
        if isinstance(override, Mapped):
            yield override.values["person"], people


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.values.get(key) if isinstance(node, Mapped) else None
    return found.items if isinstance(found, Listed) else ()
