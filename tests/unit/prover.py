"""People who prove who they are in tests: an authenticator app, a passkey, and the step-ups that they answer."""

from __future__ import annotations

from typing import Any

import pyotp

from approvals_hub.hub import LinkAsked, Shown, StepUpAsked
from approvals_hub_client.canonical import dumps
from approvals_hub_client.statement import intent_of
from tests.unit.hub_fixture import Person, StaffedHub

SOURCE = "192.0.2.1"
STEP = 30_000


class App:
    """An authenticator app with one key."""

    def __init__(self, house: StaffedHub, shown: dict[str, Any]) -> None:
        self.house = house
        self.totp = pyotp.TOTP(shown["key"].replace(" ", ""))

    def code(self) -> dict[str, str]:
        """What it shows at the hub's present time."""
        return {"code": self.totp.at(self.house.time.now // 1000)}

    def wrong(self) -> dict[str, str]:
        """Anything else."""
        return {"code": f"{(int(self.code()['code']) + 1) % 1_000_000:06}"}

    def next_step(self) -> None:
        """Wait until it shows another code."""
        self.house.time.now += STEP


async def begin_link(person: Person, method: str = "totp", **given: str) -> Shown:
    asked = LinkAsked(method=method, name="mine", given=given, source=SOURCE)
    return await person.house.hub.link_factor(person.credential, asked, await person.fresh())


async def linked(person: Person) -> App:
    """The person's app, linked; its next code is fresh."""
    begun = await begin_link(person)
    app = App(person.house, begun.shown)
    await answer(person, begun, app.code())
    app.next_step()
    return app


async def begin(person: Person, statement: dict[str, Any], method: str = "totp", **more: Any) -> Shown:
    """Begin a step-up for an approval by this statement."""
    intent = dumps(intent_of({**statement, "decision": "approve"}))
    asked = StepUpAsked(method=method, intent=intent, source=SOURCE, **more)
    return await person.house.hub.begin_step_up(person.credential, statement["escalation_id"], asked)


async def answer(person: Person, begun: Shown, said: Any, *, source: str = SOURCE) -> Shown:
    return await person.house.hub.complete_step_up(person.credential, begun.step.id, said, source=source)


async def proven(person: Person, escalation_id: str, app: App) -> dict[str, Any]:
    """A statement that lists a proven step-up."""
    statement = await person.statement(escalation_id)
    begun = await begin(person, statement)
    await answer(person, begun, app.code())
    return {**statement, "step_up": [begun.step.id]}
