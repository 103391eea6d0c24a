"""SQL of invitations, on both databases."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.people import invite_store as invites
from tests.fakes.front_door import FrontDoor


async def add(tx: Tx, purpose: str = "invite", invite_id: str = "pin_1") -> None:
    await invites.add_invite(
        tx,
        invite_id=invite_id,
        org_id="org_1",
        person_id="per_1",
        purpose=purpose,
        token_hash=invite_id.encode().ljust(32, b"\0"),
        invited_by="per_0",
        at=1,
        expires_at=10,
    )


async def test_an_invitation_is_spent_once(door: FrontDoor) -> None:
    async def work(tx: Tx) -> list[bool]:
        await add(tx)
        return [await invites.use_invite(tx, "pin_1", now=5) is not None for _ in range(2)]

    assert await door.db.run(work) == [True, False]


async def test_an_invitation_is_not_spent_in_the_millisecond_it_expires(door: FrontDoor) -> None:
    async def work(tx: Tx) -> list[bool]:
        await add(tx)
        return [await invites.use_invite(tx, "pin_1", now=now) is not None for now in (10, 9)]

    assert await door.db.run(work) == [False, True]


async def test_only_open_set_up_links_are_counted(door: FrontDoor) -> None:
    async def work(tx: Tx) -> list[int]:
        await add(tx, "setup", "pin_1")
        await add(tx, "setup", "pin_2")
        await add(tx, "invite", "pin_3")
        counts = [await invites.open_setup_invites(tx, 5)]
        await invites.use_invite(tx, "pin_1", now=5)
        counts += [await invites.open_setup_invites(tx, now) for now in (5, 10)]
        await invites.end_setup_invites(tx, 5)
        return [*counts, await invites.open_setup_invites(tx, 5)]

    assert await door.db.run(work) == [2, 1, 0, 0]


async def test_ending_a_persons_links_leaves_nobody_elses(door: FrontDoor) -> None:
    async def work(tx: Tx) -> bool:
        await add(tx)
        await invites.end_invites_of(tx, "per_2", 5)
        found = await invites.invite(tx, b"pin_1".ljust(32, b"\0"))
        same = await invites.invite_by_id(tx, "pin_1")
        assert found is not None
        assert same is not None
        return found["used_at"] is None and same["id"] == found["id"]

    assert await door.db.run(work)
