"""A file that appears when it is complete."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from approvals_hub.cli.whole import whole


def test_half_an_export_never_has_the_name_of_a_whole_one(tmp_path: Path) -> None:
    def broken_off() -> None:
        with whole(tmp_path / "log.jsonl") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert list(tmp_path.iterdir()) == []
    with whole(tmp_path / "log.jsonl") as file:
        file.write(b"all")
    assert (tmp_path / "log.jsonl").read_bytes() == b"all"
    assert stat.S_IMODE((tmp_path / "log.jsonl").stat().st_mode) == 0o600
