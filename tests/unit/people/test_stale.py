"""What needs a fresh factor of a person, and of whom it does not."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.errors import HubError, Unauthenticated
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import refuse_stale_in
from tests.unit.hub_fixture import StaffedHub


async def refusal(house: StaffedHub, by: Any, fresh: Any = None) -> HubError | None:
    factors, now = house.hub.set_requirement.fresh, house.time.now
    return await house.hub.db.run(lambda tx: refuse_stale_in(tx, factors, by, fresh, now))


async def test_a_person_without_a_fresh_factor_is_refused(house: StaffedHub) -> None:
    refused = await refusal(house, house.owner.credential)
    assert refused is not None
    assert refused.code == "fresh_factor_needed"


async def test_a_person_with_one_goes_on(house: StaffedHub) -> None:
    assert await refusal(house, house.owner.credential, await house.owner.fresh()) is None


async def test_the_operator_needs_none(house: StaffedHub) -> None:
    assert await refusal(house, house.operator) is None


async def test_a_session_that_is_none_is_refused_whatever_factor_comes_with_it(house: StaffedHub) -> None:
    nobody = PersonCredential(b"no such session", house.org_id)
    assert isinstance(await refusal(house, nobody, await house.owner.fresh()), Unauthenticated)
