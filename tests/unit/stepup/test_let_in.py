"""Who may let an owner or admin in, whichever way they come."""

from __future__ import annotations

from approvals_hub.core.errors import Forbidden
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.stepup.let_in import refuse_alone_in
from tests.unit.hub_fixture import StaffedHub


async def test_only_whoever_invited_them_only_of_those_who_may_publish_and_only_where_that_takes_two_is_refused(
    house: StaffedHub,
) -> None:
    ada, bo, cy = [await house.person(name, role) for name, role in (("A", "owner"), ("B", "admin"), ("C", "approver"))]
    by = Acting(house.org_id, "person", ada.person_id, frozenset({"owner"}))

    async def refused(person_id: str, invited_by: str | None) -> bool:
        async def work(tx: Tx) -> Forbidden | None:
            return await refuse_alone_in(tx, by, person_id, invited_by)

        return await house.hub.db.read(work) is not None

    assert not await refused(bo.person_id, ada.person_id)
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    assert await refused(bo.person_id, ada.person_id)
    for person_id, invited_by in (
        (cy.person_id, ada.person_id),
        (bo.person_id, house.owner.person_id),
        (bo.person_id, None),
        ("per_gone", ada.person_id),
    ):
        assert not await refused(person_id, invited_by)
