"""The log over HTTP."""

from __future__ import annotations

import io
import json

import pytest

from approvals_hub.keys.key import LOG
from approvals_hub_client import checkpoint as checkpoints
from approvals_hub_client.note import Verifier
from tests.unit.api.web_client import Web


def log(api: Web, path: str) -> str:
    return f"/v1/orgs/{api.house.org_id}/audit/{path}"


def verifiers(api: Web) -> list[Verifier]:
    origin = f"hub.example/{api.house.org_id}"
    return [Verifier(origin, key.public.raw) for key in api.house.hub.ring.all(LOG)]


async def sealed(api: Web) -> None:
    await api.house.hub.sealer.seal_all()


async def test_entries_are_found_by_what_they_are_about(api: Web) -> None:
    opened = (await api.escalate()).json
    await sealed(api)
    path = log(api, f"events?escalation={opened['escalation_id']}")
    items = (await api.call("GET", path, who=api.house.owner)).json["items"]
    assert [item["entry"]["kind"] for item in items] == ["escalation.opened"]


async def test_a_search_goes_on_where_the_last_page_ended(api: Web) -> None:
    await sealed(api)
    first = (await api.call("GET", log(api, "events?limit=2&order=oldest"), who=api.house.owner)).json
    path = log(api, f"events?limit=2&order=oldest&cursor={first['next']}")
    second = (await api.call("GET", path, who=api.house.owner)).json
    assert [item["index"] for item in first["items"] + second["items"]] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("query", "field"),
    [("since=yesterday", "$.since"), ("until=2026-01-01", "$.until"), ("kind=a b", "$.kind"), ("cursor=x", "$.cursor")],
)
async def test_a_filter_that_is_none_is_named(api: Web, query: str, field: str) -> None:
    reply = await api.call("GET", log(api, f"events?{query.replace(' ', '%20')}"), who=api.house.owner)
    assert (reply.status, reply.json["field"]) == (422, field)


async def test_an_export_is_a_file_with_a_signed_last_line(api: Web) -> None:
    await sealed(api)
    reply = await api.call("GET", log(api, "export"), who=api.house.owner)
    assert reply.headers["Content-Type"] == "application/jsonl"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{api.house.org_id}.jsonl"'
    assert reply.headers["Cache-Control"] == "no-store"
    assert len(io.BytesIO(reply.raw).readlines()) > 5


async def test_a_table_is_for_people(api: Web) -> None:
    await sealed(api)
    reply = await api.call("GET", log(api, "export?format=csv"), who=api.house.owner)
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.raw.startswith(b'"index","ts","kind"')


async def test_a_checkpoint_is_a_note_that_the_hubs_log_key_signed(api: Web) -> None:
    await sealed(api)
    reply = await api.call("GET", log(api, "checkpoint"), who=api.house.owner)
    signed = checkpoints.verify(reply.raw.decode(), *verifiers(api))
    assert signed.size > 0


async def test_a_tile_is_as_wide_as_the_tree(api: Web) -> None:
    await sealed(api)
    note = (await api.call("GET", log(api, "checkpoint"), who=api.house.owner)).raw.decode()
    size = int(note.splitlines()[1])
    reply = await api.call("GET", log(api, f"tile/0/0.p/{size}"), who=api.house.owner)
    assert (reply.status, len(reply.raw)) == (200, size * 32)


@pytest.mark.parametrize("place", ["0/0", "9/0", "0/x", "x/0", "0/0.p", "0/0.p/999", "0/0/5", "0/0.p/x", "0/0.p/0"])
async def test_a_tile_that_the_tree_does_not_have_is_not_found(api: Web, place: str) -> None:
    await sealed(api)
    reply = await api.call("GET", log(api, f"tile/{place}"), who=api.house.owner)
    assert reply.status == 404


@pytest.mark.parametrize("path", ["events", "export", "checkpoint", "tile/0/0"])
async def test_an_approver_reads_no_log(api: Web, path: str) -> None:
    ada = await api.house.person()
    reply = await api.call("GET", log(api, path), who=ada)
    assert (reply.status, reply.code) == (403, "role_missing")


async def test_whoever_reads_entries_leaves_one(api: Web) -> None:
    auditor = await api.house.person("Alva", "auditor")
    await api.call("GET", log(api, "events"), who=auditor)
    await api.call("GET", log(api, "export"), who=auditor)
    kinds = [event["kind"] for kind in ("audit.searched", "audit.exported") for event in await api.house.events(kind)]
    assert kinds == ["audit.searched", "audit.exported"]


async def test_sign_ins_are_a_stream_of_lines_or_a_table_and_that_they_were_read_is_an_entry(api: Web) -> None:
    await sealed(api)
    owner = api.house.owner
    reply = await api.call("GET", log(api, f"sign-ins?person={owner.person_id}&since=2020-01-01T00:00:00Z"), who=owner)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/jsonl")
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{api.house.org_id}.sign-ins.jsonl"'
    first, *found, last = [json.loads(line) for line in reply.raw.splitlines()]
    assert first["header"]["query"] == {"since": "2020-01-01T00:00:00.000Z", "person": owner.person_id}
    assert last["end"]["sign_ins"] == len(found) == 2
    assert b"192.0.2.1" not in reply.raw
    rows = await api.call("GET", log(api, "sign-ins?format=csv"), who=owner)
    assert (rows.headers["Content-Type"], rows.raw.count(b"signed_in")) == (
        "text/csv; charset=utf-8; header=present",
        2,
    )
    assert len(await api.house.events("sign_ins.exported")) == 2
    wrong = await api.call("GET", log(api, "sign-ins?until=tomorrow"), who=owner)
    assert (wrong.status, wrong.json["field"]) == (422, "$.until")
