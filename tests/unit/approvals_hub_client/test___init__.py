"""The package's front door."""

from __future__ import annotations

import subprocess
import sys

import approvals_hub_client


def test_every_name_at_the_front_door_is_there() -> None:
    assert all(callable(getattr(approvals_hub_client, name)) for name in approvals_hub_client.__all__)


def test_no_name_hides_a_module() -> None:
    assert not [name for name in approvals_hub_client.__all__ if f"approvals_hub_client.{name}" in sys.modules]


def test_the_formats_are_imported_without_an_http_library() -> None:
    script = "import sys, approvals_hub_client.paseto, approvals_hub_client.statement; print('aiohttp' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "False\n"
