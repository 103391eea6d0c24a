"""A report of sign-ins over a whole hub: what happened, whose it is, and that it is whole."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from approvals_hub.audit import table
from approvals_hub.core.errors import Unauthenticated
from approvals_hub.people.read_sign_ins import ReadSignIns
from approvals_hub.people.sign_in_report import COLUMNS, TABLE_FORMAT, WantedSignIns
from approvals_hub_client.canonical import dumps
from tests.unit.hub_fixture import StaffedHub
from tests.unit.two_orgs import second_org


async def sealed(house: StaffedHub) -> ReadSignIns:
    while await house.hub.sealer.seal_all():
        pass
    return house.hub.read_audit.sign_ins


async def report(house: StaffedHub, *, page: int = 500, **wanted: Any) -> tuple[Any, list[dict[str, Any]], Any]:
    """The header, the sign-ins and the end."""
    reads = replace(await sealed(house), page=page)
    pieces = [piece async for piece in reads.lines(house.org_id, WantedSignIns(**wanted))]
    first, *lines, last = [json.loads(line) for line in b"".join(pieces).splitlines()]
    digest = sha256(b"".join(pieces[:-1])).hexdigest()
    assert last["end"]["digest"] == digest
    return first["header"], [line["sign_in"] for line in lines], last["end"]


async def test_a_report_says_who_signed_in_and_what_failed(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.change("UPDATE people SET state = 'disabled' WHERE id = :id", id=ada.person_id)
    with pytest.raises(Unauthenticated):
        await ada.sign_in()
    header, found, end = await report(house, person=ada.person_id)
    assert (header["query"], header["org_id"], end["erased"]) == ({"person": ada.person_id}, house.org_id, 0)
    assert [(each["outcome"], each["method"], each["code"]) for each in found] == [
        ("signed_in", "invitation", None),
        ("signed_in", "device_key", None),
        ("refused", "device_key", "person_disabled"),
    ]
    assert {(each["name"], each["client"], each["network"]) for each in found} == {("Ada", "test", "192.0.2.0/24")}
    for each in found:
        visit = {"client": each["client"], "network": each["network"], "salt": each["salt"]}
        assert each["visit"] == f"sha256:{sha256(dumps(visit)).hexdigest()}"


async def test_a_session_that_was_ended_says_when(house: StaffedHub) -> None:
    credential = await house.owner.sign_in()
    house.time.now += 1000
    await house.hub.sign_out(credential)
    _, found, _ = await report(house)
    assert found[-1]["ended_at"] > found[-1]["ts"]
    assert found[-1]["session_id"].startswith("ses_")


async def test_a_report_of_small_pages_is_the_same(house: StaffedHub) -> None:
    await house.person("Ada")
    assert (await report(house, page=2))[1] == (await report(house))[1]


async def test_a_time_before_which_nobody_came_leaves_an_empty_report(house: StaffedHub) -> None:
    _, found, end = await report(house, until=1)
    assert (found, end["sign_ins"]) == ([], 0)
    assert len((await report(house, since=1))[1]) == 2


async def test_a_report_holds_nothing_of_another_organisation(house: StaffedHub) -> None:
    second = await second_org(house)
    _, mine, _ = await report(house)
    _, theirs, _ = await report(second.house)
    assert {each["person_id"] for each in mine} == {house.owner.person_id}
    assert {each["person_id"] for each in theirs} == {second.owner.person_id}


async def test_the_places_of_somebody_who_was_erased_are_gone_and_their_sign_ins_stay(house: StaffedHub) -> None:
    await house.change("DELETE FROM data_keys WHERE scope = :scope", scope=house.owner.person_id)
    _, found, end = await report(house)
    assert end["erased"] == len(found) == 2
    assert {(each["client"], each["network"], each["salt"]) for each in found} == {(None, None, None)}


async def test_a_table_is_signed_over_all_of_its_rows(house: StaffedHub) -> None:
    reads = await sealed(house)
    whole = b"".join([piece async for piece in reads.table(house.org_id, WantedSignIns())])
    verifier = reads.signer(house.org_id).verifier
    manifest = table.verify(BytesIO(whole), verifier, form=TABLE_FORMAT)
    assert (manifest.rows, manifest.query) == (2, {})
    assert whole.startswith(b'"index","ts","outcome",')
    assert whole.split(b"\r\n")[1].count(b'","') == len(COLUMNS) - 1
    with pytest.raises(ValueError, match="not those that were signed"):
        table.verify(BytesIO(whole.replace(b"192.0.2.0", b"192.0.3.0", 1)), verifier, form=TABLE_FORMAT)
    with pytest.raises(ValueError, match="not those that were signed"):
        table.verify(BytesIO(whole), verifier)  # a table of sign-ins is none of entries
