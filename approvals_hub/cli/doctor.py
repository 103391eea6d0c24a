"""`approvals-hub doctor`: everything that is known to go wrong, looked at in one go, each with its way out."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import placed, speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub.config import Settings

_LEAST_SPACE = 512 * 1024 * 1024
_LAG_MILLISECONDS = 10_000


class Finding(NamedTuple):
    """One thing that was looked at; `fix` is what to do where it is not in order."""

    check: str
    ok: bool
    detail: str
    fix: str = ""


@click.command()
@click.option("--serving", is_flag=True, help="Only whether the hub answers and its database does: for health checks.")
@placed
@speaks
def doctor(output: Output, settings: Settings, *, serving: bool) -> int:
    """Check that everything is in order: settings, folder, keys, database, clock, log, and whether the hub answers."""
    # A look every few seconds opens no hub of its own: that would take the folder's lock from one that is starting.
    findings = [look_serving(settings)] if serving else list(look(settings))
    ok = all(finding.ok for finding in findings)
    output.result(
        {"ok": ok, "checks": [finding._asdict() for finding in findings]},
        lambda: "\n".join(map(_line, findings)),
    )
    return Exit.OK if ok else Exit.ERROR


def look(settings: Settings) -> Iterator[Finding]:
    """All checks, in the order in which one depends on another; later ones are left out where they make no sense."""
    from approvals_hub.cli.place import is_new, sqlite_file

    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], "Install Python 3.11 or newer.")
    yield _clock()
    yield _public_url(settings)
    if is_new(settings):
        yield Finding("hub", False, f"there is none in {settings.data}", "Make one: approvals-hub init")
        return
    yield _folder(settings)
    yield _key_file(settings)
    path = sqlite_file(settings)
    yield _database(path) if path is not None else _postgres(settings)
    yield from _hub(settings)


def _clock() -> Finding:
    from approvals_hub.cli.checks import check_clock
    from approvals_hub.core.clock import system_clock, to_text
    from approvals_hub.core.errors import Invalid

    now = system_clock().now()
    try:
        check_clock(now, None)
    except Invalid as wrong:
        return Finding("clock", False, wrong.detail, wrong.next_step)
    return Finding("clock", True, to_text(now))


def _public_url(settings: Settings) -> Finding:
    if settings.public_url.startswith("https://"):
        return Finding("public_url", True, settings.public_url)
    return Finding("public_url", True, f"{settings.public_url}: this computer only (docs/howto/reach_a_phone.md)")


def _folder(settings: Settings) -> Finding:
    from approvals_hub.db.folder import file_system

    mounts = Path("/proc/self/mounts")
    kind = file_system(settings.data.resolve(), mounts.read_text() if mounts.exists() else "") or "unknown"
    free = shutil.disk_usage(settings.data).free
    detail = f"{settings.data} on {kind}, {free // 2**20} MiB free"
    if not os.access(settings.data, os.W_OK | os.X_OK):
        return Finding("folder", False, f"{settings.data} cannot be written", "Run as the user who owns it.")
    if stat.S_IMODE(settings.data.stat().st_mode) & 0o077:
        return Finding("folder", False, f"{detail}, open to other users", f"chmod 700 {settings.data}")
    return Finding("folder", free >= _LEAST_SPACE, detail, "Make room on the disk.")


def _key_file(settings: Settings) -> Finding:
    from approvals_hub.core.sealing import KeyFileError, read_key_file

    try:
        keys = read_key_file(settings.key_file).keys
    except KeyFileError as error:
        return Finding("key_file", False, str(error), "Put the key file back, or correct its mode.")
    detail = f"{settings.key_file}, {len(keys)} keys" + (" (a rotation did not finish)" if len(keys) > 1 else "")
    return Finding("key_file", len(keys) == 1, detail, "Finish the rotation: approvals-hub keys rotate --kek")


def _database(path: Path) -> Finding:
    from approvals_hub.db.backup import reading
    from approvals_hub.db.sqlite_schema import pending_sqlite

    if not path.is_file():
        return Finding("database", False, f"{path} is missing", "Restore a backup: approvals-hub db restore FILE")
    try:
        with closing(reading(path)) as connection:
            answer = connection.execute("PRAGMA quick_check").fetchone()[0]
        if answer != "ok":
            return Finding("database", False, str(answer), "Restore a backup: approvals-hub db restore FILE")
        pending = asyncio.run(pending_sqlite(path))
    except Exception as error:
        return Finding("database", False, f"{path}: {error}", "approvals-hub db check")
    return Finding("database", not pending, f"{path}, {path.stat().st_size // 2**20} MiB", "approvals-hub db migrate")


def _postgres(settings: Settings) -> Finding:
    from approvals_hub.db.postgres_schema import pending_postgres

    try:
        pending = asyncio.run(pending_postgres(settings.database.url))
    except Exception as error:
        return Finding("database", False, f"PostgreSQL: {error}", "Check database.url, and that the server runs.")
    return Finding("database", not pending, "PostgreSQL", "approvals-hub db migrate")


def _hub(settings: Settings) -> Iterator[Finding]:
    """Through the hub that serves, or one opened for this."""
    from approvals_hub.cli.failures import problem_of
    from approvals_hub.cli.local import call

    try:
        state = call(settings, "hub.state", {})
    except Exception as error:
        problem = problem_of(error)
        yield Finding("hub", False, problem.what, problem.fix)
        return
    yield Finding("hub", True, f"epoch {state['epoch']}")
    missing = [purpose for purpose, there in state["signing"].items() if not there]
    yield Finding("signing_keys", not missing, ", ".join(missing) or "token, log", "approvals-hub keys rotate")
    refused = state["logs_refused"]
    yield Finding(
        "audit_log",
        not refused and state["sealing_lag"] < _LAG_MILLISECONDS,
        "; ".join(refused) or f"sealed up to {state['sealing_lag']} ms ago",
        "Keep the data as it is, and see docs/howto/back_up_and_restore.md.",
    )
    yield from map(_channel, state["channels"])
    yield _channels(state["few_channels"])
    yield Finding("delivery_log", True, f"attempts are kept for {settings.delivery_log.days} days")
    yield _port(settings)


def _channel(met: dict[str, str | None]) -> Finding:
    """What one channel of the settings met when it was tried without sending."""
    detail = f"{met['kind']}: " + ("ready" if met["status"] is None else str(met["said"]))
    return Finding(
        f"channel {met['channel']}", met["status"] is None, detail, "Mend its table in the settings, or its server."
    )


def _channels(few: list[str]) -> Finding:
    """Whether one channel that fails leaves nobody without any: a warning, and no fault of the hub."""
    if not few:
        return Finding("channels", True, "two working ones or more for everybody")
    names = "; ".join(few[:5]) + (" …" if len(few) > 5 else "")
    return Finding("channels", True, f"fewer than two working ones for {names} (docs/howto/channels_of_your_own.md)")


def look_serving(settings: Settings) -> Finding:
    """Whether a hub that serves these settings is ready for requests; one that does not answer is a fault here."""
    status = _answered(settings)
    place = f"{settings.listen.host}:{settings.listen.port}"
    said = "does not answer" if status is None else f"answers {status}"
    return Finding("http", status == 200, f"{place} {said}", "Start the hub, or look at its log.")


def _port(settings: Settings) -> Finding:
    """Whether the hub answers over HTTP; that it does not serve there now is said, and is no fault."""
    status = _answered(settings)
    place = f"{settings.listen.host}:{settings.listen.port}"
    if status is None:
        # One that was started with another port serves all the same, and these settings do not know where.
        return Finding("http", True, f"{place} does not answer now")
    return Finding("http", status == 200, f"{place} answers {status}", "Look at the hub's log.")


def _answered(settings: Settings) -> int | None:
    """The status of `/healthz/ready`; None where nobody answers within three seconds."""
    import http.client

    connection = http.client.HTTPConnection(settings.listen.host, settings.listen.port, timeout=3)
    try:
        connection.request("GET", "/healthz/ready", headers={"Host": settings.public_url.partition("://")[2]})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _line(finding: Finding) -> str:
    mark = "ok  " if finding.ok else "FAIL"
    return f"{mark}  {finding.check}: {finding.detail}" + ("" if finding.ok else f"\n      do: {finding.fix}")
