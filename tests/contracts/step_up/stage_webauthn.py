"""A passkey on a stage: an authenticator in software, and the browser around it."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from approvals_hub_client.canonical import b64u
from identity.passkey_step_up import PasskeyStepUp
from identity.proof import Challenge, Factor, StepUp
from identity.provider import Provider
from identity.webauthn import RelyingParty
from tests.contracts.step_up import asked
from tests.contracts.step_up.stage import Stage
from tests.fakes.soft_authenticator import SoftAuthenticator

HUB = RelyingParty("hub.example", "Hub", ("https://hub.example",))


class PasskeyStage:
    """Two people, each with an authenticator; the first one's passkey is registered."""

    has_vendor = False

    def __init__(self) -> None:
        self.provider: Provider = PasskeyStepUp(HUB)
        self.now = asked.START
        self.mine = SoftAuthenticator()
        self.theirs = SoftAuthenticator()
        self.factor = Factor({"credentials": [kept_of(self.mine)]})

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return asked.step_up(self.now, intent=intent, **changes)

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        options = challenge.shown["options"]
        return (self.theirs if other_person else self.mine).get(urlsafe_b64decode(options["challenge"] + "=="))

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        return self.mine.get(self.step_up(intent=b"pay 9000 USD").challenge)

    async def person_cancels(self, challenge: Challenge) -> Any:
        return {"cancel": True}

    def malformed_answers(self) -> list[Any]:
        good = self.mine.get(bytes(32))
        wrong: dict[str, Any] = {"no number": 7, "padded": "AAAA==", "no JSON": "AAAA", "a list": "W10", "empty": ""}
        return [
            {},
            {**good, "response": None},
            {**good, "rawId": None},
            {**good, "rawId": "é"},
            *({**good, "response": {**good["response"], "clientDataJSON": value}} for value in wrong.values()),
            *({**good, "response": {**good["response"], "authenticatorData": value}} for value in wrong.values()),
            *({**good, "response": {**good["response"], "signature": value}} for value in (None, *wrong.values())),
            # Client data whose challenge is null, a number, and no base64url.
            *({**good, "response": {**good["response"], "clientDataJSON": b64u(data)}} for data in CLIENT_DATA),
        ]

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def secrets(self) -> list[str]:
        return [kept_of(self.mine)["public_key"], kept_of(self.theirs)["public_key"]]


CLIENT_DATA = (b'{"challenge":null}', b'{"challenge":7}', b'{"challenge":"\xc3\xa9"}', b'{"challenge":"A"}', b'{"a":1}')


def kept_of(authenticator: SoftAuthenticator) -> dict[str, Any]:
    """What the hub keeps of its passkey."""
    return {
        "id": b64u(authenticator.credential_id),
        "public_key": b64u(authenticator.cose()),
        "sign_count": authenticator.count,
        "backup_eligible": authenticator.backup_eligible,
        "backed_up": authenticator.backed_up,
    }


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    yield PasskeyStage()
