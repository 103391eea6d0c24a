"""SQL of memberships: each changes one organisation's row alone."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import membership_store as store
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people

ADA = "per_ada"


async def test_a_membership_is_set_aside_taken_back_ended_and_begun_anew_in_one_organisation(
    database: Database,
) -> None:
    async def states(tx: Tx) -> list[str | None]:
        found = [await orgs.member(tx, org, ADA) for org in ("org_a", "org_b")]
        return [None if row is None else f"{row['state']} {row['roles']}" for row in found]

    async def work(tx: Tx) -> list[Any]:
        await people.add_person(tx, person_id=ADA, name="Ada", email=None, user_handle=b"a", at=1)
        for org, made_by in (("org_a", None), ("org_b", ADA)):
            await orgs.add(tx, org_id=org, name=org, requirement="{}", at=1, made_by=made_by)
            assert await store.join(tx, org_id=org, person_id=ADA, roles="owner", at=2)
            assert not await store.join(tx, org_id=org, person_id=ADA, roles="admin", at=3)
        seen: list[Any] = [await states(tx)]
        assert await store.set_aside(tx, "org_a", ADA, at=4) is not None
        assert await store.set_aside(tx, "org_a", ADA, at=4) is None
        seen += [
            await states(tx),
            [row["org_id"] for row in await orgs.memberships(tx, ADA)],
            await store.count(tx, ADA),
        ]
        assert await orgs.roles_of(tx, "org_a", [ADA]) == {}
        assert await store.take_back(tx, "org_a", ADA, at=5) is not None
        assert await store.take_back(tx, "org_a", ADA, at=5) is None
        assert await store.end(tx, "org_a", ADA, at=6) is not None
        assert await store.end(tx, "org_a", ADA, at=6) is None
        seen += [await states(tx), await store.every(tx, ADA)]
        assert await store.join(tx, org_id="org_a", person_id=ADA, roles="auditor", at=7)
        [row] = await tx.rows("SELECT counts_from, created_at FROM memberships WHERE org_id = 'org_a'")
        # The second one she made herself, with the key that she had.
        assert [await store.with_a_key(tx, org, [ADA]) for org in ("org_a", "org_b")] == [frozenset(), {ADA}]
        return [*seen, await states(tx), (row["counts_from"], row["created_at"]), await store.made_by(tx, ADA)]

    assert await database.run(work) == [
        ["active owner", "active owner"],
        ["disabled owner", "active owner"],
        ["org_b"],
        2,
        [None, "active owner"],
        ["org_b"],
        ["active auditor", "active owner"],
        (7, 7),
        1,
    ]
