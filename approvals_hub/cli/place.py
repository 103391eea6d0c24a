"""A hub's place on the disk: whether there is one, and making it. Cheap to import: quick commands use it too."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from approvals_hub.cli.failures import Failed
from approvals_hub.cli.output import Problem
from approvals_hub.config import Settings


def is_new(settings: Settings) -> bool:
    """Whether there is no hub yet at this place."""
    return not settings.key_file.exists()


def require_hub(settings: Settings) -> None:
    """Raise Failed where there is no hub: a mistyped folder must not become a new one."""
    if is_new(settings):
        raise Failed(
            Problem(
                "no_hub",
                f"there is no hub in {settings.data}: {settings.key_file} is missing",
                "Make one: approvals-hub init; or name the right folder with --data.",
            )
        )


def make_folder(settings: Settings) -> None:
    """Make the data folder, mode 0700. Raises OSError where it cannot be made or written."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(settings.data, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "Permission denied", str(settings.data))


def make_keys(settings: Settings) -> None:
    """Make the key file (0600) where there is none. The folder is locked by now.

    Raises OSError, and Failed where a database is there without its key file: a new key would open nothing in it.
    """
    if not is_new(settings):
        return
    database = sqlite_file(settings)
    if database is not None and database.exists():
        raise Failed(
            Problem(
                "key_file_missing",
                f"{database} is there, but its key file {settings.key_file} is not",
                "Put the key file back (or set key_file); nothing in the database opens without it.",
            )
        )
    settings.key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    from approvals_hub.core.sealing import create_key_file

    create_key_file(settings.key_file)


def sqlite_file(settings: Settings) -> Path | None:
    """The database's file; None on PostgreSQL."""
    return Path(settings.database.url.removeprefix("sqlite:")) if settings.on_sqlite else None
