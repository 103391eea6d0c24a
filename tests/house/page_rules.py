"""What no linter says about the pages: markup that turns text into code, and anything fetched from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.rules import Breach, matches
from tests.house.tree import Source

SINK = re.compile(
    r"\.(inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write|\bsetHTMLUnsafe\b|\beval\(|\bnew Function\b"
    r"|\bcreateContextualFragment\b|\bsrcdoc\b|javascript:"
)
ELSEWHERE = re.compile(r"""(src|href|from|import|url)\s*[=(]?\s*["'(]\s*(https?:)?//""")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\son[a-z]+\s*=\s*[\"']|\sstyle\s*=\s*[\"']", re.IGNORECASE)


def turns_no_text_into_code(source: Source) -> Iterator[Breach]:
    """Trusted Types would stop it in the browser; it does not even get written."""
    yield from matches(source, SINK, "text becomes markup or code")


def fetches_nothing_from_elsewhere(source: Source) -> Iterator[Breach]:
    """No script, style, picture or font of a third party."""
    yield from matches(source, ELSEWHERE, "fetched from elsewhere")


def holds_no_inline_code(source: Source) -> Iterator[Breach]:
    """The content security policy refuses inline scripts, handlers and styles."""
    yield from matches(source, INLINE, "inline script, handler or style")
