"""GitHub on a stage: for signing in, as it proves nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from identity.proof import Challenge, StepUp
from tests.contracts.step_up.stage import TIME_LIMIT, Stage
from tests.fakes.github import SECRET
from tests.fakes.github_scene import USER, Scene, github_scene
from tests.fakes.trouble import Trouble


class GitHubStage:
    """The account that is asked for, and another one."""

    has_vendor = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.provider = scene.provider(time_limit=TIME_LIMIT)
        scene.fake.hurry.seconds = TIME_LIMIT
        self.factor = scene.factor

    @property
    def now(self) -> int:
        return self._scene.now

    @now.setter
    def now(self, value: int) -> None:
        self._scene.now = value

    def step_up(self, *, intent: bytes = b"sign in", **changes: Any) -> StepUp:
        return self._scene.step_up(intent, **changes)

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        self._scene.fake.signed_in = {**USER, "id": 42} if other_person else USER
        return await self._scene.came_back(challenge)

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        other = await self.provider.begin(self.factor, self.step_up(intent=b"sign in elsewhere"))
        return await self._scene.came_back(other)

    async def person_cancels(self, challenge: Challenge) -> Any:
        return {"error": "access_denied", "state": challenge.state["state"]}

    def malformed_answers(self) -> list[Any]:
        good = {"code": "a-code-of-mine", "state": "a-state-of-mine"}
        wrong: list[Any] = [None, 7, "", "é", "\ud800", "x" * 100_000, ["a"]]
        return [
            good,
            *({**good, name: value} for name in good for value in wrong),
            {"error": "access_denied", "state": "another-one"},
            {"cancel": "true"},
        ]

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return self._scene.fake.is_down()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return self._troubled(Trouble.SILENT)

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return self._troubled(Trouble.GARBLES)

    def secrets(self) -> list[str]:
        addresses = [str(entry["email"]) for entry in self._scene.fake.addresses]
        fake = self._scene.fake
        return [*addresses, str(USER["name"]), str(USER["email"]), *fake.codes, *fake.tokens, SECRET]

    @asynccontextmanager
    async def _troubled(self, trouble: Trouble) -> AsyncIterator[None]:
        with self._scene.fake.plays(trouble):
            yield


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with github_scene() as scene:
        yield GitHubStage(scene)
