"""A plan: a group, a route or a schedule as somebody wrote it, with what it is called, hashed and counted by."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.core.strict_yaml import Mapped, Scalar, parse, refuse
from approvals_hub.routing import load, load_group, load_schedule
from approvals_hub.routing.load_group import Group
from approvals_hub.routing.route import Route, names
from approvals_hub.routing.schedule import Schedule

Kind = Literal["group", "route", "schedule"]
GROUP: Final = "group"
ROUTE: Final = "route"
SCHEDULE: Final = "schedule"

PLANS_LIMIT: Final = 200
"""Groups, routes and schedules of an organisation, each."""

CODES: Final[dict[str, str]] = {GROUP: load_group.CODE, ROUTE: load.CODE, SCHEDULE: load_schedule.CODE}
"""What a refusal of each kind is called."""


class Plan(msgspec.Struct, frozen=True):
    """What stands now. `version` grows by one with each change of this name, from 1."""

    kind: str
    name: str
    text: str
    hash: str
    version: int
    changed_at: int
    changed_by: str


def read(kind: str, name: str, text: str) -> Group | Route | Schedule:
    """What is written in `text`, which must be called `name`. Raises Invalid with line and column."""
    found: Group | Route | Schedule
    if kind == GROUP:
        found = load_group.load_group(text)
    else:
        found = load.load_route(text) if kind == ROUTE else load_schedule.load_schedule(text)
    if found.name != name:
        root = parse(text, code=CODES[kind])
        place = root.values[kind].place if isinstance(root, Mapped) else root.place
        refuse(CODES[kind], place, f"this {kind} is called {found.name!r} here, and {name!r} where it is put")
    return found


def name_in(kind: str, text: str) -> str:
    """What a text calls itself. Raises Invalid with line and column where it is no plan of this kind."""
    root = parse(text, code=CODES[kind])
    written = root.values.get(kind) if isinstance(root, Mapped) else None
    if not isinstance(written, Scalar):
        refuse(CODES[kind], root.place, f"the key {kind!r} with the name is missing here")
    return written.text


def hash_of(text: str) -> str:
    """What names this very text in the log."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def uses(text: str, kind: str, name: str) -> bool:
    """Whether a route's text names this group or schedule. A text that is not read any more uses nothing."""
    try:
        named = names(load.load_route(text))
    except Invalid:
        return False
    return name in (named.groups if kind == GROUP else named.schedules)
