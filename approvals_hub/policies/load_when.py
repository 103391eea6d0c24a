"""Reads conditions. What could never be true, or only by a slip, is refused where it stands. Pure."""

from __future__ import annotations

from typing import Any, Final

from approvals_hub.core.strict_yaml import Listed, Node, Scalar, refuse
from approvals_hub.core.yaml_fields import Fields
from approvals_hub.policies.document import CODE, OPERATORS, ORDERED, All, AnyOf, Cel, Match, Not
from approvals_hub.policies.expression import Expression
from approvals_hub.policies.host import LIST_LIMIT, hosts
from approvals_hub.policies.path import FIRST, steps_of
from approvals_hub.policies.pattern import Pattern
from approvals_hub.policies.reading import Faults, mapping, value_of

DEPTH_LIMIT: Final = 12
"""Conditions within each other."""
PARTS_LIMIT: Final = 256
"""Of one `all` or `any`."""
PATTERNS_LIMIT: Final = 200
"""Regular expressions of one policy: each may keep a quarter of a megabyte."""

KINDS: Final = ("all", "any", "not", "match", "cel")
EXPRESSIONS_LIMIT: Final = 50
"""Expressions in CEL of one policy."""

_SCALARS: Final = (str, int, float, bool, type(None))


class Conditions:
    """Reads the conditions of one policy."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._patterns = 0
        self._expressions = 0

    def read(self, node: Node, depth: int = 1) -> Any:
        """One condition with all that is in it. Raises Invalid."""
        if depth > DEPTH_LIMIT:
            refuse(CODE, node.place, f"conditions lie within each other {DEPTH_LIMIT} deep at most")
        fields = mapping(node, KINDS, self._faults)
        written = [kind for kind in KINDS if fields.has(kind)]
        if len(written) != 1:
            refuse(CODE, node.place, "a condition is exactly one of all, any, not, match and cel")
        kind = written[0]
        inner = fields.node(kind)
        if kind == "not":
            return Not(self.read(inner, depth + 1))
        if kind == "match":
            return self._match(inner)
        if kind == "cel":
            return self._cel(inner)
        if not isinstance(inner, Listed) or len(inner.items) > PARTS_LIMIT:
            refuse(CODE, inner.place, f"{kind!r} is a list of at most {PARTS_LIMIT} conditions")
        parts = []
        for item in inner.items:
            with self._faults.kept():
                parts.append(self.read(item, depth + 1))
        return All(tuple(parts)) if kind == "all" else AnyOf(tuple(parts))

    def _match(self, node: Node) -> Match:
        fields = mapping(node, ("path", "op", "value"), self._faults)
        path, steps = self._path(fields)
        op = fields.choice("op", OPERATORS)
        if op == "exists":
            return Match(path, steps, op)
        if not fields.has("value"):
            fields.refuse("value", f"{op!r} compares with a 'value'; whether something is there says 'exists'")
        at = fields.node("value")
        value = value_of(at)
        if op in ("in", "nin", "host_in", "host_nin"):
            if type(value) is not list or len(value) > LIST_LIMIT:
                refuse(CODE, at.place, f"{op!r} compares with a list of at most {LIST_LIMIT}")
            return self._list(path, steps, op, value, at)
        if type(value) not in _SCALARS:
            refuse(CODE, at.place, f"{op!r} compares with one text, number, true, false or null: lists equal nothing")
        if op in ORDERED and type(value) not in (int, float):
            refuse(CODE, at.place, f"{op!r} compares with a number, without quotes")
        return Match(path, steps, op, value, self._pattern(at) if op == "regex" else None)

    def _list(self, path: str, steps: tuple[str | int, ...], op: str, value: list[Any], at: Node) -> Match:
        if op in ("in", "nin"):
            if any(type(each) not in _SCALARS for each in value):
                refuse(
                    CODE, at.place, f"{op!r} compares with texts, numbers, true, false and null: lists equal nothing"
                )
            return Match(path, steps, op, tuple(value))
        if any(type(each) is not str for each in value):
            refuse(CODE, at.place, f"{op!r} compares with a list of hosts")
        try:
            return Match(path, steps, op, tuple(value), hosts=hosts(value))
        except ValueError as error:
            refuse(CODE, at.place, str(error))

    def _cel(self, node: Node) -> Cel:
        self._expressions += 1
        if self._expressions > EXPRESSIONS_LIMIT:
            refuse(CODE, node.place, f"a policy has at most {EXPRESSIONS_LIMIT} expressions")
        if not isinstance(node, Scalar) or type(value_of(node)) is not str:
            refuse(CODE, node.place, "an expression is a text")
        try:
            return Cel(Expression(node.text))
        except ValueError as error:
            refuse(CODE, node.place, str(error))

    def _path(self, fields: Fields) -> tuple[str, tuple[str | int, ...]]:
        node = fields.node("path")
        if not isinstance(node, Scalar):
            refuse(CODE, node.place, "a path is a text like $.payload.category")
        try:
            steps = steps_of(node.text)
        except ValueError as error:
            refuse(CODE, node.place, str(error))
        return node.text, steps

    def _pattern(self, node: Node) -> Pattern:
        self._patterns += 1
        if self._patterns > PATTERNS_LIMIT:
            refuse(CODE, node.place, f"a policy has at most {PATTERNS_LIMIT} regular expressions")
        if not isinstance(node, Scalar) or type(value_of(node)) is not str:
            refuse(CODE, node.place, "a regular expression is a text")
        try:
            return Pattern(node.text)
        except ValueError as error:
            refuse(CODE, node.place, f"this regular expression cannot be matched in linear time: {error}")


def is_known_path(steps: tuple[str | int, ...]) -> bool:
    """Whether an action can have anything there."""
    return steps[0] in FIRST
