"""The files of this repository as the house tests read them: path from its root, text, and the parsed module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("approvals_hub", "identity", "notify", "web", "sdks/python/approvals_hub_client")
FEATURES = (
    "agents",
    "audit",
    "authorizations",
    "changes",
    "decisions",
    "escalations",
    "keys",
    "notifications",
    "orgs",
    "people",
    "policies",
    "routing",
    "stepup",
    "tokens",
)


@dataclass(frozen=True)
class Source:
    """One text file; `path` uses forward slashes and starts at the root of the repository."""

    path: str
    text: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def feature(self) -> str | None:
        """The feature folder of the service this file lies in, or None."""
        parts = self.path.split("/")
        return parts[1] if len(parts) > 2 and parts[0] == "approvals_hub" and parts[1] in FEATURES else None

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    @cached_property
    def module(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def imports(self) -> list[tuple[str, int]]:
        """Dotted names of everything imported, wherever in the file, with the line; `from a import b` gives `a.b`."""
        found = []
        for node in ast.walk(self.module):
            if isinstance(node, ast.Import):
                found += [(alias.name, node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
        return found

    @property
    def waits(self) -> bool:
        """Whether the file defines a coroutine: then it is a use case or a store, not a pure rule."""
        return any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(self.module))


def files(*suffixes: str, under: tuple[str, ...]) -> Iterator[Source]:
    """Every file below the named folders that ends so, in order; caches and installed packages are left out."""
    for top in under:
        for path in sorted((ROOT / top).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix in suffixes and not {"__pycache__", "node_modules", ".venv"} & set(parts):
                yield Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def python_sources() -> list[Source]:
    """The product's Python files."""
    return list(files(".py", under=PACKAGES))


def python_tests() -> list[Source]:
    """The Python files below tests/."""
    return list(files(".py", under=("tests",)))


def pages() -> list[Source]:
    """The product's JavaScript, TypeScript and Go files."""
    return list(files(".js", ".mjs", ".ts", ".go", under=("web", "sdks")))
