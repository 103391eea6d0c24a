"""The SQL of step-ups: every change of state happens once."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.stepup import step_up_store as store
from tests.unit.hub_fixture import StaffedHub
from tests.unit.prover import begin, linked

PROOF = dict.fromkeys(("amr", "binding", "reported", "identified", "auth_ref", "facts", "evidence", "evidence_hash"))


async def begun(house: StaffedHub) -> str:
    await linked(house.owner)
    opened = await house.bot.ask()
    return (await begin(house.owner, await house.owner.statement(opened.escalation.id))).step.id


async def test_a_step_up_is_proven_once_and_used_once(house: StaffedHub) -> None:
    step_up_id, now = await begun(house), house.time.now

    async def work(tx: Tx) -> list[bool]:
        proven = [await store.prove(tx, step_up_id, at=now, until=now + 10, **PROOF) for _ in range(2)]
        used = [await store.use(tx, step_up_id, decision_id="dec_1", at=now) for _ in range(2)]
        return [one is not None for one in (*proven, *used)]

    assert await house.hub.db.run(work) == [True, False, True, False]


async def test_what_was_moved_on_meanwhile_is_not_overwritten(house: StaffedHub) -> None:
    step_up_id = await begun(house)

    async def work(tx: Tx) -> list[bool]:
        step = await store.find(tx, step_up_id)
        assert step is not None
        kept = [
            await store.keep(
                tx, step.id, version=step.version, sealed=b"x", collect_at=None, expires_at=step.expires_at
            )
            for _ in range(2)
        ]
        return [one is not None for one in kept]

    assert await house.hub.db.run(work) == [True, False]


async def test_a_claimed_step_up_is_claimed_by_nobody_else(house: StaffedHub) -> None:
    step_up_id, now = await begun(house), house.time.now
    await house.change("UPDATE step_ups SET collect_at = :at WHERE id = :id", at=now, id=step_up_id)

    async def work(tx: Tx) -> list[str]:
        return [step.id for step in await store.claim_due(tx, now=now, until=now + 20_000, limit=10)]

    assert [await house.hub.db.run(work) for _ in range(2)] == [[step_up_id], []]


async def test_a_name_is_used_up_once_by_a_person_and_method(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[bool]:
        cases = [("per_1", "totp"), ("per_1", "totp"), ("per_2", "totp"), ("per_1", "bankid")]
        return [
            await store.use_up(tx, person_id=person, method=method, name="step:1", at=1) for person, method in cases
        ]

    assert await house.hub.db.run(work) == [True, False, True, True]


async def test_an_ended_step_up_keeps_nothing_of_the_provider(house: StaffedHub) -> None:
    step_up_id = await begun(house)

    async def work(tx: Tx) -> list[bool]:
        return [await store.end(tx, step_up_id, cause="x", hint=None) is not None for _ in range(2)]

    assert await house.hub.db.run(work) == [True, False]
    [row] = await house.rows("SELECT sealed, evidence FROM step_ups WHERE id = :id", id=step_up_id)
    assert (row["sealed"], row["evidence"]) == (None, None)
