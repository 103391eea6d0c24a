"""One SQL text for both engines: `:name` parameters and `IN :names` lists, put into each engine's own words.

String literals, quoted names, comments and `::` casts are left alone. Every text is taken apart once and remembered, so
texts are constants of the program; what varies goes in as a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | ::
    | (?P<not>\bNOT\s+)?\bIN\s*(?:\(\s*:(?P<enclosed>[a-z_]\w*)\s*\)|\s:(?P<bare>[a-z_]\w*))
    | :(?P<name>[a-z_]\w*)
    | \bAS\s+(?P<type>INTEGER|REAL|BLOB)\b(?=\s*\))
    | (?P<another>;\s*\S)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*([a-z]+)", re.IGNORECASE | re.DOTALL)
_NEVER_INSIDE = frozenset(
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PRAGMA", "ATTACH", "SET", "COPY"]
)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_POSTGRES_TYPES = {"INTEGER": "BIGINT", "REAL": "DOUBLE PRECISION", "BLOB": "BYTEA"}
_MANY = 8192
_KNOWN_LENGTHS = 64


class In:
    """A list for `column IN :names` or `column NOT IN :names`. An empty one is in nothing: `IN` never matches."""

    __slots__ = ("values",)

    def __init__(self, values: Iterable[Any]) -> None:
        self.values: tuple[Any, ...] = tuple(values)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a parameter stands in the text; `before` is the text since the place before."""

    before: str
    name: str = ""
    may_be_list: bool = False
    negated: bool = False
    cast: str = ""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A text, taken apart."""

    places: tuple[_Place, ...]
    names: frozenset[str]
    order: tuple[str, ...]
    maybe_lists: tuple[str, ...]


class _KnownList(NamedTuple):
    """A text with one list: by the list's length, SQLite's text and the names of the list's places in it."""

    names: frozenset[str]
    name: str
    texts: dict[int, tuple[str, tuple[str, ...]]]


_statements: dict[str, _Statement] = {}
_known_lists: dict[str, _KnownList] = {}
_sqlite_lists: dict[tuple[str, tuple[int, ...]], str] = {}
_postgres: dict[tuple[str, tuple[str, ...]], str] = {}

plain_names: dict[str, frozenset[str]] = {}
"""Texts that SQLite takes as they are, with their parameters' names: the engine's short way past `for_sqlite`."""


def for_sqlite(sql: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text and the parameters as sqlite3 takes them.

    Raises ValueError for a missing or unknown parameter, for a list elsewhere than after IN, and for a statement that
    steers the transaction or the connection, and for a second statement behind the first.
    """
    remembered = _with_known_list(sql, params)
    if remembered is not None:
        return remembered
    statement = _parse(sql)
    _check(sql, statement, params)
    lists = [name for name in statement.maybe_lists if type(params[name]) is In]
    if not lists:
        if not statement.maybe_lists:
            plain_names[sql] = statement.names
        return _with_parentheses(sql, statement), params
    params = dict(params)
    sizes: dict[str, int] = {}
    counts: dict[str, int] = {}
    for name in lists:
        values = params.pop(name).values
        counts[name] = len(values)
        # Sizes are rounded up by repeating the last value: few texts, so SQLite's statement cache keeps them.
        sizes[name] = size = 1 << (len(values) - 1).bit_length() if values else 0
        params.update({f"{name}__{i}": values[min(i, len(values) - 1)] for i in range(size)})
    key = (sql, tuple(sizes.get(name, -1) for name in statement.maybe_lists))
    text = _sqlite_lists.get(key)
    if text is None:
        text = _sqlite_lists[key] = _sqlite_text(statement, sizes)
    if len(statement.maybe_lists) == 1:
        [name] = lists
        known = _known_lists.setdefault(sql, _KnownList(statement.names, name, {}))
        if len(known.texts) < _KNOWN_LENGTHS:
            known.texts[counts[name]] = (text, tuple(f"{name}__{i}" for i in range(sizes[name])))
    return text, params


def _with_known_list(sql: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The same for a text with one list of a length that it had before; None for others."""
    known = _known_lists.get(sql)
    if known is None or params.keys() != known.names or type(given := params[known.name]) is not In:
        return None
    values: tuple[Any, ...] = given.values
    found = known.texts.get(len(values))
    if found is None:
        return None
    text, places = found
    rest = {**params, **dict(zip(places, values, strict=False))}
    del rest[known.name]
    for place in places[len(values) :]:
        rest[place] = values[-1]
    return text, rest


def for_postgres(sql: str, params: dict[str, Any]) -> tuple[str, list[Any]]:
    """The text with `$n` and the arguments in order, as asyncpg takes them. Raises ValueError as `for_sqlite` does."""
    statement = _parse(sql)
    _check(sql, statement, params)
    lists = tuple(name for name in statement.maybe_lists if type(params[name]) is In)
    text = _postgres.get((sql, lists))
    if text is None:
        text = _postgres[(sql, lists)] = _postgres_text(statement, lists)
    return text, [params[name].values if name in lists else params[name] for name in statement.order]


def plain_name(name: str) -> str:
    """`name` itself, when it is a plain table or column name; else ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no plain table name")
    return name


def _parse(sql: str) -> _Statement:
    found = _statements.get(sql)
    if found is None:
        if len(_statements) >= _MANY:
            raise ValueError("too many different SQL texts: something is put into the text instead of a parameter")
        found = _statements[sql] = _take_apart(sql)
    return found


def _take_apart(sql: str) -> _Statement:
    first = _FIRST_WORD.match(sql)
    if first is None or first[1].upper() in _NEVER_INSIDE:
        raise ValueError(f"not a statement for a unit of work: {_short(sql)}")
    places: list[_Place] = []
    order: dict[str, None] = {}
    maybe_lists: dict[str, None] = {}
    end = 0
    for match in _TOKEN.finditer(sql):
        if match["another"]:
            raise ValueError(f"one statement at a time: {_short(sql)}")
        listed = match["enclosed"] or match["bare"]
        if listed:
            places.append(_Place(sql[end : match.start()], listed, may_be_list=True, negated=bool(match["not"])))
            maybe_lists[listed] = None
        elif match["name"]:
            places.append(_Place(sql[end : match.start()], match["name"]))
        elif match["type"]:
            places.append(_Place(sql[end : match.start()], cast=match["type"].upper()))
        else:
            continue
        if places[-1].name:
            order[places[-1].name] = None
        end = match.end()
    places.append(_Place(sql[end:]))
    return _Statement(tuple(places), frozenset(order), tuple(order), tuple(maybe_lists))


def _check(sql: str, statement: _Statement, params: Mapping[str, Any]) -> None:
    if params.keys() != statement.names:
        missing = ", ".join(sorted(statement.names - params.keys()))
        unknown = ", ".join(sorted(params.keys() - statement.names))
        raise ValueError(f"parameters missing: [{missing}], unknown: [{unknown}] in {_short(sql)}")
    for name, value in params.items():
        if type(value) is In and name not in statement.maybe_lists:
            raise ValueError(f"the list :{name} does not stand after IN in {_short(sql)}")
    if any(type(value) in (list, tuple, set, frozenset) for value in params.values()):
        raise ValueError(f"a list goes in as In(…) in {_short(sql)}")


def _with_parentheses(sql: str, statement: _Statement) -> str:
    return _sqlite_text(statement, {}) if statement.maybe_lists else sql


def _sqlite_text(statement: _Statement, sizes: Mapping[str, int]) -> str:
    text: list[str] = []
    for place in statement.places:
        text.append(place.before)
        if place.may_be_list:
            size = sizes.get(place.name)
            names = f":{place.name}" if size is None else ", ".join(f":{place.name}__{i}" for i in range(size))
            text.append(f"{'NOT ' if place.negated else ''}IN ({names})")
        elif place.name:
            text.append(f":{place.name}")
        elif place.cast:
            text.append(f"AS {place.cast}")
    return "".join(text)


def _postgres_text(statement: _Statement, lists: tuple[str, ...]) -> str:
    number = {name: f"${i}" for i, name in enumerate(statement.order, 1)}
    text: list[str] = []
    for place in statement.places:
        text.append(place.before)
        if place.name in lists and place.may_be_list:
            text.append(f"{'<> ALL' if place.negated else '= ANY'} ({number[place.name]})")
        elif place.may_be_list:
            text.append(f"{'NOT ' if place.negated else ''}IN ({number[place.name]})")
        elif place.name:
            text.append(number[place.name])
        elif place.cast:
            text.append(f"AS {_POSTGRES_TYPES[place.cast]}")
    return "".join(text)


def _short(sql: str) -> str:
    return " ".join(sql.split())[:120]
