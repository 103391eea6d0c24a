"""Makes what the settings name, and loads nothing else: the step-up providers, ours and those of installed packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from approvals_hub.core.errors import Invalid

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from identity.provider import Provider
    from identity.webauthn import RelyingParty

ALWAYS = ("totp", "webauthn")
"""Ways that need no vendor and no settings."""


@dataclass(frozen=True, slots=True)
class Given:
    """What providers get of this hub."""

    relying_party: RelyingParty
    clock: Callable[[], int]
    code_key: bytes
    folder: Path
    """Where relative paths in settings start."""
    vendors: Callable[[], ClientSession]
    """Opens the HTTP session for vendors, for a provider that needs it."""


def step_up_providers(tables: Mapping[str, Mapping[str, Any]], given: Given) -> dict[str, Provider]:
    """The step-up providers of the settings. Raises Invalid, which names the table and what to change.

    A table with `off = true` takes a way away; those of `ALWAYS` are there otherwise.
    """
    from identity import registry

    named = {**{name: {} for name in ALWAYS}, **tables}
    wanted = {}
    for name, table in named.items():
        if "off" in table and type(table["off"]) is not bool:
            raise _wrong(name, "off is true or false")
        if not table.get("off", False):
            wanted[name] = {member: value for member, value in table.items() if member != "off"}
    try:
        return registry.load(
            wanted,
            registry.Given(
                relying_party=given.relying_party,
                clock=given.clock,
                code_key=given.code_key,
                folder=given.folder,
                vendors=given.vendors,
            ),
        )
    except registry.BadSettings as error:
        raise _wrong("", str(error)) from error


def _wrong(name: str, what: str) -> Invalid:
    place = f"step_up.{name}" if name else "step_up"
    return Invalid(
        "setting_wrong",
        what,
        next_step="See docs/howto/add_a_step_up_provider.md.",
        field=place,
    )
