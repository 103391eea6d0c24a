"""The statements behind the numbers."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.decisions import measure_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_nothing_is_known_of_a_question_that_was_on_no_screen(house: StaffedHub) -> None:
    opened = await house.bot.ask()

    async def work(tx: Tx) -> tuple[int, int | None, int]:
        row = await store.before(tx, escalation_id=opened.escalation.id, person_id=house.owner.person_id, since=0)
        assert row is not None
        return row["shown_length"], row["opened_at"], row["approved"]

    length, opened_at, approved = await house.hub.db.read(work)
    assert length > 100
    assert (opened_at, approved) == (None, 0)


async def test_another_organisations_answers_are_not_counted(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)

    async def work(tx: Tx) -> tuple[int, int]:
        ours = await store.answers(tx, org_id=house.org_id, person_id=None, since=0)
        theirs = await store.answers(tx, org_id="org_other", person_id=None, since=0)
        return len(ours), len(theirs)

    assert await house.hub.db.read(work) == (1, 0)
