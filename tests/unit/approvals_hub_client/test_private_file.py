"""Files that are their owner's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub_client.private_file import is_open_to_others, write_private


def test_nobody_else_reads_it_and_what_was_there_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_private(path, b"one")
    write_private(path, b"two")
    assert (path.read_bytes(), is_open_to_others(path)) == (b"two", False)
    path.chmod(0o644)
    assert is_open_to_others(path)
    assert [each.name for each in path.parent.iterdir()] == ["file"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_private(tmp_path / "folder", b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
