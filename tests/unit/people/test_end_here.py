"""What somebody has in one organisation ends, and in no other."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.people.end_here import end_here_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.two_orgs import second_org


async def test_sessions_links_and_joinings_of_one_organisation_end_and_those_of_another_go_on(
    house: StaffedHub,
) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.asks(ada, await other.invited())
    await house.hub.db.run(lambda tx: end_here_in(tx, house.org_id, ada.person_id, house.time.now))
    with pytest.raises(Unauthenticated):
        await house.hub.current_session(ada.credential)
    assert len(await house.hub.orgs.joinings.pending(other.owner.credential)) == 1
    ada.credential = await ada.sign_in()
    await house.hub.db.run(lambda tx: end_here_in(tx, other.org_id, ada.person_id, house.time.now))
    assert (await house.hub.current_session(ada.credential)).person_id == ada.person_id
    assert await house.hub.orgs.joinings.pending(other.owner.credential) == []
