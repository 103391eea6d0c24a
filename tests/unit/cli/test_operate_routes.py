"""The operator's commands about plans are in the one table, and check what they are given."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS
from approvals_hub.cli.operate_routes import PLANS


@pytest.mark.parametrize("command", PLANS)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == PLANS[command]
