"""The log commits to where somebody came from; the place lies beside it, and ends with the key of its person."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.people.visit import Visit, Visitor, commitment_of, text_of
from tests.fakes.front_door import FrontDoor

PHONE = Visitor("Grace's phone", "192.0.2.7")


async def came(door: FrontDoor) -> dict[str, Any]:
    """The entry of somebody who followed the link of a new hub."""
    link = await door.set_up()
    await door.accept(link.token, PHONE)
    [event] = await door.events("session.opened")
    return event


async def read(door: FrontDoor, event: dict[str, Any], person_id: str | None = None) -> list[Visit]:
    async def work(tx: Tx) -> list[Visit]:
        wanted = [(person_id or event["actor_id"], event["detail"]["visit"])]
        return list((await door.visits.read_in(tx, event["org_id"], wanted)).values())

    return await door.db.read(work)


async def change(door: FrontDoor, sql: str, **params: Any) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute(sql, **params)

    await door.db.run(work)


async def erase(door: FrontDoor, person_id: str) -> None:
    await change(door, "DELETE FROM data_keys WHERE scope = :person", person=person_id)

    async def forget(tx: Tx) -> None:
        tx.memory.pop("data-key:" + person_id)

    await door.db.run(forget)


async def test_the_log_commits_to_the_visit_that_lies_sealed_beside_it(door: FrontDoor) -> None:
    event = await came(door)
    [visit] = await read(door, event)
    assert (visit.client, visit.network) == ("Grace's phone", "192.0.2.0/24")
    assert event["detail"]["visit"] == commitment_of(text_of(visit))
    [row] = await door.rows("SELECT sealed FROM visits")
    assert b"192.0.2" not in bytes(row["sealed"])


async def test_a_visit_is_gone_with_the_key_of_its_person_and_its_entry_stays(door: FrontDoor) -> None:
    event = await came(door)
    await erase(door, event["actor_id"])
    assert await read(door, event) == []
    assert await door.events("session.opened") == [event]


async def test_somebody_whose_key_was_destroyed_signs_in_and_nothing_is_kept_of_where_from(door: FrontDoor) -> None:
    _, phone = await door.owner()
    await erase(door, phone.person_id)
    before = len(await door.rows("SELECT visit FROM visits"))
    await door.signed_in(phone)
    assert (await door.events("session.opened"))[-1]["detail"]["visit"] is None
    assert len(await door.rows("SELECT visit FROM visits")) == before


async def test_a_visit_that_was_moved_to_another_person_opens_for_nobody(door: FrontDoor) -> None:
    event = await came(door)
    await change(door, "UPDATE visits SET person_id = 'hub'")
    assert await read(door, event, "hub") == []
    assert await read(door, event) == []
