"""SQL of step-ups, on both databases: every move is made once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.step_up import Step
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_app, question

NOW = 1_800_000_000_000
PROOF: dict[str, Any] = {
    "amr": "otp",
    "binding": "server",
    "reported": None,
    "identified": None,
    "auth_ref": None,
    "facts": "{}",
    "evidence": b"sealed",
    "evidence_hash": "sha256:0",
}


async def add(tx: Tx, step_up_id: str = "stu_1", **changes: Any) -> Step:
    members: dict[str, Any] = {
        "org_id": "org_1",
        "person_id": "per_1",
        "session_id": "ses_1",
        "escalation_id": "esc_1",
        "factor_id": "fac_1",
        "method": "totp",
        "purpose": "decision",
        "intent_hash": "sha256:1",
        "began_at": NOW,
        "expires_at": NOW + 1000,
        **changes,
    }
    await store.add(tx, step_up_id=step_up_id, **members)
    step = await store.find(tx, step_up_id)
    assert step is not None
    return step


async def run(tx: Tx, step_up_id: str = "stu_1", *, collect_at: int | None = None, **changes: Any) -> Step:
    step = await add(tx, step_up_id, **changes)
    kept = await store.keep(
        tx, step_up_id, version=1, sealed=b"state", collect_at=collect_at, expires_at=step.expires_at
    )
    assert kept is not None
    return kept


async def test_one_that_begins_is_found_with_all_that_it_is_bound_to(database: Database) -> None:
    step = await database.run(add)
    assert (step.state, step.version, step.tries, step.sealed, step.escalation_id) == ("beginning", 1, 0, None, "esc_1")
    assert await database.read(lambda tx: store.find(tx, "stu_none")) is None


async def test_what_was_remembered_is_replaced_by_whoever_read_the_newest(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        step = await run(tx)
        late = await store.keep(tx, "stu_1", version=1, sealed=b"late", collect_at=None, expires_at=NOW)
        again = await store.keep(tx, "stu_1", version=2, sealed=b"new", collect_at=None, expires_at=NOW)
        assert again is not None
        return [step.sealed, late, again.sealed]

    assert await database.run(work) == [b"state", None, b"new"]


async def test_a_running_one_is_found_by_its_person_way_and_intent_alone(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        await run(tx)
        whole = {"person_id": "per_1", "method": "totp", "intent_hash": "sha256:1", "now": NOW}
        others = [
            whole,
            {**whole, "person_id": "per_2"},
            {**whole, "method": "bankid"},
            {**whole, "intent_hash": "sha256:2"},
            {**whole, "now": NOW + 1000},
        ]
        return [await store.running(tx, **other) is not None for other in others]  # type: ignore[arg-type]  # the values' types differ

    assert await database.run(work) == [True, False, False, False, False]


async def test_tries_are_reserved_up_to_the_most(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        await run(tx)
        taken = [
            await store.reserve_try(tx, "stu_1", most=2, now=NOW, leased_until=NOW + 9) is not None for _ in range(3)
        ]
        await store.give_try_back(tx, "stu_1")
        return [*taken, await store.reserve_try(tx, "stu_1", most=2, now=NOW, leased_until=NOW + 9) is not None]

    assert await database.run(work) == [True, True, False, True]


async def test_no_try_is_taken_at_its_end_or_before_it_runs(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        await add(tx, "stu_1")
        await run(tx, "stu_2")
        return [
            await store.reserve_try(tx, "stu_1", most=5, now=NOW, leased_until=0),
            await store.reserve_try(tx, "stu_2", most=5, now=NOW + 1000, leased_until=0),
        ]

    assert await database.run(work) == [None, None]


async def test_tries_never_fall_below_none(database: Database) -> None:
    async def work(tx: Tx) -> int:
        await run(tx)
        await store.give_try_back(tx, "stu_1")
        step = await store.find(tx, "stu_1")
        assert step is not None
        return step.tries

    assert await database.run(work) == 0


async def test_an_answer_keeps_the_collector_away_where_there_is_one(database: Database) -> None:
    async def work(tx: Tx) -> list[int | None]:
        await run(tx, "stu_1", collect_at=NOW)
        await run(tx, "stu_2")
        taken = [
            await store.reserve_try(tx, name, most=5, now=NOW, leased_until=NOW + 20) for name in ("stu_1", "stu_2")
        ]
        return [step.collect_at for step in taken if step is not None]

    assert await database.run(work) == [NOW + 20, None]


async def test_a_proof_is_taken_once_and_what_was_remembered_goes(database: Database) -> None:
    async def work(tx: Tx) -> list[Step | None]:
        await run(tx)
        return [await store.prove(tx, "stu_1", at=NOW, until=NOW + 5, **PROOF) for _ in range(2)]

    first, second = await database.run(work)
    assert first is not None
    assert (first.state, first.sealed, first.proven_at, second) == ("proven", None, NOW, None)


async def test_a_proof_is_used_once_and_not_after_its_time(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        for name in ("stu_1", "stu_2"):
            await run(tx, name)
            await store.prove(tx, name, at=NOW, until=NOW + 5, **PROOF)
        moments = (("stu_1", NOW + 4), ("stu_1", NOW + 4), ("stu_2", NOW + 5))
        return [await store.use(tx, name, decision_id="dec_1", at=at) is not None for name, at in moments]

    assert await database.run(work) == [True, False, False]


@pytest.mark.parametrize("state", ["used", "ended"])
async def test_what_is_over_is_neither_ended_nor_kept_nor_proven_again(database: Database, state: str) -> None:
    async def work(tx: Tx) -> list[object]:
        await run(tx)
        await tx.execute("UPDATE step_ups SET state = :state", state=state)
        return [
            await store.end(tx, "stu_1", cause="cancelled", hint=None),
            await store.keep(tx, "stu_1", version=2, sealed=b"x", collect_at=None, expires_at=NOW),
            await store.prove(tx, "stu_1", at=NOW, until=NOW, **PROOF),
            await store.reserve_try(tx, "stu_1", most=5, now=NOW, leased_until=0),
        ]

    assert await database.run(work) == [None, None, None, None]


async def test_an_end_leaves_neither_state_nor_evidence(database: Database) -> None:
    async def work(tx: Tx) -> Any:
        await run(tx)
        await store.prove(tx, "stu_1", at=NOW, until=NOW + 5, **PROOF)
        await store.end(tx, "stu_1", cause="cancelled", hint="h")
        return await tx.row("SELECT state, sealed, evidence, cause, hint, evidence_hash FROM step_ups")

    row = await database.run(work)
    assert tuple(dict(row).values()) == ("ended", None, None, "cancelled", "h", "sha256:0")


async def test_what_is_due_is_claimed_once_and_the_oldest_first(database: Database) -> None:
    async def work(tx: Tx) -> list[list[str]]:
        for name, at in (("stu_1", NOW + 1), ("stu_2", NOW), ("stu_3", NOW + 2), ("stu_4", NOW + 9)):
            await run(tx, name, collect_at=at)
        found = [await store.claim_due(tx, now=NOW + 2, until=NOW + 20, limit=2) for _ in range(3)]
        return [sorted(step.id for step in steps) for steps in found]

    assert await database.run(work) == [["stu_1", "stu_2"], ["stu_3"], []]


@pytest.mark.parametrize(
    ("collect_at", "now", "due"),
    [(NOW + 5, NOW + 4, False), (NOW + 5, NOW + 5, True), (None, NOW + 999, False), (None, NOW + 1000, True)],
)
async def test_something_is_due_when_a_vendor_is_to_be_asked_or_a_time_is_over(
    database: Database, collect_at: int | None, now: int, due: bool
) -> None:
    await database.run(lambda tx: run(tx, collect_at=collect_at))
    assert await database.read(lambda tx: store.any_due(tx, now)) is due


async def test_the_name_of_what_a_proof_used_up_is_kept_once_for_its_person_and_way(database: Database) -> None:
    async def work(tx: Tx) -> list[bool]:
        whole = {"person_id": "per_1", "method": "totp", "name": "step:1"}
        others = [whole, whole, {**whole, "person_id": "per_2"}, {**whole, "method": "x"}, {**whole, "name": "step:2"}]
        return [await store.use_up(tx, **other, at=NOW) for other in others]

    assert await database.run(work) == [True, False, True, True, True]


async def test_only_old_names_of_the_given_ways_are_dropped(database: Database) -> None:
    async def work(tx: Tx) -> list[object]:
        for method in ("totp", "recovery_codes"):
            for age in (0, 1, 2):
                await store.use_up(tx, person_id="per_1", method=method, name=f"n{age}", at=NOW - age)
        dropped = [
            await store.forget_used(tx, methods=["totp"], before=NOW, limit=1),
            await store.forget_used(tx, methods=["totp", "bankid"], before=NOW, limit=5),
            await store.forget_used(tx, methods=[], before=NOW, limit=5),
        ]
        left = await tx.rows("SELECT method, name FROM used_proofs ORDER BY method, name")
        return [dropped, [(row["method"], row["name"]) for row in left]]

    kept = [("recovery_codes", "n0"), ("recovery_codes", "n1"), ("recovery_codes", "n2"), ("totp", "n0")]
    assert await database.run(work) == [[1, 1, 0], kept]


async def test_the_live_ones_of_a_person_and_way_are_those_for_decisions(database: Database) -> None:
    async def work(tx: Tx) -> list[str]:
        await run(tx, "stu_1")
        await add(tx, "stu_2")
        await run(tx, "stu_3", purpose="link")
        await run(tx, "stu_4", method="webauthn")
        await run(tx, "stu_5", person_id="per_2")
        await run(tx, "stu_6")
        await store.end(tx, "stu_6", cause="x", hint=None)
        return [step.id for step in await store.live_by(tx, "per_1", "totp")]

    assert await database.run(work) == ["stu_1", "stu_2"]


async def test_those_of_decisions_are_found_by_them(database: Database) -> None:
    async def work(tx: Tx) -> list[list[str]]:
        for name, decision in (("stu_1", "dec_1"), ("stu_2", "dec_2"), ("stu_3", "dec_1")):
            await run(tx, name)
            await store.prove(tx, name, at=NOW, until=NOW + 5, **PROOF)
            await store.use(tx, name, decision_id=decision, at=NOW)
        wanted: list[list[str]] = [["dec_1"], ["dec_2", "dec_9"], []]
        return [[step.id for step in await store.of_decisions(tx, ids)] for ids in wanted]

    assert await database.run(work) == [["stu_1", "stu_3"], ["stu_2"], []]


async def test_ended_ones_are_forgotten_after_their_time_and_no_more_than_the_limit_at_once(
    database: Database,
) -> None:
    async def work(tx: Tx) -> list[int]:
        for number in range(4):
            await run(tx, f"stu_{number}", expires_at=NOW + number)
            if number != 1:
                await store.end(tx, f"stu_{number}", cause="x", hint=None)
        return [await store.forget_expired(tx, ended_before=NOW + 3, limit=1) for _ in range(3)]

    assert await database.run(work) == [1, 1, 0]


async def test_its_session_counts_as_long_as_its_person_is_a_member(house: StaffedHub) -> None:
    await link_app(house.owner)
    await question(house)
    [step] = await house.rows("SELECT id FROM step_ups")

    async def session() -> Any:
        return await house.hub.db.read(lambda tx: store.session_of(tx, step["id"]))

    row = await session()
    assert (row["ended_at"], row["person_state"]) == (None, "active")
    await house.change("UPDATE memberships SET removed_at = 1")
    assert await session() is None


async def test_step_ups_of_one_organisation_are_out_of_reach_of_another_one(postgres_database: Database) -> None:
    database = postgres_database
    await database.run(add, org="org_1")
    for org, seen in (("org_1", True), ("org_2", False)):
        assert (await database.read(lambda tx: store.find(tx, "stu_1"), org=org) is not None) is seen

    async def steal(tx: Tx) -> int:
        return await tx.execute("UPDATE step_ups SET state = 'proven'")

    assert await database.run(steal, org="org_2") == 0
