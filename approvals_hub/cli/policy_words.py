"""A decision and its trace as lines for people, each with the style that it has in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from approvals_hub.core.visible import visible

_STYLES = {"ALLOW": "bold green", "DENY": "bold red"}
_MARKS = {"true": "✓", "false": "✗", "unknown": "?"}
_COLOURS = {"true": "green", "false": "dim", "unknown": "yellow"}

Line = tuple[str, str]


def lines_of(result: dict[str, Any]) -> Iterator[Line]:
    """(style, text) of each line; what an action or a policy wrote hides nothing in them."""
    for style, line in _lines(result["decision"], result["trace"]):
        yield style, visible(line).text


def _lines(decision: dict[str, Any], trace: list[dict[str, Any]]) -> Iterator[Line]:
    yield _STYLES.get(decision["decision"], "bold yellow"), f"{decision['decision']}: {decision['reason']}"
    policy = decision["policy"]
    if policy is not None:
        yield "", f"  policy {policy['id']}, version {policy['version']}, {policy['hash']}"
    if decision["asked"] is not None:
        members = decision["asked"]["members"]
        yield "", "  people are asked: " + (json.dumps(members, ensure_ascii=False) if members else "as always")
        if decision["asked"]["route"]:
            yield "", f"  by the route {decision['asked']['route']}"
    for owed in decision["obligations"]:
        yield "", f"  owed: {owed['type']} {json.dumps(owed['params'], ensure_ascii=False)} ({owed['because']})"
    for each in decision["reservations"]:
        who = ", ".join(each["counter"]["who"])
        word = "fits" if each["fits"] else "would pass the limit"
        yield "", f"  counts {each['amount']} for {who}: {each['total']} of {each['most']} before, {word}"
    if decision["proof"]:
        yield "", "  a proof is due"
    for entry in trace:
        yield from _rule(entry)


def _rule(entry: dict[str, Any]) -> Iterator[Line]:
    mark = "✓" if entry["matches"] else "✗"
    style = "bold" if entry["decides"] else "dim"
    place = f"{entry['policy_id']}:{entry['line']}"
    yield style, f"{mark} {entry['rule_id']} ({place}) {entry['effect']} {entry['action']}: {entry['why']}"
    for name in ("where", "constraints"):
        if entry[name] is not None:
            for part in entry[name]["parts"]:
                yield (
                    _COLOURS[part["outcome"]],
                    f"    {_MARKS[part['outcome']]} {part['name']}: {_value(part['value'])}",
                )
    if entry["when"] is not None:
        yield from _condition(entry["when"], "    ")


def _condition(part: dict[str, Any], indent: str) -> Iterator[Line]:
    mark, colour = _MARKS[part["outcome"]], _COLOURS[part["outcome"]]
    if "match" in part:
        yield colour, f"{indent}{mark} {part['match']}: {_value(part['value'])}"
        return
    kind = next(kind for kind in ("all", "any", "not") if kind in part)
    yield colour, f"{indent}{mark} {kind}"
    for each in part[kind] if kind != "not" else [part[kind]]:
        yield from _condition(each, indent + "  ")


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
