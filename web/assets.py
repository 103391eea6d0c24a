"""The page's files: read once at start, served under a path that holds their version."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What may be served at all; a file of another kind is left out."""

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
    """Read every file of a known kind below the folder, once."""
    files: dict[str, Asset] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        media_type = MEDIA_TYPES.get(path.suffix)
        if media_type is None or not path.is_file():
            continue
        data = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
        packed = gzip.compress(data, mtime=0) if path.suffix in _WORTH_PACKING else None
        files[name] = Asset(data, packed, media_type)
    return Assets(digest.hexdigest()[:16], files)
