"""Every source file has its test file, in the same place below tests/unit; `without_test.txt` names the others."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.tree import ROOT, Source, python_sources

UNIT = ROOT / "tests" / "unit"
LIST = Path(__file__).with_name("without_test.txt")


def untested() -> dict[str, str]:
    """path → reason, from the reviewed list; lines are `path  reason`."""
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return {path: reason for path, _, reason in (line.partition("  ") for line in lines)}


def has_code(source: Source) -> bool:
    """Whether there is anything to test: constants, imports and a contract's promises have no behaviour."""
    functions = [node for node in ast.walk(source.module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(
        not isinstance(line, ast.Expr) or not isinstance(line.value, ast.Constant)
        for function in functions
        for line in function.body
    )


def folder_and_stem(source: Source) -> tuple[Path, str]:
    """Where the test of a source file lies: the service's own prefix is left out, the libraries keep their name."""
    path = Path(source.path.removeprefix("approvals_hub/").removeprefix("sdks/python/"))
    return UNIT / path.parent, path.stem


def is_tested(source: Source) -> bool:
    """A test file of the same name, or several that start with it: test_log.py, test_log_proofs.py."""
    folder, stem = folder_and_stem(source)
    return (folder / f"test_{stem}.py").exists() or any(folder.glob(f"test_{stem}_*.py"))


def test_every_source_file_has_its_test_file() -> None:
    missing = [s.path for s in python_sources() if has_code(s) and not is_tested(s) and s.path not in untested()]
    assert missing == []


def test_every_unit_test_has_its_source_file() -> None:
    stems: dict[Path, set[str]] = {}
    for source in python_sources():
        folder, stem = folder_and_stem(source)
        stems.setdefault(folder, set()).add(stem)
    lonely = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(UNIT.rglob("test_*.py"))
        if not any(
            path.stem == f"test_{stem}" or path.stem.startswith(f"test_{stem}_") for stem in stems.get(path.parent, ())
        )
    ]
    assert lonely == []


def test_no_file_is_listed_as_untested_once_it_has_a_test() -> None:
    sources = {source.path: source for source in python_sources()}
    assert [path for path in untested() if path not in sources or is_tested(sources[path])] == []


def test_the_list_of_untested_files_only_shrinks() -> None:
    assert len(untested()) <= 0


def test_every_folder_of_vectors_names_their_origin() -> None:
    folders = [path for path in (ROOT / "tests" / "vectors").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert [path.name for path in folders if not (path / "README.md").is_file()] == []
