"""What the tests of the policy engine would not notice: each small change of its code, one at a time.

`python -m tests.load.mutants [MODULE …]` changes one comparison, one operator or one constant of a module, runs the
tests that are about it in a process of its own, and prints the changes that no test fails for. It takes some minutes;
what survives, and why it may, is listed in docs/reference/policies.md.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis.strategies
import pytest

import approvals_hub.core.strict_yaml
import approvals_hub.domain.stricter
import approvals_hub.routing.wall_clock

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "approvals_hub.policies"
MODULES = (
    "judge",
    "select",
    "policy",
    "limits",
    "labels",
    "index",
    "stack",
    "view",
    "path",
    "pattern",
    "decision",
    "demand",
    "host",
    "expression",
    "relying_party",
    "standing",
    "signal",
    "facts",
    "document",
    "trace",
    "load_when",
    "load_constraints",
    "load_approval",
    "reading",
    "load",
)
"""Of the engine, in the order in which they are changed: what decides, what explains, and what reads its texts."""
EVERYWHERE = ("policy", "policy_strictness", "limits", "select", "load_openleash", "scenario", "trace")
"""Tests that are run after the module's own."""
ALSO = {
    "view": ("expression",),
    "facts": ("view", "select", "limits"),
    "document": ("select", "policy", "schema", "kept"),
    "load_when": ("load", "expression"),
    "load": ("load_approval",),
}
"""Whose tests a module's own are, too."""
BEFORE = (
    approvals_hub.core.strict_yaml,
    approvals_hub.domain.stricter,
    approvals_hub.routing.wall_clock,
    hypothesis.strategies,
)
"""Read once, before the first process is made."""
SECONDS = 90
"""A change that makes it run for ever is one that was noticed."""

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


class Changed(ast.NodeTransformer):
    """Changes the `wanted`th place that can be changed; counts them all where it is None."""

    def __init__(self, wanted: int | None) -> None:
        self.wanted = wanted
        self.count = 0
        self.said = ""

    def _here(self, node: ast.AST, said: str) -> bool:
        self.count += 1
        if self.count - 1 != self.wanted:
            return False
        self.said = f"line {getattr(node, 'lineno', 0)}: {said}"
        return True

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for at, op in enumerate(node.ops):
            other = _COMPARED[type(op)]
            if self._here(node, f"{ast.unparse(node)} with {other.__name__} for {type(op).__name__}"):
                node.ops[at] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._here(node, f"{ast.unparse(node)} with the other of and, or"):
            node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._here(node, f"{ast.unparse(node)} without not"):
            return node.operand
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Sub) and self._here(node, f"{ast.unparse(node)} with the other of +, -"):
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if self._here(node, f"{ast.unparse(node)} turned round"):
            node.body, node.orelse = node.orelse, node.body
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) and self._here(node, f"{node.value} turned round"):
            return ast.copy_location(ast.Constant(not node.value), node)
        if type(node.value) is int and self._here(node, f"{node.value} and one"):
            return ast.copy_location(ast.Constant(node.value + 1), node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return node


class Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives out a changed module in the place of the one on the disk."""

    def __init__(self, name: str, tree: ast.Module, path: Path) -> None:
        self.name = name
        self.code = compile(tree, str(path), "exec")

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


def changes(module: str) -> Iterator[tuple[str, ast.Module]]:
    """Every change of a module: what it is, and the tree with it."""
    source = (ROOT / "approvals_hub" / "policies" / f"{module}.py").read_text()
    whole = Changed(None)
    whole.visit(ast.parse(source))
    for wanted in range(whole.count):
        change = Changed(wanted)
        tree = ast.fix_missing_locations(change.visit(ast.parse(source)))
        yield change.said, tree


def survives(module: str, tree: ast.Module) -> bool:
    """Whether all tests pass with the change; in a forked process, which has imported nothing of the package."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        path = ROOT / "approvals_hub" / "policies" / f"{module}.py"
        sys.meta_path.insert(0, Instead(f"{PACKAGE}.{module}", tree, path))
        folder = ROOT / "tests" / "unit" / "policies"
        names = (module, *ALSO.get(module, ()))
        own = [str(path) for name in names for path in sorted(folder.glob(f"test_{name}*.py"))]
        others = [str(folder / f"test_{name}.py") for name in EVERYWHERE]
        status = 0
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            # Its own tests notice most changes; the others are not even read then.
            for found in (own, [name for name in others if name not in own]):
                status = status or int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", *found]))
        os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    chosen = parser.parse_args().modules or MODULES
    assert not [name for name in sys.modules if name.startswith(PACKAGE)]
    total, left = 0, 0
    for module in chosen:
        found, survived = 0, 0
        for said, tree in changes(module):
            found += 1
            if survives(module, tree):
                survived += 1
                print(f"{module} {said}", flush=True)
        print(f"{module}: {found} changes, {survived} survived", flush=True)
        total, left = total + found, left + survived
    print(f"{total} changes, {left} survived")


if __name__ == "__main__":
    main()
