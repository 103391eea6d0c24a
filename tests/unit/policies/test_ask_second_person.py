"""What one person changes about who must answer is kept as a draft, where the organisation wants a second person."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, HubError
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.people.who_answers import GROUP_JOINED, Waiting, Wanted
from approvals_hub.policies.ask_second_person import AskSecondPerson
from tests.unit.hub_fixture import StaffedHub


async def test_one_person_is_enough_until_the_organisation_wants_two_and_alone_nobody_is_asked(
    house: StaffedHub,
) -> None:
    hub, owner = house.hub, house.owner
    ask = AskSecondPerson(hub.policies.keep.drafts, hub.policies.keep.ask_now)
    who = Acting(house.org_id, "person", owner.person_id, frozenset({"owner"}))
    wanted = Wanted(GROUP_JOINED, "ops", "group: ops\nmembers: [a]\n", 3, "sha256:x")

    async def keep_in(tx: Tx) -> Waiting | HubError | None:
        await tx.lock("orgs", house.org_id)
        return await ask.keep_in(tx, who, wanted, house.time.now)

    assert await hub.db.run(keep_in) is None
    await house.change("UPDATE orgs SET second_person = 1")
    waiting = await hub.db.run(keep_in)
    assert isinstance(waiting, Waiting)
    draft, _ = await hub.drafts.read.one(house.operator, waiting.draft_id)
    assert (draft.change, draft.name, draft.body, draft.replaces, draft.replaces_hash, draft.proposed_by) == (
        "group",
        "ops",
        wanted.text,
        3,
        "sha256:x",
        owner.person_id,
    )
    with pytest.raises(Conflict) as refused:
        await ask.asked(waiting)
    assert refused.value.code == "no_approvers"
