"""The credential file: private, whole, and read strictly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from approvals_hub_client.canonical import b64u
from approvals_hub_client.credential import Credential
from approvals_hub_client.errors import BadCredential

SEED = bytes(range(32))
WHOLE = Credential("https://hub.example.com", "https://hub.example.com", "agt_1", "org_1", "key_1", SEED)


def test_a_saved_credential_reads_back(tmp_path: Path) -> None:
    WHOLE.save(tmp_path / "agent.json")
    assert Credential.load(tmp_path / "agent.json") == WHOLE


def test_an_api_key_reads_back(tmp_path: Path) -> None:
    credential = Credential("https://hub.example.com", agent_id="agt_1", api_key="ahk_1")
    credential.save(tmp_path / "agent.json")
    read = Credential.load(tmp_path / "agent.json")
    assert (read.api_key, read.key) == ("ahk_1", None)


def test_the_file_is_its_owner_s_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        WHOLE.save(tmp_path / "new" / "agent.json")
    finally:
        os.umask(before)
    assert (tmp_path / "new" / "agent.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_saving_leaves_no_second_file(tmp_path: Path) -> None:
    WHOLE.save(tmp_path / "agent.json")
    WHOLE.save(tmp_path / "agent.json")
    assert [path.name for path in tmp_path.iterdir()] == ["agent.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "agent.json"
    WHOLE.save(path)
    path.chmod(mode)
    with pytest.raises(BadCredential, match="chmod 600"):
        Credential.load(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadCredential, match="register"):
        Credential.load(tmp_path / "agent.json")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"seed":"AA"}', '{"hub":"h","zone":1}', '{"hub":"h","hub":"h"}', "{}"]
)
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "agent.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadCredential):
        Credential.load(path)


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadCredential):
        WHOLE.save(tmp_path / "file" / "agent.json")


def test_a_credential_does_not_print_its_secrets() -> None:
    shown = repr(Credential("h", seed=SEED, api_key="ahk_secret"))
    assert b64u(SEED) not in shown
    assert str(SEED) not in shown
    assert "ahk_secret" not in shown
