"""The recorder, on a stand-in for one connection: what it writes, in which order, with which MAC."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
import rfc8785

from approvals_hub.audit.entry import NO_MAC
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder

KEY = bytes(range(32))
OPENED = Event(
    kind="escalation.opened",
    org_id="org_1",
    at=1_763_689_228_123,
    actor_type="agent",
    actor_id="agt_1",
    agent_id="agt_1",
    escalation_id="esc_1",
    action_id="act-1",
    action_type="payments.transfer",
    signature_valid=True,
    trust="signed",
    detail={"requirement_hash": "sha256:00", "action_hash": "sha256:11"},
)


class Connection:
    """Keeps the rows that are inserted; the contract's `memory` and `execute` are all the recorder uses."""

    def __init__(self) -> None:
        self.memory: dict[str, Any] = {}
        self.rows: list[dict[str, Any]] = []

    async def execute(self, sql: str, /, **params: Any) -> int:
        self.rows.append(params)
        return 1


async def recorded(*events: Event) -> list[dict[str, Any]]:
    connection = Connection()
    recorder = Recorder(mac_key=KEY)
    for event in events:
        await recorder.record(connection, event)  # type: ignore[arg-type]
    return connection.rows


async def test_an_entry_has_every_member_of_the_product_page_by_its_exact_name() -> None:
    (row,) = await recorded(OPENED)
    entry = json.loads(row["body"])
    assert set(entry) >= {
        "ts",
        "actor_type",
        "actor_id",
        "action_type",
        "action_id",
        "decision",
        "policy_id",
        "proof_kid",
        "signature_valid",
    }


async def test_the_bytes_of_an_entry_are_the_canonical_form_of_their_own_parse() -> None:
    (row,) = await recorded(OPENED)
    assert rfc8785.dumps(json.loads(row["body"])) == row["body"]


async def test_a_member_with_nothing_to_say_is_null_and_not_left_out() -> None:
    (row,) = await recorded(OPENED)
    entry = json.loads(row["body"])
    assert [name for name, value in entry.items() if value is None] == ["decision", "policy_id", "proof_kid"]


async def test_the_time_of_an_entry_is_rfc_3339_with_milliseconds() -> None:
    (row,) = await recorded(OPENED)
    assert json.loads(row["body"])["ts"] == "2025-11-21T01:40:28.123Z"


async def test_a_connection_counts_its_entries_from_zero_without_a_hole() -> None:
    rows = await recorded(OPENED, OPENED, OPENED)
    assert [row["seq"] for row in rows] == [0, 1, 2]


async def test_each_mac_is_hmac_sha256_over_the_previous_mac_and_the_bytes() -> None:
    first, second = await recorded(OPENED, OPENED)
    assert first["mac"] == hmac.digest(KEY, NO_MAC + first["body"], "sha256")
    assert second["mac"] == hmac.digest(KEY, first["mac"] + second["body"], "sha256")


async def test_each_organisation_has_a_chain_of_its_own_on_the_same_connection() -> None:
    other = Event(kind="org.created", org_id="org_2", at=0, actor_type="operator", actor_id="operator")
    rows = await recorded(OPENED, other, OPENED)
    assert [(row["org_id"], row["seq"]) for row in rows] == [("org_1", 0), ("org_2", 0), ("org_1", 1)]
    assert rows[0]["writer"] != rows[1]["writer"]


async def test_two_connections_are_two_writers() -> None:
    assert (await recorded(OPENED))[0]["writer"] != (await recorded(OPENED))[0]["writer"]


async def test_a_rolled_back_unit_leaves_no_hole_because_memory_goes_back_with_it() -> None:
    connection = Connection()
    recorder = Recorder(mac_key=KEY)
    await recorder.record(connection, OPENED)  # type: ignore[arg-type]
    before = dict(connection.memory)
    await recorder.record(connection, OPENED)  # type: ignore[arg-type]
    connection.memory = before
    await recorder.record(connection, OPENED)  # type: ignore[arg-type]
    assert [row["seq"] for row in connection.rows] == [0, 1, 1]


async def test_ids_of_entries_sort_by_time_and_then_by_sequence() -> None:
    later = Event(kind="org.stopped", org_id="org_1", at=OPENED.at + 1, actor_type="person", actor_id="per_1")
    ids = [row["id"] for row in await recorded(OPENED, OPENED, later)]
    assert ids == sorted(set(ids))
    assert len({len(text) for text in ids}) == 1


async def test_a_kind_outside_the_closed_list_is_refused() -> None:
    odd = Event(kind="escalation.forgotten", org_id="org_1", at=0, actor_type="hub", actor_id="hub")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="closed list"):
        await recorded(odd)


async def test_an_actor_outside_the_closed_list_is_refused() -> None:
    odd = Event(kind="org.created", org_id="org_1", at=0, actor_type="ghost", actor_id="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="closed list"):
        await recorded(odd)
