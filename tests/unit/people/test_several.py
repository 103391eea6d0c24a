"""Sessions that no key opened, of people in several organisations."""

from __future__ import annotations

from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.people.several import refuse_without_key_in
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.two_orgs import second_org, session_by_provider


async def test_only_a_key_speaks_for_all_organisations_of_somebody_in_several(house: StaffedHub) -> None:
    async def code(credential: PersonCredential) -> str | None:
        async def work(tx: Tx) -> HubError | None:
            session = await admit_person_in(tx, credential, house.time.now)
            assert not isinstance(session, HubError)
            return await refuse_without_key_in(tx, session)

        refusal = await house.hub.db.read(work)
        return None if refusal is None else code_of(refusal)

    ada, other = await house.person("Ada"), await second_org(house)
    planted, _ = await session_by_provider(house, ada)
    assert [await code(each.credential) for each in (ada, planted)] == [None, None]
    await other.lets_in(ada, "approver")
    assert [await code(each.credential) for each in (ada, planted)] == [None, "key_needed"]
