"""One text for both engines: the rewriting, and that both then answer the same."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.db.database import Database, Tx
from approvals_hub.db.sql import In, for_postgres, for_sqlite, plain_name


@pytest.mark.parametrize(
    ("sql", "params", "sqlite", "postgres"),
    [
        ("SELECT :a", {"a": 1}, ("SELECT :a", {"a": 1}), ("SELECT $1", [1])),
        # the same name twice is one argument
        ("SELECT :b, :a, :b", {"a": 1, "b": 2}, ("SELECT :b, :a, :b", {"a": 1, "b": 2}), ("SELECT $1, $2, $1", [2, 1])),
        # text, quoted names, comments and casts are not touched
        ("SELECT ':x', ''':y'", {}, ("SELECT ':x', ''':y'", {}), ("SELECT ':x', ''':y'", [])),
        ('SELECT ":x"', {}, ('SELECT ":x"', {}), ('SELECT ":x"', [])),
        ("SELECT 1 -- :x", {}, ("SELECT 1 -- :x", {}), ("SELECT 1 -- :x", [])),
        ("SELECT /* :x; */ 1", {}, ("SELECT /* :x; */ 1", {}), ("SELECT /* :x; */ 1", [])),
        ("SELECT 1::text", {}, ("SELECT 1::text", {}), ("SELECT 1::text", [])),
        ("SELECT ';';", {}, ("SELECT ';';", {}), ("SELECT ';';", [])),
        # SQLite's INTEGER has 64 bits, PostgreSQL's has 32
        (
            "SELECT CAST(:a AS INTEGER)",
            {"a": 1},
            ("SELECT CAST(:a AS INTEGER)", {"a": 1}),
            ("SELECT CAST($1 AS BIGINT)", [1]),
        ),
        (
            "SELECT CAST(:a AS BLOB)",
            {"a": b""},
            ("SELECT CAST(:a AS BLOB)", {"a": b""}),
            ("SELECT CAST($1 AS BYTEA)", [b""]),
        ),
        ("SELECT 1 AS integer_count", {}, ("SELECT 1 AS integer_count", {}), ("SELECT 1 AS integer_count", [])),
        # lists, written either way
        (
            "SELECT 1 WHERE a IN :x",
            {"x": In([5])},
            ("SELECT 1 WHERE a IN (:x__0)", {"x__0": 5}),
            ("SELECT 1 WHERE a = ANY ($1)", [(5,)]),
        ),
        (
            "SELECT 1 WHERE a IN (:x)",
            {"x": In([5])},
            ("SELECT 1 WHERE a IN (:x__0)", {"x__0": 5}),
            ("SELECT 1 WHERE a = ANY ($1)", [(5,)]),
        ),
        (
            "SELECT 1 WHERE a IN (:x)",
            {"x": 5},
            ("SELECT 1 WHERE a IN (:x)", {"x": 5}),
            ("SELECT 1 WHERE a IN ($1)", [5]),
        ),
        (
            "SELECT 1 WHERE a NOT IN :x",
            {"x": In([5])},
            ("SELECT 1 WHERE a NOT IN (:x__0)", {"x__0": 5}),
            ("SELECT 1 WHERE a <> ALL ($1)", [(5,)]),
        ),
        (
            "SELECT 1 WHERE a IN :x",
            {"x": In([])},
            ("SELECT 1 WHERE a IN ()", {}),
            ("SELECT 1 WHERE a = ANY ($1)", [()]),
        ),
        # few texts for many lengths: the last value fills up to a power of two
        (
            "SELECT 1 WHERE a IN :x",
            {"x": In("abc")},
            ("SELECT 1 WHERE a IN (:x__0, :x__1, :x__2, :x__3)", {"x__0": "a", "x__1": "b", "x__2": "c", "x__3": "c"}),
            ("SELECT 1 WHERE a = ANY ($1)", [("a", "b", "c")]),
        ),
        (
            "SELECT 1 WHERE join_in = :x",
            {"x": 1},
            ("SELECT 1 WHERE join_in = :x", {"x": 1}),
            ("SELECT 1 WHERE join_in = $1", [1]),
        ),
    ],
)
def test_a_text_becomes_each_engines_own(sql: str, params: dict[str, Any], sqlite: Any, postgres: Any) -> None:
    for _ in range(2):  # taken apart, then remembered
        assert for_sqlite(sql, params) == sqlite
        assert for_postgres(sql, params) == postgres


@pytest.mark.parametrize(
    ("sql", "params", "why"),
    [
        ("SELECT :a, :b", {"a": 1}, r"missing: \[b\], unknown: \[\]"),
        ("SELECT :a", {"a": 1, "c": 2}, r"missing: \[\], unknown: \[c\]"),
        ("SELECT :a", {"a": In([1])}, "does not stand after IN"),
        ("SELECT 1 WHERE a IN :x", {"x": [1]}, r"goes in as In\(…\)"),
        ("SELECT 1; SELECT 2", {}, "one statement at a time"),
        ("BEGIN", {}, "not a statement for a unit of work"),
        ("/* x */ ROLLBACK", {}, "not a statement for a unit of work"),
        ("", {}, "not a statement for a unit of work"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(sql: str, params: dict[str, Any], why: str) -> None:
    for translate in (for_sqlite, for_postgres):
        with pytest.raises(ValueError, match=why):
            translate(sql, params)


def test_a_list_of_each_length_is_put_into_its_own_places_again_and_again() -> None:
    sql = "SELECT 1 WHERE a = :a AND b IN :x"
    for _ in range(3):
        for length in (0, 1, 3, 4, 5):
            text, params = for_sqlite(sql, {"a": 7, "x": In(range(length))})
            places = [name for name in params if name != "a"]
            assert params["a"] == 7
            assert sorted(set(params.values()) - {7}) == list(range(length))
            assert text == f"SELECT 1 WHERE a = :a AND b IN ({', '.join(f':{name}' for name in places)})"


def test_a_list_that_was_a_list_before_may_be_one_value_and_the_other_way_round() -> None:
    sql = "SELECT 2 WHERE a IN (:x)"
    assert for_sqlite(sql, {"x": In([5])})[1] == {"x__0": 5}
    assert for_sqlite(sql, {"x": 5}) == ("SELECT 2 WHERE a IN (:x)", {"x": 5})
    assert for_sqlite(sql, {"x": In([6])})[1] == {"x__0": 6}


def test_a_plain_name_holds_no_sql() -> None:
    assert plain_name("audit_entries") == "audit_entries"
    for name in ("", "a b", 'a"', "A", "a;", "a.b", "1a", "a" * 64, "a\n"):
        with pytest.raises(ValueError, match="plain table name"):
            plain_name(name)


async def answer(database: Database, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    async def work(tx: Tx) -> list[tuple[Any, ...]]:
        for number, word in enumerate(["b", "B", "a", "ä"]):
            await tx.execute(
                "INSERT INTO refusal_counts (source, minute, code, count) VALUES (:word, :minute, 'x', :count)",
                word=word,
                minute=2**40 + number,
                count=number,
            )
        return [tuple(dict(row).values()) for row in await tx.rows(sql, **params)]

    return await database.run(work)


@pytest.mark.parametrize(
    ("sql", "params", "rows"),
    [
        # text sorts by its bytes
        ("SELECT source FROM refusal_counts ORDER BY source", {}, [("B",), ("a",), ("b",), ("ä",)]),
        ("SELECT source FROM refusal_counts WHERE source > :x ORDER BY source", {"x": "a"}, [("b",), ("ä",)]),
        ("SELECT source FROM refusal_counts WHERE source LIKE 'b%'", {}, [("b",)]),
        # sums of integers are integers
        ("SELECT SUM(count) AS all_of_them, COUNT(*) AS rows_there FROM refusal_counts", {}, [(0 + 1 + 2 + 3, 4)]),
        # times pass 2^31
        ("SELECT minute FROM refusal_counts WHERE minute >= CAST(:x AS INTEGER) + 3", {"x": 2**40}, [(2**40 + 3,)]),
        # a filter that may be left out
        (
            "SELECT count FROM refusal_counts WHERE CAST(:x AS TEXT) IS NULL OR source = :x ORDER BY count",
            {"x": None},
            [(0,), (1,), (2,), (3,)],
        ),
        (
            "SELECT count FROM refusal_counts WHERE CAST(:x AS TEXT) IS NULL OR source = :x ORDER BY count",
            {"x": "a"},
            [(2,)],
        ),
        (
            "SELECT count FROM refusal_counts WHERE CAST(:x AS INTEGER) IS NULL OR minute < :x ORDER BY count",
            {"x": 2**40 + 1},
            [(0,)],
        ),
        # lists, an empty one too
        (
            "SELECT count FROM refusal_counts WHERE source IN :x ORDER BY count",
            {"x": In(["a", "b", "z"])},
            [(0,), (2,)],
        ),
        ("SELECT count FROM refusal_counts WHERE minute IN (:x)", {"x": In({2**40})}, [(0,)]),
        ("SELECT count FROM refusal_counts WHERE source IN :x", {"x": In([])}, []),
        ("SELECT count FROM refusal_counts WHERE source NOT IN :x ORDER BY count", {"x": In(["b", "B"])}, [(2,), (3,)]),
        ("SELECT COUNT(*) AS n FROM refusal_counts WHERE source NOT IN :x", {"x": In([])}, [(4,)]),
        ("SELECT count FROM refusal_counts ORDER BY count DESC LIMIT :limit", {"limit": 1}, [(3,)]),
    ],
)
async def test_both_engines_answer_the_same(
    database: Database, sql: str, params: dict[str, Any], rows: list[tuple[Any, ...]]
) -> None:
    assert await answer(database, sql, **params) == rows


async def test_update_returning_changes_all_rows_and_gives_the_first(database: Database) -> None:
    async def work(tx: Tx) -> tuple[Any, int]:
        row = await tx.row("UPDATE refusal_counts SET count = count + :more WHERE minute > 0 RETURNING count", more=10)
        changed = await tx.execute("UPDATE refusal_counts SET count = 0 WHERE count >= 10")
        return row, changed

    await answer(database, "SELECT 1 AS one")
    row, changed = await database.run(work)
    assert row["count"] == 10
    assert changed == 4


async def test_an_insert_that_meets_its_twin_changes_nothing(database: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        sql = "INSERT INTO hub_settings (name, value) VALUES (:name, 'x') ON CONFLICT DO NOTHING"
        return [await tx.execute(sql, name="a"), await tx.execute(sql, name="a"), await tx.execute(sql, name="b")]

    assert await database.run(work) == [1, 0, 1]


async def test_bytes_come_back_as_bytes_and_null_as_none(database: Database) -> None:
    async def work(tx: Tx) -> Any:
        await tx.execute(
            "INSERT INTO signing_keys (kid, purpose, public_key, sealed_seed, created_at, active_from)"
            " VALUES ('k', 'log', :key, :seed, 0, 0)",
            key=bytes(range(256)),
            seed=None,
        )
        return await tx.row("SELECT public_key, sealed_seed FROM signing_keys")

    row = await database.run(work)
    assert row["public_key"] == bytes(range(256))
    assert type(row["public_key"]) is bytes
    assert row["sealed_seed"] is None


async def test_a_value_of_the_wrong_type_is_refused(database: Database) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO refusal_counts (source, minute, code, count) VALUES ('a', :minute, 'x', 1)", minute="soon"
        )

    with pytest.raises(Exception, match=r"cannot store TEXT value in INTEGER column|invalid input for query argument"):
        await database.run(work)
