"""How surely the people behind a proof were who they are: what a verifier asks of it, and whether it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LEVELS: Final = {"LOW": 1, "SUBSTANTIAL": 2, "HIGH": 3}


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a proof does not show: a word for programs (`acr`, `methods`, `amr`, `auth_ref`), a sentence for people."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Proven:
    """What everybody who approved must have proven. None asks nothing.

    `min_acr` is a level, `methods` names of which each person used one (`bankid`, `passkey`), `amr` words that each
    has all of (RFC 8176), `auth_ref` a provider's reference that the proof names. Raises TypeError for what asks for
    nothing while it seems to ask: a level that is none, an empty list, an empty name.
    """

    min_acr: str | None = None
    methods: tuple[str, ...] | list[str] | None = None
    amr: tuple[str, ...] | list[str] | None = None
    auth_ref: str | None = None

    def __post_init__(self) -> None:
        """See the class."""
        if self.min_acr is not None and (not isinstance(self.min_acr, str) or self.min_acr not in LEVELS):
            raise TypeError(f"min_acr is one of {', '.join(LEVELS)}")
        for name, words in (("methods", self.methods), ("amr", self.amr)):
            if words is not None and not (isinstance(words, tuple | list) and words and all(map(_is_name, words))):
                raise TypeError(f"{name} is a list of names, and at least one")
        if self.auth_ref is not None and not _is_name(self.auth_ref):
            raise TypeError("auth_ref is a reference")

    def lacking(self, claims: Mapping[str, Any]) -> Lacking | None:
        """What these claims do not show of it; a claim that is missing or unknown shows nothing."""
        people = claims.get("approvers")
        if not isinstance(people, list) or not all(isinstance(each, dict) for each in people):
            people = []
        least, ways, words = LEVELS.get(self.min_acr or "", 0), self.methods, self.amr
        if least and not (people and all(_rank(each) >= least for each in (claims, *people))):
            return Lacking("acr", f"not everybody who approved is known at the level {self.min_acr}")
        if ways and not (people and all(not _words(each, "methods").isdisjoint(ways) for each in people)):
            return Lacking("methods", f"not everybody who approved used one of {', '.join(ways)}")
        if words and not (people and all(_words(each, "amr").issuperset(words) for each in people)):
            return Lacking("amr", f"not everybody who approved showed {', '.join(words)}")
        if self.auth_ref is not None and self.auth_ref not in _words(claims, "auth_ref"):
            return Lacking("auth_ref", "the proof names another reference, or none")
        return None


NOTHING: Final = Proven()


def _is_name(given: object) -> bool:
    return isinstance(given, str) and given != ""


def _rank(claims: Mapping[str, Any]) -> int:
    acr = claims.get("acr")
    return LEVELS.get(acr, 0) if isinstance(acr, str) else 0


def _words(claims: Mapping[str, Any], name: str) -> set[str]:
    words = claims.get(name)
    return {word for word in words if isinstance(word, str)} if isinstance(words, list) else set()
