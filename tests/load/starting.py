"""Cold starts: the command's help, a hub from the command to its first answer, and its memory when idle."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from tests.load import processes


def measure(rounds: int) -> list[dict[str, Any]]:
    """Lines of the table, each beside a bare aiohttp application or a bare interpreter."""
    python = statistics.median(_run([sys.executable, "-c", "pass"]) for _ in range(rounds))
    helped = statistics.median(_run([sys.executable, "-m", "approvals_hub", "--help"]) for _ in range(rounds))
    with tempfile.TemporaryDirectory() as folder:
        hubs = [_serve(Path(folder)) for _ in range(rounds)]
    bares = [_bare() for _ in range(rounds)]
    ready, plain = (statistics.median(one[0] for one in found) for found in (hubs, bares))
    memory, small = (statistics.median(one[1] for one in found) for found in (hubs, bares))
    return [
        _line("cold_start_help", helped * 1000, "ms beside a bare interpreter", python * 1000),
        _line("cold_start_serve", ready * 1000, "ms to ready beside a bare aiohttp application", plain * 1000),
        _line("idle_memory", memory, "MiB beside a bare aiohttp application", small),
    ]


def _line(name: str, value: float, unit: str, limit: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "limit": limit, "ratio": value / limit, "target": "printed"}


def _run(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=processes.ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _serve(folder: Path) -> tuple[float, float]:
    """Seconds to ready, and MiB; the first start also initialises, the later ones are what is measured."""
    port = processes.free_port() if not (folder / "port").exists() else int((folder / "port").read_text())
    (folder / "port").write_text(str(port))
    environment = {
        **os.environ,
        "APPROVALS_HUB__PUBLIC_URL": f"http://localhost:{port}",
        "APPROVALS_HUB__LISTEN__PORT": str(port),
        "APPROVALS_HUB__DATA": str(folder / "data"),
    }
    command = [sys.executable, "-m", "approvals_hub", "serve"]
    return _until_ready(command, f"http://127.0.0.1:{port}/healthz/ready", environment)


def _bare() -> tuple[float, float]:
    port = processes.free_port()
    command = [sys.executable, "-m", "tests.load.bare", str(port)]
    return _until_ready(command, f"http://127.0.0.1:{port}/echo", dict(os.environ))


def _until_ready(command: list[str], url: str, environment: dict[str, str]) -> tuple[float, float]:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=processes.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    took = time.perf_counter() - started
                    return took, psutil.Process(process.pid).memory_info().rss / 2**20
            time.sleep(0.005)
        raise RuntimeError(f"{' '.join(command[-2:])} ended before it was ready")
    finally:
        process.terminate()
        process.wait()
