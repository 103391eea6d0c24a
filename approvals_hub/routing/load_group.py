"""Reads a group from YAML, strictly (docs/reference/routes.md): a name, and who is in it, in order."""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.core.strict_yaml import parse
from approvals_hub.core.yaml_fields import Fields
from approvals_hub.routing.load import A_NAME, A_PERSON, NAME, PERSON

CODE: Final = "group_invalid"
MEMBERS_LIMIT: Final = 200
"""People of one group."""


class Group(msgspec.Struct, frozen=True):
    """People as they are written: ids or mail addresses."""

    name: str
    members: tuple[str, ...]


def load_group(text: str | bytes) -> Group:
    """The group that is written in `text`. Raises Invalid (`group_invalid`) and nothing else, as `load_route` does."""
    fields = Fields(parse(text, code=CODE), ("group", "members"), code=CODE)
    fields.node("members")
    return Group(
        name=fields.text("group", NAME, A_NAME),
        members=fields.texts("members", MEMBERS_LIMIT, PERSON, A_PERSON),
    )
