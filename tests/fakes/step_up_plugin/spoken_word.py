"""A step-up provider from outside: the words that the reception tells to whoever stands before it, each good once.

The smallest complete example: one module that needs nothing but `identity`. It proves little; see `amr`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from identity.errors import Cancelled, Malformed, OtherIntent, Refused, TimedOut, WrongAnswer
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.registry import BadSettings, Given


class SpokenWord:
    """The provider `spoken_word`. `Factor.data` is `{"person": name}`: who they are on the reception's list."""

    def __init__(self, words: Mapping[str, Sequence[str]], most_letters: int, name: str = "spoken_word") -> None:
        """`words`: for each name on the list the SHA-256 of their words, in hex."""
        self.name = name
        self._words = words
        self._most_letters = most_letters

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start. Raises Refused for somebody who is not on the list; for a link, the first word says who it is."""
        if step_up.purpose is not Purpose.LINK and factor.data.get("person") not in self._words:
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
        hashed, is_link = sha256(word.encode()).hexdigest(), step_up.purpose is Purpose.LINK
        person = self._whose(hashed)
        if person is None or not (is_link or person == factor.data.get("person")):
            raise WrongAnswer("that is not the word")
        return Proof(
            method=self.name,
            amr=("kba",),
            binding=Binding.SERVER,
            at=now,
            # The hub ties one name to one person.
            subject=person,
            # It refuses the same word a second time.
            once=(f"word:{hashed[:16]}",),
            data={"person": person} if is_link else None,
        )

    async def cancel(self, state: State) -> None:
        """Nothing runs anywhere."""

    def _whose(self, hashed: str) -> str | None:
        """Whose word it is; the whole list is compared, so that the time tells nothing."""
        found = [name for name, words in self._words.items() for word in words if compare_digest(word, hashed)]
        return found[0] if len(found) == 1 else None


def make(name: str, settings: Mapping[str, Any], given: Given) -> SpokenWord:
    """What the entry point names; `name` is the table's. Raises BadSettings, which quotes no word."""
    unknown = set(settings) - {"words", "most_letters"}
    if unknown:
        raise BadSettings(f"there is no setting {', '.join(sorted(unknown))}; there are words and most_letters")
    words, most = settings.get("words", {}), settings.get("most_letters", 32)
    if not isinstance(words, dict) or not all(isinstance(one, list) and _are_hashes(one) for one in words.values()):
        raise BadSettings("words: for each name a list of SHA-256 in hex")
    if type(most) is not int or most < 1:
        raise BadSettings("most_letters: a number above 0")
    return SpokenWord(words, most, name)


def _are_hashes(words: list[Any]) -> bool:
    return all(isinstance(word, str) and re.fullmatch("[0-9a-f]{64}", word) for word in words)
