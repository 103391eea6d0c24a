"""The newest checkpoint of each organisation outside the database: what a cut or exchanged database is held against."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_ORG = re.compile(r"org_[a-z0-9_]{1,60}")
_ENDING = ".checkpoint"


@dataclass(frozen=True, slots=True)
class CheckpointFolder:
    """A folder with one file for each organisation, `<org_id>.checkpoint`, holding the signed note."""

    path: Path

    def write(self, org_id: str, note: str) -> None:
        """Replace the organisation's checkpoint, whole or not at all, durable when this returns.

        Raises OSError when the folder cannot be written, and ValueError for an id that is no organisation's.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._file(org_id)
        fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, org_id: str) -> str | None:
        """The organisation's checkpoint, None where there is none."""
        try:
            return self._file(org_id).read_bytes().decode()
        except FileNotFoundError:
            return None

    def orgs(self) -> list[str]:
        """The organisations that have a checkpoint here."""
        names = (path.name.removesuffix(_ENDING) for path in self.path.glob(f"*{_ENDING}"))
        return sorted(name for name in names if _ORG.fullmatch(name))

    def set_aside(self, label: str) -> None:
        """Keep all checkpoints under another ending, for a database that was restored on purpose to an earlier state.

        They stay as evidence of what the log had reached. Raises ValueError for a label that is no plain word.
        """
        if not re.fullmatch(r"[a-z0-9-]{1,40}", label):
            raise ValueError("a label is small letters, digits and hyphens")
        for org_id in self.orgs():
            file = self._file(org_id)
            file.replace(file.with_name(f"{file.name}.{label}"))

    def _file(self, org_id: str) -> Path:
        if not _ORG.fullmatch(org_id):
            raise ValueError(f"not an organisation's id: {org_id!r}")
        return self.path / f"{org_id}{_ENDING}"
