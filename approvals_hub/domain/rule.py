"""Whose approvals a question takes, as a tree: so many of these people, all parts, one of them, or one after another.

`{"of": [names], "approvals": n}` is a group; `{"all": […]}`, `{"any": […]}` join parts; `{"stages": […]}` stands at the
top alone. A name is a person's id, `role:approver`, `role:admin`, `role:owner`, or `group:NAME`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub_client.rule import DEPTH_LIMIT, GROUPS_LIMIT, KINDS, PARTS_LIMIT, SEATS_LIMIT, Rule, kind_of, most

NAMES_LIMIT: Final = 50
"""Names of one group, and of those who have a veto."""
ROLES: Final = ("role:approver", "role:admin", "role:owner")
"""Together: everybody who may answer."""
NAME: Final = r"role:(approver|admin|owner)|group:[a-z0-9][a-z0-9_-]{0,62}|per_[0-9A-Za-z]{1,60}"

_NAME = re.compile(NAME)


def checked(rule: Rule, path: str = "$.quorum") -> Rule:
    """A rule that an admin wrote, with what was left out filled in.

    Raises Invalid with the field's path for what cannot be meant: nothing to choose from, more approvals than people,
    stages within something else, and a rule larger than anybody can read.
    """
    found = _checked(rule, path, depth=1)
    if sum(1 for _ in found.groups()) > GROUPS_LIMIT:
        raise invalid(path, f"a rule has at most {GROUPS_LIMIT} groups")
    if most(found) > SEATS_LIMIT:
        raise invalid(path, f"a rule takes at most {SEATS_LIMIT} approvals")
    return found


def check_names(names: Collection[str], path: str) -> None:
    """Raises Invalid for no names, too many, one twice, and one that can be nobody's."""
    if not 1 <= len(names) <= NAMES_LIMIT:
        raise invalid(path, f"it takes 1 to {NAMES_LIMIT} names")
    seen: set[str] = set()
    for place, name in enumerate(names):
        if _NAME.fullmatch(name) is None:
            raise invalid(f"{path}[{place}]", "a name is role:approver, role:admin, role:owner, group:NAME or a person")
        if name in seen:
            raise invalid(f"{path}[{place}]", "this name stands there already")
        seen.add(name)


def invalid(path: str, detail: str) -> Invalid:
    """What an admin wrote makes no sense there."""
    return Invalid("requirement_invalid", detail, next_step="See docs/howto/ask_several_people.md.", field=path)


def paths_of_names(rule: Rule, path: str = "$.quorum") -> dict[str, str]:
    """Where each name stands first."""
    found: dict[str, str] = {}

    def note(name: str, place: str) -> Collection[str]:
        found.setdefault(name, place)
        return ()

    rule.frozen(note, path)
    return found


def _checked(rule: Rule, path: str, depth: int) -> Rule:
    if depth > DEPTH_LIMIT:
        raise invalid(path, f"parts lie within parts {DEPTH_LIMIT} deep at most")
    if sum(getattr(rule, kind) is not None for kind in KINDS) != 1:
        raise invalid(path, "a part has exactly one of of, all, any and stages")
    if rule.people is not None:
        raise invalid(f"{path}.people", "who stands behind a name is found when a question opens")
    if rule.of is not None:
        return _group(rule, rule.of, path)
    if rule.approvals is not None:
        raise invalid(f"{path}.approvals", "approvals stands beside of")
    kind = kind_of(rule)
    if kind == "stages" and depth > 1:
        raise invalid(f"{path}.stages", "stages stand at the top, within nothing else")
    if not 1 <= len(rule.parts) <= PARTS_LIMIT:
        raise invalid(f"{path}.{kind}", f"it takes 1 to {PARTS_LIMIT} parts")
    parts = tuple(_checked(part, f"{path}.{kind}[{place}]", depth + 1) for place, part in enumerate(rule.parts))
    return msgspec.structs.replace(rule, **{kind: parts})


def _group(rule: Rule, names: tuple[str, ...], path: str) -> Rule:
    check_names(names, f"{path}.of")
    approvals = 1 if rule.approvals is None else rule.approvals
    if not 1 <= approvals <= SEATS_LIMIT:
        raise invalid(f"{path}.approvals", f"approvals is from 1 to {SEATS_LIMIT}")
    if approvals > len(names) and all(name.startswith("per_") for name in names):
        raise invalid(f"{path}.approvals", f"{approvals} of {len(names)} people can never approve")
    return msgspec.structs.replace(rule, approvals=approvals)
