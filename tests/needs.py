"""The mark `needs`: a test that needs Chromium, Node, npm's packages, curl or Go says so.

Where the tool is missing the test is left out and one line says so. With CI=true nothing may be missing: the test
fails, and so does the whole run if anything was skipped for another reason.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOUND = {
    "chromium": lambda: chromium() is not None,
    "notifications": lambda: chromium(shows=True) is not None,
    "node": lambda: shutil.which("node") is not None,
    "axe": lambda: (ROOT / "node_modules" / "axe-core" / "axe.min.js").is_file(),
    "curl": lambda: shutil.which("curl") is not None,
    "go": lambda: shutil.which("go") is not None,
}


def chromium(*, shows: bool = False) -> str | None:
    """The path of the Chromium on this computer, or None; `shows`: of one that has notifications."""
    # The shell first: the same engine without its windows, which is quicker. It forbids every page to notify.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names[1:] if shows else names)), None)


def in_ci() -> bool:
    """Whether this run is the one that decides."""
    return os.environ.get("CI") == "true"


class Needs:
    """Leaves out what cannot run here and counts what was left out and skipped; one object per pytest process."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.skipped: set[str] = set()

    def missing(self, item: pytest.Item) -> list[str]:
        """The tools this test names and this computer lacks, in the order named."""
        tools = [tool for mark in item.iter_markers("needs") for tool in mark.args]
        unknown = [tool for tool in tools if tool not in FOUND]
        if unknown:
            raise pytest.UsageError(f"{item.nodeid} needs {unknown}: only {sorted(FOUND)} are known")
        return [tool for tool in tools if not FOUND[tool]()]

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept, left_out = [], []
        for item in items:
            missing = self.missing(item)
            if missing and not in_ci():
                self.left_out[missing[0]] += 1
                left_out.append(item)
            else:
                kept.append(item)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = kept

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        missing = self.missing(item)
        if missing:
            pytest.fail(f"CI=true and {missing[0]} is not on this computer", pytrace=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.skipped.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["left_out"] = dict(self.left_out)
        elif in_ci() and self.skipped and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        # Every xdist worker collects everything, so each of them counts the same tests.
        self.left_out |= Counter(getattr(node, "workeroutput", {}).get("left_out", {}))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.left_out:
            counts = ", ".join(f"{count} need {tool}" for tool, count in sorted(self.left_out.items()))
            terminalreporter.write_line(f"Left out, as this computer lacks what they need: {counts}.", yellow=True)
        if in_ci() and self.skipped:
            terminalreporter.write_line(f"CI=true and {len(self.skipped)} tests were skipped: a failure.", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the mark and the plugin."""
    config.addinivalue_line(
        "markers", "needs(*tools): chromium, notifications, node, axe, curl or go; left out where missing, failed in CI"
    )
    config.pluginmanager.register(Needs(), "needs")
