"""What the tables of decisions refuse by themselves, whatever the code above them does."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.db.database import Tx
from approvals_hub.decisions import store
from tests.unit.hub_fixture import StaffedHub


async def add(house: StaffedHub, **changes: Any) -> None:
    columns = {
        "id": "dec_1",
        "org_id": house.org_id,
        "escalation_id": "esc_1",
        "approver_id": "per_1",
        "device_id": house.owner.device_id,
        "decision": "approve",
        "reason_code": None,
        "nonce": b"nonce-1",
        "statement_hash": "sha256:1",
        "sealed": b"",
        "acr": "LOW",
        "amr": "pop",
        "methods": "device_key",
        "binding": "signed",
        "stage": 0,
        "stands_in": None,
        "read_ms": 4000,
        "hurried": 0,
        "at": 1,
        **changes,
    }
    await house.hub.db.run(lambda tx: store.add(tx, **columns))


async def test_a_second_present_answer_of_one_person_cannot_be_stored(house: StaffedHub) -> None:
    await add(house)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await add(house, id="dec_2", nonce=b"nonce-2")


async def test_a_nonce_cannot_be_stored_twice(house: StaffedHub) -> None:
    await add(house)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await add(house, id="dec_2", escalation_id="esc_2")


async def test_a_replaced_answer_makes_room_for_another_one(house: StaffedHub) -> None:
    await add(house)

    async def replace(tx: Tx) -> None:
        await store.supersede(tx, "dec_1", at=2)

    await house.hub.db.run(replace)
    await add(house, id="dec_2", nonce=b"nonce-2", decision="deny")
    row = await house.hub.db.read(lambda tx: store.current(tx, "esc_1", "per_1"))
    assert row is not None
    assert (row["id"], row["decision"], row["device_state"]) == ("dec_2", "deny", "active")
    assert await house.hub.db.read(lambda tx: store.nonce_spent(tx, b"nonce-1"))
    assert not await house.hub.db.read(lambda tx: store.nonce_spent(tx, b"nonce-3"))


async def test_votes_carry_whether_their_person_and_device_still_count(house: StaffedHub) -> None:
    await add(house, approver_id=house.owner.person_id)
    [row] = await house.hub.db.read(lambda tx: store.votes(tx, "esc_1"))
    assert (row["person_state"], row["device_state"], row["removed_at"]) == ("active", "active", None)
    assert row["member"] == house.owner.person_id


async def test_of_many_questions_those_are_told_that_somebody_answered(house: StaffedHub) -> None:
    await add(house)
    await add(house, id="dec_2", escalation_id="esc_2", approver_id="per_2", nonce=b"nonce-2")
    found = await house.hub.db.read(lambda tx: store.answered(tx, "per_1", ["esc_1", "esc_2", "esc_3"]))
    assert found == {"esc_1"}
    assert await house.hub.db.read(lambda tx: store.answered(tx, "per_1", [])) == set()
