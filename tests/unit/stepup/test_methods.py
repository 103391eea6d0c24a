"""What is put into a provider's hands, and what comes back whatever the provider does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.stepup.methods import WEBAUTHN, Methods, ask, asked_with
from approvals_hub.stepup.step_up import Kept
from identity.errors import NotProven, ProviderDown, WrongPerson
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import StaffedHub
from tests.unit.prover import begin, linked


def methods_of(house: StaffedHub) -> Methods:
    return house.hub.begin_step_up.methods


async def test_a_failing_plug_in_is_a_provider_that_is_down_and_its_fault_is_logged() -> None:
    async def fails() -> None:
        raise KeyError("a secret")

    error = await ask("mine", fails)
    assert isinstance(error, ProviderDown)
    assert "secret" not in str(error)


async def test_a_refusal_of_a_provider_comes_back_as_it_is() -> None:
    async def refuses() -> None:
        raise WrongPerson("somebody else")

    assert isinstance(await ask("mine", refuses), WrongPerson)


async def test_a_cancelled_call_is_cancelled_and_nothing_else() -> None:
    begun = asyncio.Event()

    async def waits() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(ask("mine", waits))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_answer_comes_back(house: StaffedHub) -> None:
    async def answers() -> int:
        return 42

    found: int | NotProven = await ask("mine", answers)
    assert found == 42


async def test_one_name_at_two_providers_is_two_people(house: StaffedHub) -> None:
    methods = methods_of(house)
    assert methods.subject_hash("bankid", "199001011239") != methods.subject_hash("freja", "199001011239")
    assert methods.subject_hash("bankid", "199001011239") == methods.subject_hash("bankid", "199001011239")


def test_the_hash_of_a_name_needs_the_hubs_key() -> None:
    one, two = (Methods({}, Vault(None), key) for key in (b"a" * 32, b"b" * 32))  # type: ignore[arg-type]  # unused
    assert one.subject_hash("bankid", "x") != two.subject_hash("bankid", "x")


async def test_a_persons_passkeys_are_their_factor_without_being_linked(house: StaffedHub) -> None:
    async def held(tx: Tx) -> Any:
        return await methods_of(house).held_in(tx, house.owner.person_id, WEBAUTHN)

    assert await house.hub.db.run(held) is None
    await house.owner.further_device(SoftAuthenticator())
    found = await house.hub.db.run(held)
    assert found.factor_id is None
    assert len(found.factor.data["credentials"]) == 1


async def test_a_factor_of_somebody_without_a_subject_is_nobodys(house: StaffedHub) -> None:
    await linked(house.owner)

    async def held(tx: Tx) -> Any:
        return await methods_of(house).held_in(tx, house.owner.person_id, "totp")

    found = await house.hub.db.run(held)
    assert found.factor.is_mine("anybody") is False


async def test_what_a_step_up_keeps_opens_for_that_step_up_alone(house: StaffedHub) -> None:
    await linked(house.owner)
    opened = await house.bot.ask()
    begun = await begin(house.owner, await house.owner.statement(opened.escalation.id))

    async def kept(tx: Tx) -> Kept | None:
        return await methods_of(house).kept_in(tx, begun.step)

    found = await house.hub.db.run(kept)
    assert found is not None
    asked = asked_with(begun.step, found.asked)
    assert (asked.id, asked.intent_hash) == (begun.step.id, begun.step.intent_hash)
    assert asked.visible.startswith("Approve, once: db.drop_table")
    assert asked.return_url == "https://hub.example/return"
