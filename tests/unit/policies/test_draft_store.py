"""SQL of policy drafts."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.policies import draft_store as store
from approvals_hub.policies.draft import PolicyDraft
from tests.unit.changes.drafted import propose
from tests.unit.hub_fixture import StaffedHub


async def test_a_draft_is_asked_about_once_and_ends_once_and_is_listed_by_state_and_proposer(
    house: StaffedHub,
) -> None:
    first, second = await propose(house), await propose(house, name="other", why="because")

    async def work(tx: Tx) -> list[PolicyDraft | None]:
        return [
            await store.asked(tx, first.id, escalation_id="esc_another"),
            await store.end(tx, first.id, state="withdrawn", cause=None, by="x", at=1),
            await store.end(tx, first.id, state="in_force", cause=None, by="x", at=2),
        ]

    again, ended, twice = await house.hub.db.run(work)
    assert (again, twice) == (None, None)
    assert ended is not None

    async def read(tx: Tx) -> tuple[list[str], list[str], list[str], list[str], bytes | None, bytes | None]:
        async def of(state: str | None = None, by: str | None = None, before: str | None = None) -> list[str]:
            found = await store.of_org(tx, house.org_id, state=state, proposed_by=by, before=before, limit=9)
            return [each.id for each in found]

        live = [each.id for each in await store.live_of_org(tx, house.org_id)]
        words = await store.sealed_why(tx, second.id), await store.sealed_why(tx, first.id)
        return live, await of("withdrawn"), await of(by="agt_other"), await of(before=second.id), *words

    live, withdrawn, others, older, why, none = await house.hub.db.read(read)
    assert (live, withdrawn, others, older, none) == ([second.id], [first.id], [], [first.id], None)
    assert why is not None
    assert b"because" not in why


async def test_ended_drafts_are_forgotten_after_their_time_and_live_ones_never(house: StaffedHub) -> None:
    draft = await propose(house)
    await house.hub.drafts.end(house.operator, draft.id)
    kept = await propose(house, name="other")
    house.time.now += 401 * 86_400_000
    await house.hub.forget()
    assert [row["id"] for row in await house.rows("SELECT id FROM policy_drafts")] == [kept.id]
