"""What of one OpenAPI document breaks whoever was written for an earlier one.

Clients of the last version must be served by this one, and the other way round while two processes run side by side
during an upgrade. So what is asked may only widen, and what is answered may only be added to:

- an operation, a parameter, a member of an answer, a status that says success stays;
- what is asked takes at least what it took: no new required member, no narrower type, pattern, bound or choice;
- what is answered promises at least what it promised: a required member stays required, its type is no wider;
- a new refusal, member, choice of an answer, or operation is an addition.

A choice that an answer gains (another `status`, say) is an addition, as clients are told to expect words that they do
not know; one that it loses is none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

BOUNDS = (
    ("maxLength", 1),
    ("maxItems", 1),
    ("maximum", 1),
    ("minLength", -1),
    ("minItems", -1),
    ("minimum", -1),
)
"""Bounds with the direction in which they widen."""
METHODS = ("get", "put", "post", "patch", "delete")


def broken(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Every break, each with its place."""
    return sorted(set(_operations(before, after)))


def _operations(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for path, methods in before["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            there = after["paths"].get(path, {}).get(method)
            if there is None:
                yield f"{method.upper()} {path}: is gone"
            else:
                yield from _operation(f"{method.upper()} {path}", methods[method], there, before, after)


def _operation(
    place: str, old: dict[str, Any], new: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> Iterator[str]:
    asked, known = _parameters(new), _parameters(old)
    for name, parameter in asked.items():
        if parameter.get("required") and not known.get(name, {}).get("required"):
            yield f"{place} {name[1]}: is required now"
    for name, parameter in known.items():
        if name not in asked:
            yield f"{place} {name[1]}: is not read any more"
        else:
            yield from _Asked(before, after).differ(f"{place} {name[1]}", parameter["schema"], asked[name]["schema"])
    if "requestBody" in new and "requestBody" not in old and new["requestBody"].get("required"):
        yield f"{place} body: is required now"
    if "requestBody" in old:
        if "requestBody" not in new:
            yield f"{place} body: is not read any more"
        else:
            if new["requestBody"].get("required") and not old["requestBody"].get("required"):
                yield f"{place} body: is required now"
            yield from _contents(f"{place} body", old["requestBody"], new["requestBody"], _Asked(before, after))
    for who in old.get("security", []):
        if "security" in new and who not in new["security"]:
            yield f"{place}: does not take {'/'.join(who) or 'nobody'} any more"
    if "security" in new and "security" not in old:
        yield f"{place}: asks who calls now"
    for status, response in old["responses"].items():
        if status >= "400":
            continue
        if status not in new["responses"]:
            yield f"{place}: does not answer {status} any more"
        else:
            yield from _contents(f"{place} {status}", response, new["responses"][status], _Given(before, after))


def _parameters(operation: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["in"], each["name"]): each for each in operation.get("parameters", [])}


def _contents(place: str, old: dict[str, Any], new: dict[str, Any], by: _Compare) -> Iterator[str]:
    for media, content in old.get("content", {}).items():
        if media not in new.get("content", {}):
            yield f"{place}: is no {media} any more"
        elif "schema" in content:
            yield from by.differ(place, content["schema"], new["content"][media]["schema"])


class _Compare(ABC):
    """Compares two forms member by member; a form that contains itself is compared once."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        self._old, self._new = (each["components"]["schemas"] for each in (before, after))
        self._seen: set[tuple[str, str]] = set()

    def differ(self, place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        olds, news = alternatives(old, self._old), alternatives(new, self._new)
        for each, other in self.pairs(olds, news):
            if other is None:
                yield self.lost(place, kind(each))
            else:
                yield from self.one(place, each, other)

    @abstractmethod
    def pairs(
        self, olds: list[dict[str, Any]], news: list[dict[str, Any]]
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        """Each alternative that has to have its like, with that."""

    @abstractmethod
    def lost(self, place: str, what: str) -> str:
        """What it means where there is no like of a kind."""

    @abstractmethod
    def one(self, place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        """The breaks of one alternative."""

    def inside(self, place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        """What both have: members, items, values."""
        for name, form in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from self.differ(f"{place}.{name}", form, new["properties"][name])
        for name in ("items", "additionalProperties"):
            if isinstance(old.get(name), dict) and isinstance(new.get(name), dict):
                yield from self.differ(f"{place}[]", old[name], new[name])


class _Asked(_Compare):
    """Forms of what clients send: the new one takes whatever the old one took."""

    def pairs(
        self, olds: list[dict[str, Any]], news: list[dict[str, Any]]
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        for old in olds:
            yield old, like(old, news)

    def lost(self, place: str, what: str) -> str:
        return f"{place}: takes no {what} any more"

    def one(self, place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        for name in new.get("required", []):
            if name not in old.get("required", []):
                yield f"{place}.{name}: is required now"
        for name in old.get("properties", {}):
            if name not in new.get("properties", {}) and new.get("additionalProperties") is False:
                yield f"{place}.{name}: is refused now"
        for name, widens in BOUNDS:
            if name in new and (name not in old or (new[name] - old[name]) * widens < 0):
                yield f"{place}: {name} is narrower"
        if "pattern" in new and new["pattern"] != old.get("pattern"):
            yield f"{place}: pattern is another one"
        if "enum" in new and not set(old.get("enum", [object()])) <= set(new["enum"]):
            yield f"{place}: takes fewer words"
        yield from self.inside(place, old, new)


class _Given(_Compare):
    """Forms of what the hub answers: the new one promises whatever the old one promised."""

    def pairs(
        self, olds: list[dict[str, Any]], news: list[dict[str, Any]]
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
        for new in news:
            found = like(new, olds)
            yield (new, None) if found is None else (found, new)

    def lost(self, place: str, what: str) -> str:
        return f"{place}: may be {what} now"

    def one(self, place: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
        for name in old.get("properties", {}):
            if name not in new.get("properties", {}):
                yield f"{place}.{name}: is gone"
        for name in old.get("required", []):
            if name in new.get("properties", {}) and name not in new.get("required", []):
                yield f"{place}.{name}: may be missing now"
        if "enum" in old and "enum" not in new:
            yield f"{place}: is any word now"
        yield from self.inside(place, old, new)


def alternatives(form: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """The forms that a form stands for, references followed."""
    if "$ref" in form:
        return alternatives(schemas[form["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in form:
        return [found for each in form["anyOf"] for found in alternatives(each, schemas)]
    return [form]


def like(form: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The one among them that is of the same kind: of the same title, where there are several."""
    same = [other for other in others if kind(other) in (kind(form), "anything")]
    if not same and kind(form) == "integer":
        same = [other for other in others if kind(other) == "number"]
    titled = [other for other in same if other.get("title") == form.get("title")]
    return next(iter(titled or same), None)


def kind(form: dict[str, Any]) -> str:
    """`string`, `object`, …; of a list of words, a string."""
    if "enum" in form:
        return "null" if form["enum"] == [None] else "string"
    return str(form.get("type", "anything"))
