"""A hub's place on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from approvals_hub.cli.failures import Failed
from approvals_hub.cli.place import is_new, make_folder, make_keys, require_hub, sqlite_file
from approvals_hub.config import Database, Settings, load


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    return load(None, {}, {"data": tmp_path / "new"})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_place_is_new_until_it_has_its_keys(nowhere: Settings) -> None:
    assert is_new(nowhere)
    make_folder(nowhere)
    make_keys(nowhere)
    assert not is_new(nowhere)
    assert (mode(nowhere.data), mode(nowhere.key_file)) == (0o700, 0o600)


def test_making_it_again_keeps_its_keys(nowhere: Settings) -> None:
    make_folder(nowhere)
    make_keys(nowhere)
    before = nowhere.key_file.read_bytes()
    make_folder(nowhere)
    make_keys(nowhere)
    assert nowhere.key_file.read_bytes() == before


def test_new_keys_for_a_database_that_they_would_not_open_are_refused(settings: Settings) -> None:
    settings.key_file.unlink()
    with pytest.raises(Failed) as refusal:
        make_keys(settings)
    assert refusal.value.problem.code == "key_file_missing"


def test_a_mistyped_folder_is_no_hub(nowhere: Settings) -> None:
    with pytest.raises(Failed) as refusal:
        require_hub(nowhere)
    assert "approvals-hub init" in refusal.value.problem.fix
    assert not nowhere.data.exists()


def test_a_folder_that_is_a_file_is_refused(nowhere: Settings) -> None:
    nowhere.data.write_text("")
    with pytest.raises(FileExistsError):
        make_folder(nowhere)


def test_a_folder_of_another_user_is_refused(nowhere: Settings) -> None:
    nowhere.data.mkdir(mode=0o500)
    if os.geteuid() == 0:  # who may do everything is refused nothing
        make_folder(nowhere)
        return
    with pytest.raises(PermissionError):
        make_folder(nowhere)


def test_the_database_is_a_file_only_on_sqlite(nowhere: Settings) -> None:
    assert sqlite_file(nowhere) == nowhere.data / "hub.db"
    assert sqlite_file(msgspec.structs.replace(nowhere, database=Database("postgresql://db/hub"))) is None
