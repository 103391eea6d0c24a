"""Inclusion proofs for receipts, from both engines, and their check without the hub."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from approvals_hub.audit.event import Event
from approvals_hub.audit.prove import Inclusion, Prove, check
from approvals_hub.db.database import Database
from tests.unit.audit.log_in_use import ORG, START, Log, verifier


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


def decided(decision_id: str, escalation_id: str = "esc_1") -> Event:
    return Event(
        kind="decision.recorded",
        org_id=ORG,
        at=START,
        actor_type="person",
        actor_id="per_1",
        escalation_id=escalation_id,
        decision="approve",
        detail={"decision_id": decision_id},
    )


async def proof_of(log: Log, index: int) -> Inclusion:
    found = await Prove(log.db).entry(ORG, index)
    assert found is not None
    return found


async def test_every_entry_of_a_log_is_proven_and_the_proof_holds(log: Log) -> None:
    await log.grow(300)
    for index in (0, 1, 255, 256, 299):
        inclusion = await proof_of(log, index)
        assert inclusion.entry.encode() == (await log.bodies())[index]
        assert check(inclusion, verifier()).size == 300


async def test_an_entry_that_is_not_there_is_not_proven(log: Log) -> None:
    await log.grow(3)
    assert await Prove(log.db).entry(ORG, 3) is None
    assert await Prove(log.db).entry("org_2", 0) is None


async def test_a_decision_is_proven_by_its_own_id(log: Log) -> None:
    await log.record(decided("dec_1"), decided("dec_2"), decided("dec_3", "esc_2"))
    await log.sealer.seal(ORG)
    inclusion = await Prove(log.db).decision(ORG, "esc_1", "dec_2")
    assert inclusion is not None
    assert '"decision_id":"dec_2"' in inclusion.entry
    assert check(inclusion, verifier()).size == 3


async def test_a_decision_that_is_not_sealed_yet_has_no_proof(log: Log) -> None:
    await log.record(decided("dec_1"))
    assert await Prove(log.db).decision(ORG, "esc_1", "dec_1") is None


async def test_a_proof_of_another_entry_is_refused(log: Log) -> None:
    await log.grow(5)
    one, other = await proof_of(log, 1), await proof_of(log, 2)
    with pytest.raises(ValueError, match="another root"):
        check(msgspec.structs.replace(one, entry=other.entry), verifier())


async def test_a_proof_under_another_size_than_the_signed_one_is_refused(log: Log) -> None:
    await log.grow(5)
    with pytest.raises(ValueError, match="for a log of 4"):
        check(msgspec.structs.replace(await proof_of(log, 1), size=4), verifier())


async def test_a_proof_whose_checkpoint_nobody_signed_is_refused(log: Log) -> None:
    await log.grow(5)
    with pytest.raises(ValueError, match="not signed by"):
        check(await proof_of(log, 1), verifier("org_2"))
