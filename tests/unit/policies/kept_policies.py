"""Policies in force, for tests."""

from __future__ import annotations

from typing import Any

from approvals_hub.policies.kept import Binding, KeptPolicy
from tests.unit.hub_fixture import StaffedHub

DENY = "version: 1\ndefault: deny\nrules: []\n"
ALLOW = "version: 1\ndefault: allow\nrules: []\n"
ASK = "version: 1\ndefault: require_approval\nrules: []\n"


def rules(*lines: str, default: str = "deny") -> str:
    """A policy of these rules, each in YAML's flow style."""
    return f"version: 1\ndefault: {default}\nrules:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


async def publish(
    house: StaffedHub, text: str, name: str = "main", *, version: int = 0, binding: Binding | None = None, **more: Any
) -> KeptPolicy:
    """Put it in force as the operator does."""
    return await house.hub.policies.keep.publish(house.operator, name, text, version=version, binding=binding, **more)
