"""How a policy's text is read: every fault is kept with its place, and all are told at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from approvals_hub.core.errors import Invalid
from approvals_hub.core.strict_yaml import Listed, Mapped, Most, Node, Place, Scalar, parse, refuse
from approvals_hub.core.yaml_fields import Fields, nearest, surprise
from approvals_hub.policies.document import CODE
from approvals_hub_client.canonical import MAX_INTEGER

LIMITS: Final = Most(size=512 * 1024, depth=40, nodes=100_000)
"""Of a policy's text: some 2,000 rules."""
FAULTS_LIMIT: Final = 50
"""Faults that are told at once."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?")
_CORE: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING: Final = frozenset({"null", "Null", "NULL", "~"})


class Faults:
    """What is wrong with a text, in the order of its lines."""

    def __init__(self) -> None:
        self._found: list[Invalid] = []

    def at(self, place: Place, problem: str) -> None:
        """Note one."""
        with self.kept():
            refuse(CODE, place, problem)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is refused within is noted, and reading goes on behind it."""
        try:
            yield
        except Invalid as fault:
            if len(self._found) < FAULTS_LIMIT:
                self._found.append(fault)

    def settle(self) -> None:
        """Raises Invalid with all of them, the first one foremost; does nothing where there is none."""
        if not self._found:
            return
        found = sorted(self._found, key=lambda fault: (fault.extra["line"], fault.extra["column"]))
        first, more = found[0], len(found) - 1
        raise Invalid(
            CODE,
            first.detail + (f" (and {more} more)" if more else ""),
            next_step="Correct each place and send the whole text again.",
            field=first.field,
            extra={**first.extra, "errors": [_told(fault) for fault in found]},
        )


def tree_of(text: str | bytes) -> Node:
    """The text's tree. Raises Invalid, with the one fault after which nothing can be read, in the same form."""
    try:
        return parse(text, code=CODE, most=LIMITS)
    except Invalid as fault:
        fault.extra = {**fault.extra, "errors": [_told(fault)]}
        raise


def mapping(node: Node, allowed: tuple[str, ...], faults: Faults) -> Fields:
    """The fields of a mapping; every key that is not known is noted. Raises Invalid where it is none."""
    if not isinstance(node, Mapped):
        return Fields(node, allowed, code=CODE)
    for key, place in node.keys.items():
        if key not in allowed:
            faults.at(place, f"unknown key {key!r}; {nearest(key, allowed)}")
    known = {key: value for key, value in node.values.items() if key in allowed}
    return Fields(Mapped(node.place, known, {key: node.keys[key] for key in known}), allowed, code=CODE)


def value_of(node: Node) -> Any:
    """JSON: texts, numbers as they stand in JSON, true, false, null, lists and objects.

    Raises Invalid for a scalar that readers of YAML understand differently.
    """
    if isinstance(node, Listed):
        return [value_of(item) for item in node.items]
    if isinstance(node, Mapped):
        return {key: value_of(value) for key, value in node.values.items()}
    if node.quoted:
        return node.text
    if node.text in _CORE:
        return _CORE[node.text]
    if node.text in _NOTHING:
        return None
    if _NUMBER.fullmatch(node.text):
        return _number(node)
    if (other := surprise(node.text)) or not node.text:
        if not node.text:
            refuse(CODE, node.place, "nothing is written here: write null, or '' for an empty text")
        shown = node.text[:64]
        refuse(CODE, node.place, f"some readers of YAML take {shown} for {other}: write it in quotes, or as JSON would")
    return node.text


def number(fields: Fields, key: str) -> int | float | None:
    """A number, None where it is not written. Raises Invalid."""
    if not fields.has(key):
        return None
    node = fields.node(key)
    found = value_of(node)
    if type(found) not in (int, float):
        refuse(CODE, node.place, f"{key!r} is a number, without quotes")
    return found  # type: ignore[no-any-return]  # just looked at


def boolean(fields: Fields, key: str, default: bool = False) -> bool:
    """true or false. Raises Invalid."""
    if not fields.has(key):
        return default
    node = fields.node(key)
    found = value_of(node)
    if type(found) is not bool:
        refuse(CODE, node.place, f"{key!r} is true or false, without quotes")
    return found


def texts(fields: Fields, key: str, most: int) -> tuple[str, ...] | None:
    """A list of texts, which may be empty, in quotes or not; None where it is not written. Raises Invalid."""
    if not fields.has(key):
        return None
    node = fields.node(key)
    found = value_of(node)
    if type(found) is not list or len(found) > most:
        refuse(CODE, node.place, f"{key!r} is a list of at most {most} texts")
    for each, item in zip(found, node.items if isinstance(node, Listed) else (), strict=True):
        if type(each) is not str:
            refuse(CODE, item.place, f"{key!r} is a list of texts: write this one in quotes")
    return tuple(found)


def names(fields: Fields, key: str, most: int, known: tuple[str, ...] | None = None) -> tuple[str, ...] | None:
    """One word or a list of words, at least one; None where it is not written. Raises Invalid."""
    if not fields.has(key):
        return None
    node = fields.node(key)
    items = node.items if isinstance(node, Listed) else (node,)
    if not 1 <= len(items) <= most:
        refuse(CODE, node.place, f"{key!r} is one word or a list of 1 to {most}")
    found = []
    for item in items:
        each = value_of(item)
        if type(each) is not str or not 1 <= len(each) <= 128 or not each.isprintable():
            refuse(CODE, item.place, f"{key!r} has words of 1 to 128 characters")
        if known is not None and each not in known:
            refuse(CODE, item.place, f"{each[:64]!r} is not known here; {nearest(each, known)}")
        if each in found:
            refuse(CODE, item.place, f"{each[:64]!r} is written twice")
        found.append(each)
    return tuple(found)


def _number(node: Scalar) -> int | float:
    found = float(node.text) if "." in node.text else int(node.text)
    if abs(found) > MAX_INTEGER:
        refuse(CODE, node.place, "this number is beyond 2^53-1, which not every reader holds: write it in quotes")
    return found


def _told(fault: Invalid) -> dict[str, Any]:
    return {
        "line": fault.extra["line"],
        "column": fault.extra["column"],
        "field": fault.field,
        "detail": fault.detail,
    }
