"""A change of who must answer, or of whom agents may trust, that waits for a second person: nouns alone. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

GROUP_JOINED: Final = "group"
"""Somebody joins a group by which a policy, or the organisation, says who must answer."""
LESS_REQUIRED: Final = "requirement"
"""The organisation asks less of every question."""
WHO_ANSWERS: Final = (GROUP_JOINED, LESS_REQUIRED)
PARTY_TRUSTED: Final = "relying_party"
"""A counterparty is trusted more than so far."""
HUB_TRUSTED: Final = "trusted_hub"
"""Proofs of another hub, or by further keys of it, are taken."""
TRUST: Final = (PARTY_TRUSTED, HUB_TRUSTED)


class Wanted(msgspec.Struct, frozen=True):
    """What is to stand, whole, and what it is meant to replace."""

    change: str
    name: str
    text: str
    replaces: int
    replaces_hash: str | None


class SoFar(msgspec.Struct, frozen=True):
    """What stands so far; `version` is 0 of what has none."""

    text: str
    version: int
    hash: str


class Waiting(msgspec.Struct, frozen=True):
    """Nothing is changed yet: people are asked about this draft first."""

    draft_id: str
