"""The data folder belongs to one process at a time, on a disk of this computer."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from types import TracebackType

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|afs|ceph|lustre|davfs|fuse\.(sshfs|davfs2?|glusterfs|ceph|rclone|s3fs|gcsfuse|juicefs)"
)


class FolderRefused(Exception):
    """The folder cannot be used now; the message says why and what to do."""


class DataFolderLock:
    """Keeps a second hub, or the command line, from opening the same SQLite file.

    The system gives the lock back when the process ends, however it ends. A child made by fork alone inherits it.
    `mounts` lists what is mounted where, in the form of /proc/self/mounts (man 5 proc_pid_mounts).
    """

    def __init__(self, folder: Path, *, mounts: Path = _MOUNTS) -> None:
        self._path = folder / "lock"
        self._mounts = mounts
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock; never waits. Raises FolderRefused: somebody else has it, or the file system is a network's."""
        kind = file_system(self._path.parent.resolve(), self._mounts.read_text() if self._mounts.exists() else "")
        if _NETWORK.fullmatch(kind):
            raise FolderRefused(
                f"{self._path.parent} lies on a network file system ({kind}), where SQLite loses data;"
                " use a folder on a local disk, or PostgreSQL"
            )
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise FolderRefused(
                f"{self._path.parent} is in use by process {holder}; stop it, or give this hub a folder of its own"
            ) from None
        # The file stays when the lock goes: deleting it would let two processes lock two files of the same name.
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle

    def release(self) -> None:
        """Give the lock back. May be called twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> DataFolderLock:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Release."""
        self.release()


def file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that an absolute `folder` lies on, read from the text of /proc/self/mounts.

    '' when the text does not say, as on systems without /proc.
    """
    found, longest = "", -1
    for line in mounts.splitlines():
        _, place, kind, *_ = line.split(" ")
        mount = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place))
        # A later mount on the same place hides the earlier one.
        if folder.is_relative_to(mount) and len(mount.parts) >= longest:
            found, longest = kind, len(mount.parts)
    return found
