"""The newest checkpoint outside the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.audit.checkpoint_file import CheckpointFolder


def test_the_last_checkpoint_written_is_read(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "log")
    folder.write("org_1", "older\n")
    folder.write("org_1", "newer\n")
    assert (folder.read("org_1"), folder.orgs()) == ("newer\n", ["org_1"])


def test_there_is_none_before_the_first(tmp_path: Path) -> None:
    assert CheckpointFolder(tmp_path).read("org_1") is None


def test_the_folder_is_nobody_elses_and_nothing_half_written_stays(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "log")
    folder.write("org_1", "text\n")
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "log").iterdir()] == ["org_1.checkpoint"]


@pytest.mark.parametrize("org_id", ["", "org_", "../org_1", "org_1/../../x", "org_A", "per_1", "org_1\n"])
def test_an_id_that_is_no_organisations_names_no_file(tmp_path: Path, org_id: str) -> None:
    with pytest.raises(ValueError, match="not an organisation"):
        CheckpointFolder(tmp_path).write(org_id, "x")


def test_checkpoints_set_aside_are_kept_and_no_longer_compared(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.write("org_1", "reached\n")
    folder.set_aside("before-restore-1")
    assert folder.orgs() == []
    assert (tmp_path / "org_1.checkpoint.before-restore-1").read_text() == "reached\n"


def test_a_label_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a label"):
        CheckpointFolder(tmp_path).set_aside("../x")
