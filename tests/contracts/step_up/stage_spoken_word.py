"""The sample package of `tests/fakes/step_up_plugin` on a stage: an outside provider runs the same suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

from identity.proof import Challenge, Factor
from tests.contracts.step_up.stage import Stage
from tests.contracts.step_up.typed_stage import TypedStage
from tests.fakes.step_up_plugin.spoken_word import SpokenWord

MINE, THEIRS = "juniper", "larkspur"
LISTED = {name: [sha256(word.encode()).hexdigest()] for name, word in (("anna", MINE), ("bo", THEIRS))}
"""The reception's list."""
WORDS: tuple[Any, ...] = ("", None, 7, [], "x" * 33, "enbär", "\ud800")


class SpokenWordStage(TypedStage):
    """Its answer is `{"word": …}`."""

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        return {"word": THEIRS if other_person else MINE}


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    yield SpokenWordStage(
        SpokenWord(LISTED, 32),
        Factor({"person": "anna"}),
        lambda now: MINE,
        lambda now: THEIRS,
        [{"word": word} for word in WORDS],
        [],
    )
