"""One process for a data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from approvals_hub.db.folder import DataFolderLock, FolderRefused, file_system

MOUNTS = """\
overlay / overlay rw 0 0
server:/export /srv/shared nfs4 rw 0 0
//nas/office /srv/My\\040Files cifs rw 0 0
/dev/sdb1 /srv/shared/local ext4 rw 0 0
tmpfs /srv/twice tmpfs rw 0 0
server:/twice /srv/twice nfs rw 0 0
"""
HOLD = """
import sys
from pathlib import Path
from approvals_hub.db.folder import DataFolderLock
lock = DataFolderLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_that_another_process_uses_is_refused_and_the_process_named(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderRefused, match=f"in use by process {other.pid};"):
            DataFolderLock(tmp_path).acquire()
        other.kill()
        other.wait()
        with DataFolderLock(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_released_folder_can_be_locked_again(tmp_path: Path) -> None:
    with DataFolderLock(tmp_path):
        pass
    with DataFolderLock(tmp_path) as lock:
        lock.release()
        lock.release()
        with DataFolderLock(tmp_path):
            pass


def test_a_second_lock_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with DataFolderLock(tmp_path), pytest.raises(FolderRefused, match="in use"):
        DataFolderLock(tmp_path).acquire()


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "ceph", "lustre", "fuse.sshfs", "fuse.s3fs"])
def test_a_folder_on_a_network_file_system_is_refused_before_anything_is_written(tmp_path: Path, kind: str) -> None:
    data, mounts = tmp_path / "data", tmp_path / "mounts"
    data.mkdir()
    mounts.write_text(f"overlay / overlay rw 0 0\nserver:/export {tmp_path} {kind} rw 0 0\n")
    with pytest.raises(FolderRefused, match=rf"network file system \({kind}\).*a local disk, or PostgreSQL"):
        DataFolderLock(data, mounts=mounts).acquire()
    assert list(data.iterdir()) == []


def test_a_link_to_a_folder_on_a_network_file_system_is_refused(tmp_path: Path) -> None:
    far, mounts = tmp_path / "far", tmp_path / "mounts"
    far.mkdir()
    (tmp_path / "data").symlink_to(far)
    mounts.write_text(f"overlay / overlay rw 0 0\nserver:/export {far} nfs4 rw 0 0\n")
    with pytest.raises(FolderRefused, match="nfs4"):
        DataFolderLock(tmp_path / "data", mounts=mounts).acquire()


def test_a_local_disk_below_a_network_file_system_is_locked(tmp_path: Path) -> None:
    data, mounts = tmp_path / "data", tmp_path / "mounts"
    data.mkdir()
    mounts.write_text(f"server:/export {tmp_path} nfs4 rw 0 0\n/dev/sdb1 {data} ext4 rw 0 0\n")
    with DataFolderLock(data, mounts=mounts):
        assert (data / "lock").exists()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/hub", "overlay"),
        ("/srv/shared/hub", "nfs4"),
        ("/srv/shared", "nfs4"),
        ("/srv/shared-too", "overlay"),  # a name that only begins alike
        ("/srv/My Files/hub", "cifs"),
        ("/srv/shared/local/hub", "ext4"),
        ("/srv/twice/hub", "nfs"),  # mounted over the earlier one
    ],
)
def test_the_innermost_mount_says_the_kind_of_file_system(folder: str, kind: str) -> None:
    assert file_system(Path(folder), MOUNTS) == kind


def test_a_system_without_a_list_of_mounts_says_nothing() -> None:
    assert file_system(Path("/var/lib/hub"), "") == ""
