"""The operator's commands about drafts are in the one table."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS
from approvals_hub.cli.operate_drafts import DRAFTS


@pytest.mark.parametrize("command", DRAFTS)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == DRAFTS[command]
