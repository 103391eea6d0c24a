"""The verifiers that others copy name their licence, and need nothing but their language."""

from __future__ import annotations

import re

from tests.house.tree import ROOT, files, pages

COPIED = [source for source in pages() if source.path.startswith(("sdks/javascript/", "sdks/go/"))]


def test_every_file_that_others_copy_names_its_licence() -> None:
    code = [source for source in COPIED if not source.path.endswith(".d.ts")]
    assert len(code) >= 6
    assert [source.path for source in code if "// SPDX-License-Identifier: Apache-2.0\n" not in source.text[:80]] == []


def test_every_folder_of_the_libraries_says_under_which_licence_it_is() -> None:
    readmes = list(files(".md", under=("sdks/javascript", "sdks/go")))
    assert len(readmes) == 2
    assert [source.path for source in readmes if "[LICENSE](../../LICENSE)" not in source.text] == []


def test_the_verifier_in_javascript_imports_nothing_but_node_and_itself() -> None:
    scripts = [source for source in COPIED if source.path.endswith(".mjs")]
    imported = {name for source in scripts for name in re.findall(r"\b(?:from|import\()\s*'([^']+)'", source.text)}
    assert imported == {"node:crypto", "node:fs", "node:process", "node:util", "./keys.mjs", "./proof.mjs"}


def test_the_module_in_go_requires_no_other_module() -> None:
    assert (ROOT / "sdks/go/go.mod").read_text() == "module approvalshub\n\ngo 1.19\n"
    assert not (ROOT / "sdks/go/go.sum").exists()
    code = [source for source in COPIED if source.path.endswith(".go")]
    imported = {
        name for source in code for name in re.findall(r'^\s+(?:\w+ )?"([\w./-]+)"$', source.text, re.MULTILINE)
    }
    assert [name for name in imported if "." in name] == []
