"""How strongly a person authenticated for one decision. Only the hub computes it, from what it verified itself."""

from __future__ import annotations

from typing import Final

import msgspec

LEVELS: Final = {"LOW": 1, "SUBSTANTIAL": 2, "HIGH": 3}


class Assurance(msgspec.Struct, frozen=True):
    """`acr` ranks it (design table "Assurance"); `methods` names the providers, `binding` how the proof is tied."""

    acr: str
    amr: tuple[str, ...]
    methods: tuple[str, ...]
    binding: str


DEVICE_KEY: Final = Assurance("LOW", ("pop",), ("device_key",), "signed")
PASSKEY: Final = Assurance("SUBSTANTIAL", ("mfa", "pop", "user"), ("passkey",), "signed")


def of_device(kind: str) -> Assurance:
    """What a verified signature of this kind of device is worth.

    A passkey assertion counts only with user verification, which its verifier has required already.
    """
    return {"device_key": DEVICE_KEY, "passkey": PASSKEY}[kind]


def satisfies(acr: str, minimum: str) -> bool:
    """Whether `acr` ranks at or above `minimum`; an unknown level never does."""
    return LEVELS.get(acr, 0) >= LEVELS.get(minimum, len(LEVELS) + 1)


def lowest(levels: list[str]) -> str:
    """The level of an approval by several people: the lowest counted one."""
    return min(levels, key=lambda level: LEVELS[level])
