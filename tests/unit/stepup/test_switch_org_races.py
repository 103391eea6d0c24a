"""Going elsewhere at the very moment when the session, or the key that opened it, is ended: PostgreSQL, where two units
of work run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.db.database import Tx
from tests.unit.hub_fixture import HERE, Person, StaffedHub, staffed_hub
from tests.unit.two_orgs import credential_of, second_org


class Halting(Recorder):
    """Halts a unit of work behind the entry that a session has ended."""

    def __init__(self, recorder: Recorder) -> None:
        self._chain = recorder._chain
        self.halted, self.go_on = asyncio.Event(), asyncio.Event()

    async def record(self, tx: Tx, event: Event) -> None:
        await super().record(tx, event)
        if event.kind == "session.ended":
            self.halted.set()
            await self.go_on.wait()


@pytest.fixture
async def served(postgres_uri: str, tmp_path: Path) -> AsyncIterator[StaffedHub]:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        yield house


async def blocked(uri: str) -> None:
    """Wait until a unit of work waits for a row that another one holds."""
    connection = await asyncpg.connect(uri)
    try:
        async with asyncio.timeout(15):
            while not await connection.fetch(
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


@pytest.mark.parametrize("how", ["signed_out_everywhere", "key_revoked"])
async def test_a_thief_who_goes_to_and_fro_does_not_outlive_the_end_of_the_session_or_of_its_key(
    served: StaffedHub, postgres_uri: str, how: str
) -> None:
    house, other, ada = served, await second_org(served), await served.person("Ada")
    await other.lets_in(ada, "approver")
    hers = replace(ada, credential=await ada.sign_in())

    async def ends(by: Person) -> Coroutine[Any, Any, Any]:
        if how == "signed_out_everywhere":
            return house.hub.end_session.others(by.credential, fresh=await by.fresh())
        return house.hub.revoke_device(by.credential, by.device_id, await by.fresh())

    ending = await ends(hers)
    switch = house.hub.orgs.switch
    halting = Halting(switch.visits.recorder)
    async with asyncio.TaskGroup() as group:
        thief = group.create_task(
            replace(switch, visits=replace(switch.visits, recorder=halting))(ada.credential, other.org_id, HERE)
        )
        await halting.halted.wait()
        ended = group.create_task(ending)
        await blocked(postgres_uri)
        halting.go_on.set()
    assert ended.done()
    with pytest.raises(Unauthenticated):
        await house.hub.current_session(credential_of(thief.result()))
