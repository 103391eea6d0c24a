"""`approvals-hub trusted-hubs`: keys come from files, and nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from approvals_hub.cli.trusted_hubs import offered
from approvals_hub_client.canonical import dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.approvals_hub_client.test_chain import BUYER
from tests.unit.cli.conftest import Call


def test_a_hub_is_trusted_by_what_it_published_and_no_more_when_it_is_removed(call: Call, tmp_path: Path) -> None:
    keys, line = tmp_path / "keys.json", tmp_path / "line"
    keys.write_bytes(dumps(BUYER.published()))
    line.write_text("# another key\n" + paserk(Ed25519SigningKey().public) + "\n")
    words = ["trusted-hubs", "add", "Alice", "--issuer", BUYER.issuer, "--audience", "us.example", "--keys", str(keys)]
    done = call(*words)
    assert (done.status, "knows you as us.example" in done.out, BUYER.kid in done.out) == (0, True, True)
    [hub] = call("trusted-hubs", "list", "--json").json["items"]
    assert BUYER.issuer in call("trusted-hubs", "list").out
    assert call("trusted-hubs", "add-keys", hub["trusted_hub_id"], "--keys", str(line)).status == 0
    assert "revoked" in call("trusted-hubs", "revoke-key", hub["trusted_hub_id"], BUYER.kid).out
    assert call("trusted-hubs", "remove", hub["trusted_hub_id"], "--yes").out.endswith("is trusted no more.\n")
    assert call("trusted-hubs", "list", "--json").json["items"] == []


def test_keys_of_another_issuer_and_files_without_keys_are_refused(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(dumps(BUYER.published()))
    with pytest.raises(click.UsageError, match="the keys are those of"):
        offered((keys,), "https://evil.example")
    keys.write_bytes(b"{}")
    with pytest.raises(click.UsageError, match="public-keys"):
        offered((keys,), None)
    keys.write_bytes(b"nothing")
    with pytest.raises(click.UsageError):
        offered((keys,), None)


def test_a_key_that_its_own_hub_marked_compromised_is_not_offered(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(dumps(BUYER.published(compromised_at="2026-02-01T00:00:00.000Z")))
    assert offered((keys,), BUYER.issuer) == []
    keys.write_bytes(dumps(BUYER.published(valid_until="2030-01-01T00:00:00.000Z")))
    [key] = offered((keys,), BUYER.issuer)
    assert key["valid_until"] - key["valid_from"] > 0
