"""Somebody's first key counts."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.stepup.joined import record_joined
from tests.fakes.front_door import FrontDoor


async def test_the_entry_names_who_joined_and_who_let_them_in(door: FrontDoor) -> None:
    async def work(tx: Tx) -> None:
        await record_joined(tx, door.recorder, org_id="org_1", person_id="per_2", by="per_1", now=1)

    await door.db.run(work)
    [event] = await door.events("person.joined")
    assert (event["actor_id"], event["detail"]) == ("per_1", {"person_id": "per_2"})


async def test_the_owner_joins_with_the_first_key_alone(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    await door.enrol_key(owner, phone.person_id, type(phone.key)(), existing=phone)
    assert [event["detail"] for event in await door.events("person.joined")] == [{"person_id": phone.person_id}]
