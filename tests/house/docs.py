"""The documentation as its tests read it: pages, links, anchors, code blocks and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.house.tree import ROOT

FENCE = re.compile(r"^```(?P<language>[\w-]*)[^\n]*\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (?P<text>.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without its code blocks."""
        return FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Targets of links and pictures, as written."""
        return [found["target"] or found["image"] for found in LINK.finditer(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link's fragment may name: the headings, as the hosts of Markdown spell them."""
        plain = (re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", found["text"]) for found in HEADING.finditer(self.prose))
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in plain}

    @property
    def quoted(self) -> list[str]:
        """What stands between backticks in the prose."""
        return re.findall(r"`([^`\n]+)`", self.prose)

    def commands(self, program: str) -> Iterator[list[str]]:
        """Words after the program's name, of every use of it in console blocks and between backticks."""
        lines = [line for fence in FENCE.finditer(self.text) for line in shell_lines(fence["language"], fence["body"])]
        for line in [*lines, *self.quoted]:
            for part in re.split(r"\||&&|;|\$\(", line.split("  #")[0]):
                words = part.strip().removeprefix("sudo ").split()
                while words and re.fullmatch(r"\w+=\S*", words[0]):
                    words = words[1:]
                if words and words[0].rsplit("/", 1)[-1] == program:
                    yield words[1:]


def python_blocks(page: Page) -> list[str]:
    """The page's examples in Python."""
    return [fence["body"] for fence in FENCE.finditer(page.text) if fence["language"] == "python"]


def shell_lines(language: str, body: str) -> list[str]:
    """The commands of a block: lines behind `$ ` of a console session, every line of a shell script."""
    joined = body.replace("\\\n", " ")
    if language == "console":
        return [line[2:] for line in joined.splitlines() if line.startswith(("$ ", "# "))]
    return joined.splitlines() if language in ("sh", "bash") else []


def pages() -> list[Page]:
    """README and the other pages at the root, and everything below docs/ and beside the libraries."""
    found = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "sdks").rglob("*.md"),
        *ROOT.glob("ops/**/*.md"),
    ]
    return [Page(path) for path in sorted(found) if "node_modules" not in path.parts]
