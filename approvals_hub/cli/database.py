"""`approvals-hub db`: migrate, check, back up, restore. On PostgreSQL its own tools copy; the rest is the same."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import YES, placed, speaks, sure
from approvals_hub.cli.output import Output, Problem

if TYPE_CHECKING:
    from approvals_hub.config import Settings

BACKUP_PAGE = "docs/howto/back_up_and_restore.md"


@click.group()
def db() -> None:
    """Migrate, check, back up and restore the database."""


@db.command()
@placed
@speaks
def migrate(output: Output, settings: Settings) -> None:
    """Bring the tables up to this version; on SQLite a copy is made first."""
    from approvals_hub.cli.place import require_hub

    require_hub(settings)
    done = asyncio.run(_migrate(settings))
    output.result({"applied": done}, lambda: "Nothing to do." if not done else "Applied: " + ", ".join(done))


@db.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@placed
@speaks
def check(output: Output, settings: Settings, file: Path | None) -> int:
    """Check the database, or FILE: a backup. Reads all of it; a hub may serve meanwhile."""
    from approvals_hub.cli.place import require_hub, sqlite_file

    path = file or sqlite_file(settings)
    if file is None:
        require_hub(settings)
    wrong, pending = asyncio.run(_check(settings, path))
    found = {"sound": not wrong, "problems": wrong, "pending": pending}
    output.result(found, lambda: _told(wrong, pending))
    return Exit.ERROR if wrong else Exit.OK


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--with-encryption-keys", is_flag=True, help="Copy the key file too, to FILE.kek: who has both reads all."
)
@placed
@speaks
def backup(output: Output, settings: Settings, file: Path, with_encryption_keys: bool) -> None:
    """Write a copy to FILE while the hub serves. Signing keys are never in it."""
    from approvals_hub.cli.failures import Failed
    from approvals_hub.cli.place import require_hub, sqlite_file
    from approvals_hub.core.sealing import read_key_file, write_key_file
    from approvals_hub.db.backup import WITHOUT_SIGNING_KEYS, copy, reading

    require_hub(settings)
    path = sqlite_file(settings)
    if path is None:
        raise Failed(
            Problem(
                "backup_of_postgres",
                "this hub's data is in PostgreSQL, whose own tools make consistent copies",
                f"Use pg_dump without signing_keys.sealed_seed: {BACKUP_PAGE}",
            )
        )
    keys_file = file.with_name(file.name + ".kek") if with_encryption_keys else None
    if keys_file is not None and keys_file.exists():
        raise FileExistsError(17, "File exists", str(keys_file))
    with closing(reading(path)) as source:
        copy(source, file.absolute(), changes=WITHOUT_SIGNING_KEYS)
    if keys_file is not None:
        write_key_file(keys_file, read_key_file(settings.key_file))
    done = {"path": str(file), "bytes": file.stat().st_size, "key_file": None if keys_file is None else str(keys_file)}
    output.result(done, lambda: _backed_up(done, settings))


@db.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@YES
@placed
@speaks
def restore(output: Output, settings: Settings, file: Path | None, yes: bool) -> None:
    """Put the copy FILE in the place of the database; the hub must not be running.

    Tokens that were not redeemed become void, people sign in again, new signing keys are made. Without FILE: say that
    the database was put back by other means (pg_restore, a snapshot of the disk), with the same effects.
    """
    from approvals_hub.cli.restore import restore_hub

    sure(output, "Restore? What happened after the copy was made is lost, and open tokens become void.", yes=yes)
    done = asyncio.run(restore_hub(settings, file))
    lines = [f"Restored. A new epoch began: {done['epoch']}. Tokens of before are void; people sign in again."]
    if done["kept"]:
        lines.append(f"The database of before is kept as {done['kept']}.")
    for org_id, count in done["lost"].items():
        lines.append(f"Lost: {count} entries of the log of {org_id}, which were signed after the copy was made.")
    output.result(done, lambda: "\n".join(lines))


async def _migrate(settings: Settings) -> list[str]:
    from approvals_hub.cli.opening import locked
    from approvals_hub.cli.place import sqlite_file

    path = sqlite_file(settings)
    async with locked(settings, patience=2.0):
        if path is not None:
            from approvals_hub.db.sqlite_schema import migrate_sqlite

            return await migrate_sqlite(path)
        from approvals_hub.db.postgres_schema import migrate_postgres

        return await migrate_postgres(settings.database.url)


async def _check(settings: Settings, path: Path | None) -> tuple[list[str], list[str]]:
    if path is None:
        from approvals_hub.db.postgres_schema import pending_postgres

        return [], await pending_postgres(settings.database.url)
    from approvals_hub.db.sqlite_schema import pending_sqlite

    wrong = await asyncio.to_thread(_problems, path)
    return wrong, [] if wrong else await pending_sqlite(path)


def _problems(path: Path) -> list[str]:
    from approvals_hub.db.backup import problems, reading

    if not path.is_file():
        raise FileNotFoundError(2, "No such file", str(path))
    with closing(reading(path)) as connection:
        try:
            return problems(connection)
        except sqlite3.DatabaseError as error:
            return [str(error)]


def _told(wrong: list[str], pending: list[str]) -> str:
    if wrong:
        return "\n".join(["NOT SOUND:", *wrong[:20], f"Restore a backup: {BACKUP_PAGE}"])
    return "Sound." + (f" To be migrated: {', '.join(pending)} (approvals-hub db migrate)" if pending else "")


def _backed_up(done: dict[str, object], settings: Settings) -> str:
    if done["key_file"]:
        return f"{done['path']}, and its keys in {done['key_file']}: keep the two apart, who has both reads everything."
    return (
        f"{done['path']}. Without a copy of {settings.key_file}, kept elsewhere, nobody can read what is sealed in it."
    )
