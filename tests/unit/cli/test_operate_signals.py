"""What the operator's commands about signals take."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub.cli.operate_signals import SIGNALS


@pytest.mark.parametrize("command", sorted(SIGNALS))
def test_a_misspelt_member_is_refused(command: str) -> None:
    form, _ = SIGNALS[command]
    given = {"name": "incident", "mode": "x", "about": "x", "reason": "x", "modes": ["x"], "usual": "x", "for_ever": 1}
    wanted = {name: given[name] for name in form.__struct_fields__ if name in given}
    assert msgspec.convert(wanted, form)
    with pytest.raises(msgspec.ValidationError, match="for_ever"):
        msgspec.convert({**wanted, "for_ever": 1}, form)
