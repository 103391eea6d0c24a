"""The page's files: read once at start, its modules joined, served under a path that holds their version."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from web.joined import joined

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What may be served at all; a file of another kind is left out."""

START = "app/main.js"
"""The module that the page begins with. At its address lie all modules that it takes, as one."""

_WORTH_PACKING = (".css", ".js", ".svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, the same packed by gzip where that helps, and its media type."""

    data: bytes
    packed: bytes | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by their path below `web/static`; `version` changes when any of them does."""

    version: str
    files: dict[str, Asset]

    def url(self, path: str) -> str:
        """Where a file is served, for ever the same bytes."""
        return f"/app/static/{self.version}/{path}"


def read_assets(folder: Path) -> Assets:
    """Read every file of a known kind below the folder, once; what the page's modules are joined to stands for them.

    Raises web.joined.NotJoined for a module that cannot be. Hubs of one process share what is made of the same files.
    """
    read = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in MEDIA_TYPES and path.is_file()
    }
    found = _digest(read)
    if found not in _MADE:
        _MADE[found] = _made(read)
    return _MADE[found]


_MADE: dict[str, Assets] = {}
"""By the digest of what was read. To join and pack the page's files takes fifteen times as long as to read them."""


def _made(read: dict[str, bytes]) -> Assets:
    if START in read:
        text, modules = joined({name: data.decode() for name, data in read.items() if name.endswith(".js")}, START)
        read = {name: data for name, data in read.items() if name not in modules} | {START: text.encode()}
    files: dict[str, Asset] = {}
    for name, data in read.items():
        suffix = Path(name).suffix
        packed = gzip.compress(data, mtime=0) if suffix in _WORTH_PACKING else None
        files[name] = Asset(data, packed, MEDIA_TYPES[suffix])
    return Assets(_digest(read)[:16], files)


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
