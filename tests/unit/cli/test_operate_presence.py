"""The operator's commands about who is told when are in the one table, and read times and spans."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS
from approvals_hub.cli.operate_presence import PRESENCE, _span, time_of
from approvals_hub.core.errors import Invalid
from approvals_hub.routing.hours import Span


@pytest.mark.parametrize("command", PRESENCE)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == PRESENCE[command]


def test_a_span_of_the_week_is_read_as_it_is_typed() -> None:
    assert _span("monday,friday 22:00-07:00") == Span((0, 4), 22 * 60, 7 * 60)
    for text in ("monday", "moonday 22:00-07:00", "monday 22-07", ""):
        with pytest.raises(Invalid):
            _span(text)


def test_a_time_that_is_none_is_refused() -> None:
    assert time_of("1970-01-01T00:00:01Z") == 1000
    with pytest.raises(Invalid):
        time_of("noon")
