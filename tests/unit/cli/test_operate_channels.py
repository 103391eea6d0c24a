"""The operator's commands about channels are in the one table."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS
from approvals_hub.cli.operate_channels import CHANNELS, NewChannel


@pytest.mark.parametrize("command", CHANNELS)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == CHANNELS[command]


def test_what_is_set_up_is_not_printed() -> None:
    assert "canary" not in repr(NewChannel(name="ops", kind="slack", settings={"url": "canary"}))
