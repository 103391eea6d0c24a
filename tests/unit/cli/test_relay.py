"""The relay's command; the process itself, its start and its stop, is in tests/flows/test_relay.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.cli.output import Output
from approvals_hub.cli.relay import run
from approvals_hub.core.errors import Invalid
from approvals_hub.relay.settings import Settings
from tests.unit.cli.conftest import Call


def test_settings_that_are_wrong_are_said_before_anything_is_made(
    free_call: Call, own_log: None, tmp_path: Path
) -> None:
    file = tmp_path / "relay.toml"
    missing = free_call("relay", "serve", "--config", str(file))
    assert (missing.status, "No such file" in missing.err) == (1, True)
    file.write_text('public_url = "https://push.example.com"\n[apns]\nkey = "x"\nwords = "y"\n')
    wrong = free_call("relay", "serve", "--config", str(file))
    assert (wrong.status, "words" in wrong.err) == (1, True)
    assert "docs/howto/native_app_relay.md" in wrong.err


async def test_a_relay_with_keys_that_are_none_listens_to_nobody(tmp_path: Path) -> None:
    settings = Settings(public_url="http://localhost:8430", data=tmp_path / "data", fcm={"service_account": "{}"})
    with pytest.raises(Invalid) as refused:
        await run(settings, Output())
    assert refused.value.field == "fcm"
