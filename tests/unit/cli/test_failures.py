"""Errors as people and programs are told them."""

from __future__ import annotations

import errno
import sqlite3

import click
import pytest

from approvals_hub.audit.compare import LogCutBack
from approvals_hub.cli.exits import Exit
from approvals_hub.cli.failures import Failed, problem_of, status_of
from approvals_hub.cli.output import Problem
from approvals_hub.core.errors import Conflict, Forbidden, Unauthenticated, Unavailable
from approvals_hub.core.sealing import KeyFileError, SealBroken
from approvals_hub.db.folder import FolderRefused
from approvals_hub.db.migrate import MigrationRefused
from approvals_hub_client.errors import Unreachable, not_approved, refused


@pytest.mark.parametrize(
    ("error", "code", "fix"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/hub.db"), "system", "Make room"),
        (OSError(errno.EROFS, "Read-only file system"), "system", "--data"),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), "system", "user who owns"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "system", "--port"),
        (sqlite3.DatabaseError("file is not a database"), "database", "db check"),
        (SealBroken("no"), "key_file", "Put back the key file"),
        (Conflict("stopped", "it is stopped", next_step="Resume it."), "stopped", "Resume it."),
        (refused(409, {"code": "spent", "next_step": "Ask again."}), "spent", "Ask again."),
        (not_approved({"status": "denied"}), "denied", "Do not act."),
        (RuntimeError("what?"), "unexpected", "APPROVALS_HUB_TRACEBACK=1"),
    ],
)
def test_an_error_has_a_stable_code_and_a_way_out(error: Exception, code: str, fix: str) -> None:
    problem = problem_of(error)
    assert problem.code == code
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyFileError("kek can be read by others; run: chmod 600 kek"), "key_file"),
        (FolderRefused("in use by process 7; stop it"), "folder"),
        (MigrationRefused("newer than this code; upgrade"), "migration"),
        (LogCutBack("cut"), "log_cut_back"),
        (Unreachable("no answer"), "unreachable"),
        (click.ClickException("no"), "usage"),
    ],
)
def test_a_message_that_holds_its_own_way_out_is_told_whole(error: Exception, code: str) -> None:
    problem = problem_of(error)
    assert (problem.code, problem.what) == (code, str(error))


def test_the_hubs_request_is_named_so_that_its_log_can_be_searched() -> None:
    assert problem_of(refused(500, {"request_id": "req_1"})).request_id == "req_1"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Failed(Problem("x", "x"), Exit.UNREACHABLE), 7),
        (Failed(Problem("x", "x")), 1),
        (Unauthenticated("x", "x", next_step=""), 6),
        (Forbidden("x", "x", next_step=""), 6),
        (Unavailable("x", "x", next_step=""), 1),
        (Unreachable("x"), 7),
        (OSError(errno.ENOSPC, "full"), 1),
        (RuntimeError(), 1),
    ],
)
def test_an_error_has_its_status(error: Exception, status: int) -> None:
    assert status_of(error) == status
