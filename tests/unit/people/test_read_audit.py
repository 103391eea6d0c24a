"""Auditors read, search and export the log of their own organisation, and leave a trace."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from approvals_hub.audit import table
from approvals_hub.audit.filter import EVERYTHING, Filter
from approvals_hub.audit.verify import verify
from approvals_hub.core.errors import Forbidden, HubError, Invalid, NotFound, Unauthenticated
from approvals_hub.people.acting import OperatorCredential
from approvals_hub_client.canonical import loads
from approvals_hub_client.tree import HASH_SIZE
from tests.unit.hub_fixture import Person, StaffedHub


@pytest.fixture
async def auditor(house: StaffedHub) -> Person:
    person = await house.person("Ada", "auditor")
    await seal(house)
    return person


async def seal(house: StaffedHub) -> None:
    while await house.hub.sealer.seal_all():
        pass


async def found(house: StaffedHub, reader: Any, wanted: Filter = EVERYTHING, **asked: Any) -> list[dict[str, Any]]:
    page = await house.hub.read_audit.find(
        reader, house.org_id, wanted, **{"cursor": None, "limit": 100, "newest_first": True, **asked}
    )
    return [loads(bytes(shown.entry)) for shown in page.items]


async def test_an_auditor_finds_what_happened_and_the_search_is_an_entry_too(
    house: StaffedHub, auditor: Person
) -> None:
    entries = await found(house, auditor.credential, Filter(kind="agent.registered"))
    assert [entry["actor_id"] for entry in entries] == [house.bot.agent_id]
    [searched] = await house.events("audit.searched")
    assert (searched["actor_type"], searched["actor_id"]) == ("person", auditor.person_id)


async def test_what_happened_last_comes_first_unless_the_oldest_is_asked_for(
    house: StaffedHub, auditor: Person
) -> None:
    newest = await found(house, auditor.credential)
    oldest = await found(house, auditor.credential, newest_first=False)
    assert newest == oldest[::-1]


@pytest.mark.parametrize("role", ["approver", "developer"])
async def test_a_role_that_does_not_read_the_log_reads_nothing_of_it(house: StaffedHub, role: str) -> None:
    person, log = await house.person("Ada", role), house.hub.read_audit
    for kind in ("audit.searched", "audit.exported", None):
        with pytest.raises(Forbidden):
            await log.admit(person.credential, house.org_id, kind)  # type: ignore[arg-type] # two of the literals
    for attempt in (
        found(house, person.credential),
        log.checkpoint(person.credential, house.org_id),
        log.tile(person.credential, house.org_id, 0, 0, None),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_the_log_of_another_organisation_is_not_there(house: StaffedHub, auditor: Person) -> None:
    for reader in (auditor.credential, house.owner.credential, house.operator):
        with pytest.raises((NotFound, Unauthenticated)):
            await house.hub.read_audit.admit(reader, "org_other")
        with pytest.raises((NotFound, Unauthenticated)):
            await house.hub.read_audit.tile(reader, "org_hub", 0, 0, None)


async def test_a_session_that_has_ended_reads_nothing(house: StaffedHub, auditor: Person) -> None:
    await house.change("UPDATE sessions SET ended_at = 1")
    with pytest.raises(HubError):
        await found(house, auditor.credential)


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 501}, {"cursor": "x"}, {"cursor": "-1"}])
async def test_a_page_that_is_none_is_refused(house: StaffedHub, auditor: Person, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await found(house, auditor.credential, **asked)


async def test_the_export_verifies_offline_and_that_it_was_made_is_an_entry(house: StaffedHub, auditor: Person) -> None:
    log = house.hub.read_audit
    await log.admit(auditor.credential, house.org_id, "audit.exported")
    lines = b"".join([piece async for piece in log.lines(auditor.credential, house.org_id, EVERYTHING)])
    report = verify(BytesIO(lines), keys=[str(key) for key in log.export.keys(house.org_id)])
    assert report.ok
    assert [entry["actor_id"] for entry in await house.events("audit.exported")] == [auditor.person_id]


async def test_the_table_is_signed_and_no_cell_is_a_formula(house: StaffedHub, auditor: Person) -> None:
    log = house.hub.read_audit
    await log.admit(auditor.credential, house.org_id, "audit.exported")
    text = b"".join([piece async for piece in log.table(house.org_id, Filter(kind="agent.registered"))])
    manifest = table.verify(BytesIO(text), *log.export.keys(house.org_id))
    assert (manifest.rows, manifest.query) == (1, {"kind": "agent.registered"})


async def test_a_checkpoint_is_signed_and_reading_it_leaves_no_entry(house: StaffedHub, auditor: Person) -> None:
    note = await house.hub.read_audit.checkpoint(auditor.credential, house.org_id)
    assert note == house.hub.sealer.outside.read(house.org_id)
    assert await house.events("audit.searched") == []


async def test_there_is_no_checkpoint_before_the_first_sealing(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.read_audit.checkpoint(house.owner.credential, house.org_id)


async def test_a_tile_is_as_wide_as_was_asked_for_and_never_wider_than_the_tree(
    house: StaffedHub, auditor: Person
) -> None:
    log, size = house.hub.read_audit, len(await found(house, house.operator))
    for width in (1, size):
        assert len(await log.tile(auditor.credential, house.org_id, 0, 0, width)) == width * HASH_SIZE
    for level, index, width in ((0, 0, None), (0, 0, size + 1), (0, 1, 1), (1, 0, 1), (63, 0, 1)):
        with pytest.raises(NotFound):
            await log.tile(auditor.credential, house.org_id, level, index, width)


async def test_the_operator_and_nobody_else_reads_the_hubs_own_log(house: StaffedHub) -> None:
    await seal(house)
    own = OperatorCredential("org_hub")
    page = await house.hub.read_audit.find(
        own, "org_hub", Filter(kind="key.rotated"), cursor=None, limit=10, newest_first=True
    )
    assert len(page.items) == 2
    for reader in (house.owner.credential, house.operator):
        with pytest.raises((NotFound, Unauthenticated)):
            await house.hub.read_audit.admit(reader, "org_hub")


async def test_the_hubs_own_log_is_no_organisation_to_govern(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.set_requirement(OperatorCredential("org_hub"), {"approvals": 2})
