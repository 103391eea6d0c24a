"""Freja on a stage: two people with phones; what they do is told by `collect`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from identity.jws import b64
from identity.proof import Challenge, StepUp
from tests.contracts.step_up.stage import TIME_LIMIT, Stage
from tests.fakes.freja_scene import ANNA, BO, Scene, freja_scene
from tests.fakes.trouble import Trouble


class FrejaStage:
    """Anna is asked; Bo is the other person."""

    has_vendor = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.provider = scene.provider_with(time_limit=TIME_LIMIT)
        scene.fake.hurry.seconds = TIME_LIMIT
        self.factor = scene.factor

    @property
    def now(self) -> int:
        return self._scene.now

    @now.setter
    def now(self, value: int) -> None:
        self._scene.now = value

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return self._scene.step_up(intent, **changes)

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        self._scene.fake.approve(self._scene.opened(challenge, BO if other_person else ANNA))

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        signature = self._scene.fake.newest
        signature.person = ANNA
        other = self.step_up(intent=b"pay 9000 USD")
        words = {"text": b64(other.visible.encode()), "binaryData": b64(other.intent_hash.encode())}
        self._scene.fake.approve(signature, words=words)

    async def person_cancels(self, challenge: Challenge) -> Any:
        self._scene.fake.end(self._scene.opened(challenge), "CANCELED")

    def malformed_answers(self) -> list[Any]:
        return [{"details": "a.b.c"}, {"status": "APPROVED"}, {"cancel": "true"}, {"cancel": 1}, {"signRef": "x" * 99}]

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return self._scene.fake.is_down()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return self._troubled(Trouble.SILENT)

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return self._troubled(Trouble.GARBLES)

    def secrets(self) -> list[str]:
        return [ANNA.ssn, BO.ssn, f"SE{ANNA.ssn}", f"SE{BO.ssn}", ANNA.user_id, BO.user_id, "secret-of-freja"]

    @asynccontextmanager
    async def _troubled(self, trouble: Trouble) -> AsyncIterator[None]:
        with self._scene.fake.plays(trouble):
            yield


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with freja_scene() as scene:
        yield FrejaStage(scene)
