"""What a provider brings to the contract suite: itself on a stage, with a fake vendor that speaks the real protocol."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from identity.proof import Challenge, Factor, StepUp
from identity.provider import Provider


class Stage(Protocol):
    """One provider, the person it knows, another person, and the vendor behind it.

    A stage without a vendor (TOTP) has `has_vendor = False`; its three vendor methods are never called.
    """

    provider: Provider
    has_vendor: bool
    factor: Factor
    """The right person's, as it was kept when it was linked."""
    now: int
    """The stage's clock, milliseconds; tests move it."""

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        """A step-up for an intent, five minutes long; `changes` replace members."""

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        """Do what the person does, at the vendor or with their own app. Returns the answer for `complete`, or None
        where `collect` will tell. With `other_person`, somebody else does it."""

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        """A genuine answer of the right person that was given for another intent; None where `collect` will tell."""

    async def person_cancels(self, challenge: Challenge) -> Any:
        """The person says no. Returns the answer for `complete`, or None where `collect` will tell."""

    def malformed_answers(self) -> list[Any]:
        """JSON values that no browser of this provider sends: none of them may raise anything but NotProven."""

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        """Within: connections are refused."""

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        """Within: the vendor accepts the connection and says nothing. The provider was made with a short time limit."""

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        """Within: the vendor answers 200 with bytes that are none of its protocol."""
