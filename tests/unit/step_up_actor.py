"""A person who proves who they are: with an authenticator app, with a passkey, with a vendor's app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest

from approvals_hub.core.errors import HubError
from approvals_hub.decisions.receipt import Receipt
from approvals_hub.hub import LinkAsked, Shown, StepUpAsked
from approvals_hub_client.canonical import dumps
from approvals_hub_client.statement import intent_of
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_actors import Person
from tests.unit.hub_fixture import StaffedHub

ADDRESS = "192.0.2.1"
OTHER_CODE = {"code": "000000"}


@dataclass
class App:
    """A person's authenticator app."""

    person: Person
    key: str

    @property
    def house(self) -> StaffedHub:
        return self.person.house

    def code(self, ahead: int = 0) -> dict[str, str]:
        """What the app shows now, or so many steps of 30 seconds from now."""
        return {"code": pyotp.TOTP(self.key).at(self.house.time.now // 1000 + 30 * ahead)}

    def wrong(self) -> dict[str, str]:
        """A code that is not the present one."""
        code = self.code()["code"]
        return {"code": f"{(int(code) + 1) % 1_000_000:06d}"}

    async def proven(self, statement: dict[str, Any]) -> str:
        """The id of a proof for this statement."""
        begun = await begin(self.person, statement)
        await complete(self.person, begun.step.id, self.code())
        return begun.step.id

    async def approve(self, escalation_id: str) -> Receipt:
        """Look, prove, sign and send."""
        statement = await self.person.statement(escalation_id)
        return await self.person.send({**statement, "step_up": [await self.proven(statement)]})


async def refused(kind: type[HubError], attempt: Awaitable[object]) -> HubError:
    """What the attempt is refused with: of this kind, or the test fails."""
    with pytest.raises(kind) as found:
        await attempt
    return found.value


async def begin(person: Person, statement: dict[str, Any], method: str = "totp", **asked: Any) -> Shown:
    """Begin to prove who one is, for this statement's intent."""
    members = {"source": ADDRESS, "address": ADDRESS, **asked}
    wanted = StepUpAsked(method, dumps(intent_of(statement)), **members)
    return await person.house.hub.begin_step_up(person.credential, statement["escalation_id"], wanted)


async def complete(person: Person, step_up_id: str, answer: Any, source: str = ADDRESS) -> Shown:
    """Answer it."""
    return await person.house.hub.complete_step_up(person.credential, step_up_id, answer, source=source)


async def link_app(person: Person) -> App:
    """Tie an authenticator app to the person; its first code is used up by that, and over."""
    asked = LinkAsked("totp", "app", {}, source=ADDRESS)
    begun = await person.house.hub.link_factor(person.credential, asked, await person.fresh())
    app = App(person, begun.shown["key"].replace(" ", ""))
    await complete(person, begun.step.id, app.code())
    person.house.time.now += 30_000
    return app


async def link_moody(person: Person, vendor: Vendor, subject: str = "anna") -> str:
    """Tie the vendor's account of `subject` to the person; the id of the step-up that did it."""
    begun = await begin_link(person)
    vendor.approve(begun.step.id, subject)
    await collect(person.house)
    return begun.step.id


async def begin_link(person: Person, method: str = "moody", **asked: Any) -> Shown:
    """Begin to tie a way to the person."""
    wanted = LinkAsked(method, method, {}, source=ADDRESS, **asked)
    return await person.house.hub.link_factor(person.credential, wanted, await person.fresh())


async def collect(house: StaffedHub, milliseconds: int = 2000) -> int:
    """Let this much time pass, and the hub ask its providers once."""
    house.time.now += milliseconds
    return await house.hub.collect_step_ups()


async def question(house: StaffedHub, **requirement: Any) -> str:
    """An open question that asks for this."""
    if requirement:
        await house.require(**requirement)
    return (await house.bot.ask()).escalation.id


async def step_of(house: StaffedHub, step_up_id: str) -> dict[str, Any]:
    """The stored row."""
    [row] = await house.rows("SELECT * FROM step_ups WHERE id = :id", id=step_up_id)
    return dict(row)


def statement_maker(person: Person, escalation_id: str) -> Callable[[], Any]:
    """What gives a new statement for the question at each call: another nonce, hence another intent."""
    return lambda: person.statement(escalation_id)
