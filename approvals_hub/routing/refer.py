"""What a plan refers to must be there: each name that is not known is refused where it stands, with the nearest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from approvals_hub.core.strict_yaml import Listed, Mapped, Node, Scalar, parse
from approvals_hub.core.yaml_fields import choice_of
from approvals_hub.routing.plan import CODES, ROUTE

Named = Literal["person", "group", "schedule", "channel"]


class Known(msgspec.Struct, frozen=True):
    """What an organisation has. `people` maps what a plan may write, ids and mail addresses, to ids. Where there is no
    channel at all, a route may name any: it can be written before they are set up."""

    people: Mapping[str, str]
    groups: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


class Missing(msgspec.Struct, frozen=True):
    """A name in a saved text that leads nowhere any more, or does not yet, and what follows from it."""

    path: str
    kind: Named
    name: str
    detail: str


MISSING: Final[dict[Named, str]] = {
    "person": "nobody here has this id or address, or not any more: nobody is told in their place",
    "group": "there is no such group any more: it stands for nobody",
    "schedule": "there is no such schedule any more: nobody is on call by it",
    "channel": "there is no such channel, or not any more: nobody is told over it, and the next way is tried at once",
}
"""What is said of each kind of name."""


def refuse_unknown(kind: str, text: str, known: Known) -> None:
    """Raises Invalid at the first name in the text of a plan, read before, that is not known."""
    root = parse(text, code=CODES[kind])
    for _, node, choices in _named(kind, root, known):
        choice_of(node, choices, code=CODES[kind])


def missing(kind: str, text: str, known: Known) -> list[Missing]:
    """Every name in the text of a saved plan that is not known now, in the order in which it is written."""
    return [
        Missing(node.place.path, what, node.text, MISSING[what])
        for what, node, choices in _named(kind, parse(text, code=CODES[kind]), known, whole=True)
        if isinstance(node, Scalar) and node.text not in choices
    ]


def _named(
    kind: str, root: Node, known: Known, *, whole: bool = False
) -> Iterator[tuple[Named, Node, tuple[str, ...]]]:
    """Each node that names something: what, and what it may name. `whole`: channels also where none is known."""
    people = tuple(sorted(known.people, key=lambda name: ("@" not in name, name)))
    if kind == ROUTE:
        for level in _items(root, "levels"):
            yield from (("person", node, people) for node in _items(level, "people"))
            yield from (("group", node, known.groups) for node in _items(level, "groups"))
            yield from (("schedule", node, known.schedules) for node in _items(level, "schedules"))
            if known.channels or whole:
                yield from (("channel", _channel(node), known.channels) for node in _items(level, "channels"))
        return
    yield from (("person", node, people) for node in _items(root, "members"))
    for layer in _items(root, "layers"):
        yield from (("person", node, people) for node in _items(layer, "members"))
    for override in _items(root, "overrides"):
        if isinstance(override, Mapped):
            yield "person", override.values["person"], people


def _channel(node: Node) -> Node:
    return node.values["channel"] if isinstance(node, Mapped) else node


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.values.get(key) if isinstance(node, Mapped) else None
    return found.items if isinstance(found, Listed) else ()
