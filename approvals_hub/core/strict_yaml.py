"""YAML that means the same to every reader: a small subset of YAML 1.2, as a tree that knows its lines.

Mappings, sequences and scalars, in block or flow style, and comments. Refused, always as Invalid with line and column:
anchors and aliases (a few lines can stand for gigabytes), tags, directives, several documents, keys that are written
twice (most readers silently keep the last), keys that are no plain words, and characters that do not show.

No scalar is interpreted here: `no` is three letters nowhere and a boolean in YAML 1.1, so whoever reads a field says
what it must be, and `yaml_fields.py` refuses what another reader could take for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec
import yaml

from approvals_hub.core.errors import Invalid

MAX_BYTES = 65_536
"""Bytes of one document."""
MAX_DEPTH = 12
"""Mappings and sequences within each other."""
MAX_NODES = 10_000
"""Mappings, sequences, keys and values of one document."""
KEY_LIMIT = 64
"""Characters of a key."""

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_BREAK = re.compile(r"\r\n|\r|\n")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: ten times faster. Only its events are used, nothing is built."""


class Most(msgspec.Struct, frozen=True):
    """How large a document may be, where its kind needs other limits than most."""

    size: int = MAX_BYTES
    depth: int = MAX_DEPTH
    nodes: int = MAX_NODES


class Place(msgspec.Struct, frozen=True):
    """Where something stands: line and column count from 1, `path` is like `$.levels[0].people`."""

    line: int
    column: int
    path: str


class Scalar(msgspec.Struct, frozen=True):
    """One value as it is written; `quoted` is False for a plain one, which readers of YAML 1.1 interpret."""

    place: Place
    text: str
    quoted: bool


class Listed(msgspec.Struct, frozen=True):
    """A sequence."""

    place: Place
    items: tuple[Node, ...]


class Mapped(msgspec.Struct, frozen=True):
    """A mapping in the order in which it is written; `keys` has the place of each key."""

    place: Place
    values: dict[str, Node]
    keys: dict[str, Place]


Node = Scalar | Listed | Mapped


def parse(text: str | bytes, *, code: str, most: Most | None = None) -> Node:
    """The tree of the one document in `text`.

    Raises Invalid, with this code, whose `extra` holds `line` and `column`, for everything that is not in the subset or
    over a limit, and nothing else whatever the bytes are.
    """
    plain = _characters(text, code, (most or Most()).size)
    try:
        return _Builder(code, _events(plain), most or Most()).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(1, 1, "$") if mark is None else Place(mark.line + 1, mark.column + 1, "$")
        refuse(code, place, f"this is no YAML: {error.problem or error.context or 'it cannot be read'}")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # Which words other errors have depends on the parser that PyYAML was built with; they name no line.
        raise _invalid(code, Place(1, 1, "$"), "this is no YAML") from error


def refuse(code: str, place: Place, problem: str) -> NoReturn:
    """Raises Invalid that says where and what."""
    raise _invalid(code, place, problem)


def _invalid(code: str, place: Place, problem: str) -> Invalid:
    return Invalid(
        code,
        f"line {place.line}, column {place.column}: {problem}",
        next_step="Correct that place and send the whole text again.",
        field=place.path,
        extra={"line": place.line, "column": place.column},
    )


def _characters(text: str | bytes, code: str, limit: int) -> str:
    """The text, once its size and every character are known to be harmless."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > limit:
        refuse(code, Place(1, 1, "$"), f"the text has {len(raw)} bytes and may have {limit}")
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        refuse(code, _at(before), "this is not UTF-8")
    for found in re.finditer(r"[^\n\r\x20-\x7e]", plain):
        if not found[0].isprintable():
            what = "a tab" if found[0] == "\t" else f"the character U+{ord(found[0]):04X}, which does not show"
            refuse(code, _at(plain[: found.start()]), f"here is {what}")
    return plain


def _at(before: str) -> Place:
    lines = _BREAK.split(before)
    return Place(len(lines), len(lines[-1]) + 1, "$")


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=_LOADER))


class _Builder:
    """Makes the tree from the parser's events: at the first one that is refused, nothing further is read."""

    def __init__(self, code: str, events: Iterator[Any], most: Most) -> None:
        self._code = code
        self._most = most
        self._events = events
        self._nodes = 0

    def document(self) -> Node:
        next(self._events)  # the stream's start
        begin = next(self._events)
        if isinstance(begin, yaml.StreamEndEvent):
            refuse(self._code, Place(1, 1, "$"), "the text is empty")
        if begin.version or begin.tags:
            refuse(self._code, self._place(begin, "$"), "directives (%) are not read here")
        node = self._node(next(self._events), "$", 0)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            refuse(self._code, self._place(after, "$"), "a second document begins here, and one is read")
        return node

    def _node(self, event: Any, path: str, depth: int) -> Node:
        place = self._place(event, path)
        if isinstance(event, yaml.AliasEvent):
            refuse(self._code, place, f"an alias, *{str(event.anchor)[:KEY_LIMIT]}, is not read here: write it out")
        if event.anchor is not None:
            refuse(self._code, place, f"an anchor, &{str(event.anchor)[:KEY_LIMIT]}, is not read here: write it out")
        if event.tag is not None:
            refuse(self._code, place, f"a tag, {str(event.tag)[:KEY_LIMIT]}, is not read here")
        self._nodes += 1
        if self._nodes > self._most.nodes:
            refuse(self._code, place, f"the text has more than {self._most.nodes} values")
        if isinstance(event, yaml.ScalarEvent):
            # An escape between double quotes can stand for a character that the text itself may not hold.
            if not event.value.replace("\n", "").isprintable():
                refuse(self._code, place, "this value holds a character that does not show")
            return Scalar(place, event.value, quoted=bool(event.style))
        if depth == self._most.depth:
            refuse(self._code, place, f"this is nested deeper than {self._most.depth} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place, depth + 1)
        return self._mapping(place, depth + 1)

    def _sequence(self, place: Place, depth: int) -> Listed:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{place.path}[{len(items)}]", depth))
        return Listed(place, tuple(items))

    def _mapping(self, place: Place, depth: int) -> Mapped:
        values: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(self._node(event, place.path, depth))
            at = self._place(event, f"{place.path}.{key}")
            if key in keys:
                refuse(self._code, at, f"the key {key!r} is written twice, first on line {keys[key].line}")
            keys[key] = at
            values[key] = self._node(next(self._events), at.path, depth)
        return Mapped(place, values, keys)

    def _key(self, node: Node) -> str:
        if not isinstance(node, Scalar) or len(node.text) > KEY_LIMIT or not _KEY.fullmatch(node.text):
            refuse(self._code, node.place, f"a key is a word of up to {KEY_LIMIT} letters, digits, '_', '-' and '.'")
        return node.text

    def _place(self, event: Any, path: str) -> Place:
        return Place(event.start_mark.line + 1, event.start_mark.column + 1, path)
