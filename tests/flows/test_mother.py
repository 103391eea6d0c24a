"""A command that was forked is the command that a shell starts."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.flows.commands import Commands, Process, line_of
from tests.flows.forked import Forked, run_command, starts_alike
from tests.flows.world import free_port

WORDS = [("--version",), ("no-such-command",), ("keys", "list", "--json")]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    names = ("PATH", "PYTHONPATH", "LANG", "HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "APPROVALS_HUB__DATA": str(tmp_path / "none")}


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_it_says_the_same_and_ends_with_the_same_status(
    words: tuple[str, ...], env: dict[str, str], tmp_path: Path
) -> None:
    started = subprocess.run(
        line_of(words), env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, input=""
    )
    forked = run_command(words, "", env, tmp_path, 60)
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_its_environment_and_folder_are_its_own(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    made = run_command(("init",), "", {**env, "APPROVALS_HUB__DATA": "here"}, tmp_path / "elsewhere", 60)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "elsewhere" / "here").is_dir()


def test_one_that_takes_too_long_is_killed(env: dict[str, str], tmp_path: Path) -> None:
    assert run_command(("init",), "", env, tmp_path, 60).returncode == 0
    with pytest.raises(subprocess.TimeoutExpired):
        run_command(("serve", "--port", str(free_port())), "", env, tmp_path, 0.5)


def seen(process: Process, hub: Commands) -> dict[str, object]:
    """What the system says of a hub: its signals, its limits, what it has open beside its data, where it belongs."""
    about = Path(f"/proc/{process.pid}")
    lines = (line.partition(":") for line in (about / "status").read_text().splitlines())
    said = {name: value.strip() for name, _, value in lines}
    opened = []
    for handle in (about / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed since
            opened.append(str(handle.readlink()).partition(":[")[0])
    return {
        **{name: said[name] for name in ("Umask", "SigBlk", "SigIgn", "SigCgt", "Uid", "Gid")},
        "session": (os.getsid(process.pid), os.getpgid(process.pid)),
        "limits": (about / "limits").read_text(),
        "open": sorted(each for each in opened if not each.startswith(str(hub.data))),
        "folder": (about / "cwd").readlink(),
    }


def test_a_hub_is_to_the_system_what_one_is_that_was_started_and_a_signal_to_it_reaches_no_other(
    tmp_path: Path,
) -> None:
    hubs = [Commands(tmp_path / name) for name in ("started", "forked", "sister")]
    # The one that forks is there by then, and has the limit of before.
    assert starts_alike(hubs[0].env())
    with ExitStack() as stack, fewer_handles():
        processes = [stack.enter_context(hub.serving(from_nothing=hub is hubs[0])) for hub in hubs]
        started, forked, sister = processes
        told = [seen(process, hub) for process, hub in zip(processes, hubs, strict=True)]
        sister.kill()
        assert sister.wait(20) == -signal.SIGKILL
        assert (started.poll(), forked.poll()) == (None, None)
        ended = []
        for process in (started, forked):
            process.send_signal(signal.SIGINT)
            ended.append((process.communicate(timeout=20)[1], process.returncode))
    assert (isinstance(started, Forked), isinstance(forked, Forked)) == (False, True)
    assert told[1] == told[0]
    assert told[2] == told[0]
    assert ended == [("Stopping: whoever waits gets an answer to resume from.\n", 0)] * 2


@contextmanager
def fewer_handles() -> Iterator[None]:
    """Than this process had: what it starts meanwhile has the same limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHASHSEED", "LANG", "LC_ALL", "SSL_CERT_FILE"])
def test_a_command_with_what_an_interpreter_reads_at_its_start_is_not_forked(env: dict[str, str], name: str) -> None:
    assert starts_alike(env)
    assert starts_alike({**env, "APPROVALS_HUB__LOG__LEVEL": "debug"})
    assert not starts_alike({**env, name: "1"})
