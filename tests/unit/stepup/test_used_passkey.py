"""A passkey that proved somebody in a step-up is noted as used, and does not count once it was revoked."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.used_passkey import note_passkey_in
from approvals_hub_client.canonical import b64u
from identity.proof import Binding, Proof
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import begin, question


async def note(house: StaffedHub, device: Person, **changes: Any) -> bool:
    """What settling does with the proof of this device's passkey."""
    [row] = await house.rows("SELECT credential_id, public_key FROM devices WHERE id = :id", id=device.device_id)
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    begun = await begin(house.owner, statement, "webauthn")
    members: dict[str, Any] = {
        "data": {"credentials": [{"id": b64u(bytes(row["credential_id"])), "sign_count": 7}]},
        "evidence": {"public_key": bytes(row["public_key"])},
        "facts": {"counter_regressed": False},
        **changes,
    }
    proof = Proof("webauthn", ("pop",), Binding.NONCE, house.time.now, **members)
    recorder = house.hub.complete_step_up.settle.recorder

    async def work(tx: Tx) -> bool:
        step = await store.find(tx, begun.step.id)
        assert step is not None
        return await note_passkey_in(tx, recorder, step, proof, house.time.now)

    return await house.hub.db.run(work)


async def test_the_device_keeps_the_counter_and_the_time(house: StaffedHub) -> None:
    device = await house.owner.further_device(SoftAuthenticator())
    assert await note(house, device)
    [row] = await house.rows("SELECT sign_count, last_used_at, flagged FROM devices WHERE kind = 'passkey'")
    assert (row["sign_count"], row["last_used_at"], row["flagged"]) == (7, house.time.now, None)


async def test_a_counter_that_went_back_flags_the_device_and_is_told(house: StaffedHub) -> None:
    device = await house.owner.further_device(SoftAuthenticator())
    assert await note(house, device, facts={"counter_regressed": True})
    [event] = await house.events("device.flagged")
    assert event["detail"]["device_id"] == device.device_id


async def test_a_revoked_passkey_proves_nothing(house: StaffedHub) -> None:
    gone = await house.owner.further_device(SoftAuthenticator())
    await house.owner.further_device(SoftAuthenticator())
    await house.change("UPDATE devices SET state = 'revoked' WHERE id = :id", id=gone.device_id)
    assert not await note(house, gone)


async def test_a_key_that_is_none_of_the_persons_proves_nothing(house: StaffedHub) -> None:
    device = await house.owner.further_device(SoftAuthenticator())
    assert not await note(house, device, evidence={})
    assert not await note(house, device, evidence={"public_key": b"another"})
