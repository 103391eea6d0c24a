"""A step-up provider from outside: the word that the reception tells to whoever stands before it.

The smallest complete example: one module that needs nothing but `identity`. It proves little; see `amr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from identity.errors import Cancelled, Malformed, OtherIntent, Refused, TimedOut, WrongAnswer
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.registry import BadSettings, Given


class SpokenWord:
    """The provider `spoken_word`. `Factor.data` is `{"sha256": hex}` of the person's word of today."""

    def __init__(self, most_letters: int, name: str = "spoken_word") -> None:
        self.name = name
        self._most_letters = most_letters

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start. Raises Refused for somebody without a word, and for a link: the reception links people."""
        if step_up.purpose is Purpose.LINK or "sha256" not in factor.data:
            raise Refused("the reception has no word for this person")
        # The state says what it is for: the same word must not complete another step-up's challenge.
        return Challenge({"step_up": step_up.id}, {}, step_up.expires_at)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Pending:
        """Always Pending: only the person's answer completes it."""
        return Pending(state, {})

    async def complete(self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int) -> Proof:
        """Take `{"word": "…"}` or `{"cancel": true}`."""
        if state.get("step_up") != step_up.id:
            raise OtherIntent("the challenge was begun for another step-up")
        if now >= step_up.expires_at:
            raise TimedOut("nobody said the word in time")
        if isinstance(answer, dict) and answer.get("cancel") is True:
            raise Cancelled("the person ended it")
        word = answer.get("word") if isinstance(answer, dict) else None
        if not isinstance(word, str) or not word.isascii() or not 0 < len(word) <= self._most_letters:
            raise Malformed("the answer holds no word")
        hashed = sha256(word.encode()).hexdigest()
        if not compare_digest(hashed, factor.data["sha256"]):
            raise WrongAnswer("that is not the word")
        # `once`: the caller refuses the same word a second time.
        return Proof(self.name, ("kba",), Binding.SERVER, now, once=(f"word:{hashed[:16]}",))

    async def cancel(self, state: State) -> None:
        """Nothing runs anywhere."""


def make(name: str, settings: Mapping[str, Any], given: Given) -> SpokenWord:
    """What the entry point names; `name` is the table's. Raises BadSettings for an unknown setting."""
    unknown = set(settings) - {"most_letters"}
    if unknown:
        raise BadSettings(f"there is no setting {', '.join(sorted(unknown))}; there is most_letters")
    return SpokenWord(int(settings.get("most_letters", 32)), name)
