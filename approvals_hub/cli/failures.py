"""What every error becomes at the command line: what happened, what to do, and the exit status."""

from __future__ import annotations

import errno
import sqlite3

import click

from approvals_hub.cli.exits import Exit, exit_of
from approvals_hub.cli.output import Problem
from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub_client.errors import ClientError, NotApproved, Refused

_FIXES = {
    errno.ENOSPC: "Make room on the disk; nothing was half done.",
    errno.EDQUOT: "Make room on the disk; nothing was half done.",
    errno.EROFS: "The file system is read-only: use another folder (--data).",
    errno.EACCES: "Run as the user who owns the file, or change its permissions.",
    errno.EPERM: "Run as the user who owns the file, or change its permissions.",
    errno.ENOENT: "Check the path.",
    errno.ENOTDIR: "Check the path: one of its folders is a file.",
    errno.EISDIR: "Name a file, not a folder.",
    errno.EEXIST: "Choose another name, or move the file away.",
    errno.EADDRINUSE: "Stop what uses this port, or choose another: --port, or listen.port in the settings.",
    errno.EADDRNOTAVAIL: "listen.host is no address of this computer.",
}
_NO_DATABASE = "Is the file a hub's database? Run: approvals-hub db check"


class Failed(Exception):
    """A command that ends with a message of its own."""

    def __init__(self, problem: Problem, status: Exit = Exit.ERROR) -> None:
        super().__init__(problem.what)
        self.problem = problem
        self.status = status


def problem_of(error: Exception) -> Problem:
    """The error as it is told. An unknown one says its kind, and how to see where it came from."""
    if isinstance(error, Failed):
        return error.problem
    if isinstance(error, HubError):
        return Problem(error.code, error.detail, error.next_step, error.field, error.extra.get("request_id"))
    if isinstance(error, Refused):
        return Problem(error.code, error.detail, error.next_step, error.field, error.request_id)
    if isinstance(error, NotApproved):
        return Problem(error.outcome or "not_approved", str(error), "Do not act.")
    if isinstance(error, ClientError):
        return Problem(type(error).__name__.lower(), str(error))
    if isinstance(error, click.ClickException):
        return Problem("usage", error.format_message())
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return Problem("system", f"{place}{error.strerror or error}", _FIXES.get(error.errno or 0, ""))
    if isinstance(error, sqlite3.Error):
        return Problem("database", f"the database: {error}", _NO_DATABASE)
    return _of_the_hub(error) or Problem(
        "unexpected",
        f"unexpected error ({type(error).__name__}): {error}",
        "Run it again with APPROVALS_HUB_TRACEBACK=1 and report what it prints.",
    )


def status_of(error: Exception) -> int:
    """The exit status of an error."""
    if isinstance(error, Failed):
        return error.status
    if isinstance(error, ClientError):
        return exit_of(error)
    if isinstance(error, Unauthenticated | Forbidden):
        return Exit.NOT_AUTHORISED
    return Exit.ERROR


def _of_the_hub(error: Exception) -> Problem | None:
    """Those whose homes cost time to import: by then they are imported."""
    from approvals_hub.audit.compare import LogCutBack
    from approvals_hub.core.sealing import KeyFileError, SealBroken
    from approvals_hub.db.folder import FolderRefused
    from approvals_hub.db.migrate import MigrationRefused

    if isinstance(error, KeyFileError):
        return Problem("key_file", str(error))
    if isinstance(error, SealBroken):
        return Problem("key_file", str(error), "Put back the key file that belongs to this database (key_file).")
    if isinstance(error, FolderRefused):
        return Problem("folder", str(error))
    if isinstance(error, MigrationRefused):
        return Problem("migration", str(error))
    if isinstance(error, LogCutBack):
        return Problem("log_cut_back", str(error))
    return None
