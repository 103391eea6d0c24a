"""BankID on a stage: two people with phones, and a BankID that knows nothing but them.

`stage` is the page on a computer and the app on a phone (QR code, all by `collect`); `stage_same_device` is both on one
phone (a link to the app, and the nonce that the app brings back).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

from identity.proof import Challenge, StepUp
from tests.contracts.step_up import asked
from tests.contracts.step_up.stage import TIME_LIMIT, Stage
from tests.fakes.bankid_orders import Order
from tests.fakes.bankid_scene import Scene, bankid_scene, nonce_of
from tests.fakes.bankid_signature import b64


class BankIDStage:
    """Anna is asked; Bo is the other person."""

    has_vendor = True

    def __init__(self, scene: Scene, *, same_device: bool) -> None:
        self._scene = scene
        self._same_device = same_device
        self._secrets = {scene.anna.personal_number, scene.bo.personal_number, scene.anna.name, scene.bo.name}
        self.provider = scene.provider_with(time_limit=TIME_LIMIT)
        scene.fake.hurry.seconds = TIME_LIMIT
        self.factor = scene.factor
        scene.now = asked.START

    @property
    def now(self) -> int:
        return self._scene.now

    @now.setter
    def now(self, value: int) -> None:
        self._scene.now = value

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        step_up = asked.step_up(self.now, intent=intent, **changes)
        return replace(step_up, client=replace(step_up.client, same_device=self._same_device))

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        order = self._scene.open(challenge.shown, self._scene.bo if other_person else self._scene.anna)
        return self._answer(self._scene.fake.approve(order))

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        order = self._scene.fake.newest
        order.opened_by, order.from_page = self._scene.anna, self._same_device
        other = self.step_up(intent=b"pay 9000 USD")
        signed = {"visible": b64(other.visible.encode()), "hidden": b64(other.intent_hash.encode())}
        return self._answer(self._scene.fake.approve(order, **signed))

    async def person_cancels(self, challenge: Challenge) -> Any:
        self._scene.fake.decline(self._scene.open(challenge.shown))

    def malformed_answers(self) -> list[Any]:
        nonces: list[Any] = [None, 7, "", "wrong", "x" * 100_000, "é", "\ud800", ["wrong"], {"wrong": "wrong"}]
        return [
            *({"return_nonce": nonce} for nonce in nonces),
            {"return_nonce": "wrong", "more": 1},
            {"renew": "true"},
            {"renew": 1},
            {"cancel": "true"},
            {"qr": "bankid.x.0.y"},
        ]

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return self._scene.fake.down()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return self._scene.fake.silent()

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return self._scene.fake.garbling()

    def secrets(self) -> list[str]:
        orders: list[Order] = self._scene.fake.orders.started
        nonces = [nonce_of(url)["return_nonce"] for order in orders if (url := order.asked.get("returnUrl"))]
        return [*self._secrets, *nonces, *(order.qr_start_secret for order in orders)]

    def _answer(self, return_url: str | None) -> Any:
        return nonce_of(return_url) if self._same_device else None


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with bankid_scene() as scene:
        yield BankIDStage(scene, same_device=False)


@asynccontextmanager
async def stage_same_device() -> AsyncIterator[Stage]:
    async with bankid_scene() as scene:
        yield BankIDStage(scene, same_device=True)
