"""Migration files: order, engines' dialects, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.db.migrate import FOLDER, Engine, Migration, MigrationRefused, migrations_in, pending


def of(text: str, name: str = "0001_a.sql") -> Migration:
    return Migration(name, text, "00")


@pytest.mark.parametrize(
    ("text", "engine", "statements"),
    [
        ("CREATE TABLE a (b INTEGER);", "sqlite", ["CREATE TABLE a (b INTEGER) STRICT;"]),
        ("CREATE TABLE a (b INTEGER);", "postgres", ["CREATE TABLE a (b BIGINT);"]),
        ("CREATE TABLE a (b REAL, c BLOB);", "postgres", ["CREATE TABLE a (b DOUBLE PRECISION, c BYTEA);"]),
        ("CREATE TABLE a (b TEXT);", "postgres", ['CREATE TABLE a (b TEXT COLLATE "C");']),
        ("ALTER TABLE a ADD COLUMN b TEXT;", "postgres", ['ALTER TABLE a ADD COLUMN b TEXT COLLATE "C";']),
        ("ALTER TABLE a ADD COLUMN b TEXT;", "sqlite", ["ALTER TABLE a ADD COLUMN b TEXT;"]),
        (
            "CREATE TABLE a (b TEXT PRIMARY KEY) WITHOUT ROWID;",
            "sqlite",
            ["CREATE TABLE a (b TEXT PRIMARY KEY) WITHOUT ROWID, STRICT;"],
        ),
        ("CREATE TABLE a (b INTEGER) WITHOUT ROWID;", "postgres", ["CREATE TABLE a (b BIGINT);"]),
        # a default, a quoted name and a comment are no types
        (
            "CREATE TABLE a (b INTEGER CHECK (b <> 'TEXT')); -- BLOB",
            "postgres",
            ["CREATE TABLE a (b BIGINT CHECK (b <> 'TEXT'));"],
        ),
        ('CREATE TABLE a ("TEXT" INTEGER);', "postgres", ['CREATE TABLE a ("TEXT" BIGINT);']),
        ("CREATE TABLE a (b /* REAL; */ INTEGER);", "postgres", ["CREATE TABLE a (b   BIGINT);"]),
        # other statements stay as they are
        ("UPDATE a SET b = 'TEXT';", "postgres", ["UPDATE a SET b = 'TEXT';"]),
        (
            "CREATE UNIQUE INDEX a_b ON a (b) WHERE c IS NULL;",
            "sqlite",
            ["CREATE UNIQUE INDEX a_b ON a (b) WHERE c IS NULL;"],
        ),
        # several, on lines as they come
        ("UPDATE a\nSET b = ';';\n\nDELETE FROM a;", "sqlite", ["UPDATE a\nSET b = ';';", "DELETE FROM a;"]),
        # for one engine alone
        ("-- postgres only\nGRANT x;\n-- end\nDELETE FROM a;", "postgres", ["GRANT x;", "DELETE FROM a;"]),
        ("-- postgres only\nGRANT x;\n-- end\nDELETE FROM a;", "sqlite", ["DELETE FROM a;"]),
        ("-- sqlite only\nANALYZE;\n-- end", "postgres", []),
    ],
)
def test_a_file_becomes_each_engines_own(text: str, engine: Engine, statements: list[str]) -> None:
    assert of(text).statements(engine) == statements


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("DELETE FROM a", "without an end"),
        ("-- postgres only\nGRANT x;", "without an end"),
        ("-- end", "without a beginning"),
        ("-- postgres only\n-- sqlite only\n-- end", "inside another"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        of(text).statements("sqlite")


def test_the_hubs_own_files_are_numbered_and_translate() -> None:
    migrations = migrations_in(FOLDER)
    assert migrations
    for migration in migrations:
        assert migration.statements("sqlite")
        assert migration.statements("postgres")


@pytest.mark.parametrize(
    "names", [["0002_a.sql"], ["0001_a.sql", "0003_b.sql"], ["0001_a.sql", "0001_b.sql"], ["1_a.sql"]]
)
def test_numbers_have_no_gap_and_no_twin(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1;")
    with pytest.raises(ValueError, match="should be number"):
        migrations_in(tmp_path)


FIRST, SECOND = Migration("0001_a.sql", "", "aa"), Migration("0002_b.sql", "", "bb")


def test_what_is_applied_is_not_run_again() -> None:
    assert pending([FIRST, SECOND], {}) == [FIRST, SECOND]
    assert pending([FIRST, SECOND], {"0001_a.sql": "aa"}) == [SECOND]
    assert pending([FIRST, SECOND], {"0001_a.sql": "aa", "0002_b.sql": "bb"}) == []


@pytest.mark.parametrize(
    ("applied", "why"),
    [
        ({"0001_a.sql": "ff"}, "0001_a.sql was changed after it was applied"),
        ({"0001_a.sql": "aa", "0002_b.sql": "bb", "0003_c.sql": "cc"}, "newer than this code: it has 0003_c.sql"),
        ({"0002_b.sql": "bb"}, "lacks 0001_a.sql"),
    ],
)
def test_a_database_that_does_not_fit_the_files_is_refused(applied: dict[str, str], why: str) -> None:
    with pytest.raises(MigrationRefused, match=why):
        pending([FIRST, SECOND], applied)
