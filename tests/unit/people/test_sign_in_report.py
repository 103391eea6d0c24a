"""The lines and rows of a report of sign-ins."""

from __future__ import annotations

import csv
from hashlib import sha256
from io import StringIO
from typing import Any

import msgspec
import pytest

from approvals_hub.people.sign_in_report import (
    COLUMNS,
    Count,
    Line,
    SignInView,
    WantedSignIns,
    line_of,
    logged,
    row_of,
    view_of,
)
from approvals_hub.people.visit import Visit

VISIT = Visit(client="=phone()", network="192.0.2.0/24", salt="AA")
SESSION = {"last_seen_at": 60_000, "ended_at": None, "expires_at": 120_000}


def entry(**changes: Any) -> bytes:
    detail = {"session_id": "ses_1", "method": "passkey", "acr": "SUBSTANTIAL", "scope": "full", "visit": "sha256:1"}
    said = {"ts": "1970-01-01T00:00:01.000Z", "kind": "session.opened", "actor_id": "per_1", "decision": None}
    return msgspec.json.encode({**said, "detail": detail, **changes})


def view(visit: Visit | None = VISIT, session: Any = None, **changes: Any) -> SignInView:
    return view_of(logged(7, entry(**changes)), visit, session or SESSION, "Ada")


def test_a_sign_in_says_who_when_from_where_by_what_and_until_when() -> None:
    shown = view()
    assert (shown.index, shown.ts, shown.outcome, shown.name) == (7, "1970-01-01T00:00:01.000Z", "signed_in", "Ada")
    assert (shown.method, shown.acr, shown.client, shown.network) == (
        "passkey",
        "SUBSTANTIAL",
        "=phone()",
        "192.0.2.0/24",
    )
    assert (shown.last_seen_at, shown.ended_at, shown.expires_at) == (
        "1970-01-01T00:01:00.000Z",
        None,
        "1970-01-01T00:02:00.000Z",
    )


def test_a_refusal_says_why_and_what_is_not_known_is_null() -> None:
    shown = view_of(logged(8, entry(kind="session.refused", decision="person_disabled", detail={})), None, None, None)
    assert (shown.outcome, shown.code, shown.person_id) == ("refused", "person_disabled", "per_1")
    assert {shown.method, shown.session_id, shown.network, shown.visit, shown.name, shown.ended_at} == {None}


def test_a_row_is_no_formula_and_has_a_cell_for_each_column() -> None:
    [cells] = csv.reader(StringIO(row_of(view()).decode()))
    assert len(cells) == len(COLUMNS)
    assert cells[COLUMNS.index("client")] == "'=phone()"
    assert cells[COLUMNS.index("ended_at")] == ""


def test_the_end_counts_what_was_shown_and_what_is_erased() -> None:
    count = Count()
    pieces = [line_of(Line(sign_in=each)) for each in (view(), view(None), view(None, detail={}))]
    for piece, each in zip(pieces, (view(), view(None), view(None, detail={})), strict=True):
        assert count.add(piece, each) == piece
    assert (count.end().sign_ins, count.end().erased) == (3, 1)
    assert count.end().digest == sha256(b"".join(pieces)).hexdigest()


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        (WantedSignIns(), {}),
        (WantedSignIns(since=0, person="per_1"), {"since": "1970-01-01T00:00:00.000Z", "person": "per_1"}),
    ],
)
def test_what_was_asked_for_is_told_in_the_words_of_the_url(wanted: WantedSignIns, query: dict[str, str]) -> None:
    assert wanted.query() == query
