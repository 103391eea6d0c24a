"""OpenID Connect on a stage: a provider where two people have accounts, and the browser between it and the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from identity.proof import Challenge, StepUp
from tests.contracts.step_up.stage import TIME_LIMIT, Stage
from tests.fakes.openid_provider import SECRET
from tests.fakes.openid_scene import ANNA, BO, Scene, openid_scene
from tests.fakes.trouble import Trouble


class OidcStage:
    """Anna is asked; Bo is the other person."""

    has_vendor = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.provider = scene.provider_with(time_limit=TIME_LIMIT)
        scene.op.hurry.seconds = TIME_LIMIT
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
        return await self._scene.came_back(challenge, BO if other_person else ANNA)

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        other = await self.provider.begin(self.factor, self.step_up(intent=b"pay 9000 USD"))
        return await self._scene.came_back(other)

    async def person_cancels(self, challenge: Challenge) -> Any:
        self._scene.op.knobs.error = "access_denied"
        answer = await self._scene.came_back(challenge)
        self._scene.op.knobs.error = None
        return answer

    def malformed_answers(self) -> list[Any]:
        good = {"code": "a-code-of-mine", "state": "a-state-of-mine"}
        wrong: list[Any] = [None, 7, "", "é", "\ud800", "x" * 100_000, ["a"], {"a": "b"}]
        return [
            good,
            *({**good, "code": value} for value in wrong),
            *({**good, "state": value} for value in wrong),
            *({**good, "iss": value} for value in wrong),
            {**good, "error": "access_denied"},
            {"state": good["state"]},
            {"error": "access_denied"},
            {"error": "access_denied", "state": "another-one"},
            {**good, **{f"more{number}": "x" for number in range(50)}},
            {"cancel": "true"},
        ]

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return self._scene.op.is_down()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return self._troubled(Trouble.SILENT)

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return self._troubled(Trouble.GARBLES)

    def secrets(self) -> list[str]:
        names = [str(person[name]) for person in (ANNA, BO) for name in ("sub", "name", "email")]
        verifiers = [form["code_verifier"] for form in self._scene.op.redeemed]
        codes = [form["code"] for form in self._scene.op.redeemed]
        return [*names, *verifiers, *codes, *self._scene.op.codes, SECRET, "secret-of-the-provider"]

    @asynccontextmanager
    async def _troubled(self, trouble: Trouble) -> AsyncIterator[None]:
        with self._scene.op.plays(trouble):
            yield


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with openid_scene() as scene:
        yield OidcStage(scene)
