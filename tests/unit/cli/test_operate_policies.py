"""The operator's commands about policies are in the one table."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS
from approvals_hub.cli.operate_policies import POLICIES


@pytest.mark.parametrize("command", POLICIES)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == POLICIES[command]
