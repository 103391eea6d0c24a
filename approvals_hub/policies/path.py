"""Paths into an action: `$.payload.items[0].sku`, `$.payload['tool-name']`. Nothing in them is passed over."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Final

from approvals_hub.policies.document import Step

STEPS_LIMIT: Final = 32
FIRST: Final = (
    "action_id",
    "action_type",
    "requested_at",
    "principal",
    "subject",
    "relying_party",
    "payload",
    "attachments",
)
"""Members that an action has."""

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(0|[1-9][0-9]{0,4})\]|\['([^'\\\]\x00-\x1f]{1,64})'\]")


class Missing(Enum):
    """Stands for a value that is not there: null is one that is."""

    VALUE = "missing"


MISSING: Final = Missing.VALUE


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises ValueError, with the place, for everything that is none."""
    if not path.startswith("$"):
        raise ValueError("a path begins with '$.'")
    steps: list[Step] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(f"{path[at : at + 20]!r} in a path is none of .name, [0] and ['other name']")
        steps.append(int(found[2]) if found[2] is not None else found[1] or found[3])
        at = found.end()
    if not 1 <= len(steps) <= STEPS_LIMIT:
        raise ValueError(f"a path has 1 to {STEPS_LIMIT} steps after '$'")
    return tuple(steps)


def value_at(members: Any, steps: tuple[Step, ...]) -> Any:
    """The value there, or MISSING."""
    value = members
    for step in steps:
        if type(step) is int:
            if type(value) is not list or step >= len(value):
                return MISSING
            value = value[step]
        else:
            if type(value) is not dict or step not in value:
                return MISSING
            value = value[step]
    return value
