"""The stage of a provider without a vendor: what the person types comes from something that they have."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from identity.proof import Challenge, Factor, StepUp
from identity.provider import Provider
from tests.contracts.step_up import asked

Answer = Callable[[int], str]
"""What a person's own thing says at a time in milliseconds."""


class TypedStage:
    """A person and another one, each with their own thing to read codes from."""

    has_vendor = False

    def __init__(
        self, provider: Provider, factor: Factor, mine: Answer, theirs: Answer, malformed: list[Any], secrets: list[str]
    ) -> None:
        self.provider = provider
        self.factor = factor
        self.now = asked.START
        self._mine = mine
        self._theirs = theirs
        self._malformed = malformed
        self._secrets = secrets

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return asked.step_up(self.now, intent=intent, **changes)

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        return {"code": (self._theirs if other_person else self._mine)(self.now)}

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        other = self.step_up(intent=b"pay 9000 USD")
        challenge = await self.provider.begin(self.factor, other)
        answer = await self.person_proves(challenge)
        await self.provider.complete(self.factor, other, challenge.state, answer, now=self.now)
        return answer

    async def person_cancels(self, challenge: Challenge) -> Any:
        return {"cancel": True}

    def malformed_answers(self) -> list[Any]:
        return self._malformed

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def secrets(self) -> list[str]:
        return [*self._secrets, self._mine(self.now), self._theirs(self.now)]
