"""Inclusion and consistency proofs: Certificate Transparency's right and wrong ones, and every proof we make."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub_client.tree import leaf_hash, perfect_root, root_of
from approvals_hub_client.tree_proof import (
    ProofError,
    consistency_ranges,
    hash_of_range,
    inclusion_ranges,
    verify_consistency,
    verify_inclusion,
)

CT = Path(__file__).parents[2] / "vectors" / "ct"
INCLUSION: dict[str, dict[str, Any]] = json.loads((CT / "inclusion.json").read_text())
CONSISTENCY: dict[str, dict[str, Any]] = json.loads((CT / "consistency.json").read_text())
LEAVES = [leaf_hash(str(number).encode()) for number in range(300)]


def check_inclusion(case: dict[str, Any]) -> None:
    proof = [b64decode(step) for step in case["proof"] or []]
    verify_inclusion(
        b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b64decode(case["root"] or "")
    )


def check_consistency(case: dict[str, Any]) -> None:
    proof = [b64decode(step) for step in case["proof"] or []]
    old_root, new_root = b64decode(case["root1"] or ""), b64decode(case["root2"] or "")
    verify_consistency(case["size1"], case["size2"], proof, old_root, new_root)


def named(cases: dict[str, dict[str, Any]], *, wrong: bool) -> list[Any]:
    return [pytest.param(case, id=name) for name, case in cases.items() if case["wantErr"] is wrong]


def node(level: int, index: int) -> bytes:
    return perfect_root(LEAVES[index << level : (index + 1) << level])


@pytest.mark.parametrize("case", named(INCLUSION, wrong=False))
def test_a_right_inclusion_proof_of_certificate_transparency_holds(case: dict[str, Any]) -> None:
    check_inclusion(case)


@pytest.mark.parametrize("case", named(INCLUSION, wrong=True))
def test_a_wrong_inclusion_proof_of_certificate_transparency_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        check_inclusion(case)


@pytest.mark.parametrize("case", named(CONSISTENCY, wrong=False))
def test_a_right_consistency_proof_of_certificate_transparency_holds(case: dict[str, Any]) -> None:
    check_consistency(case)


@pytest.mark.parametrize("case", named(CONSISTENCY, wrong=True))
def test_a_wrong_consistency_proof_of_certificate_transparency_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        check_consistency(case)


@given(st.integers(1, 300), st.data())
def test_an_inclusion_proof_that_we_make_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = [hash_of_range(*part, node) for part in inclusion_ranges(index, size)]
    verify_inclusion(LEAVES[index], index, size, proof, root_of(LEAVES[:size]))


@given(st.integers(1, 300), st.data())
def test_a_consistency_proof_that_we_make_holds(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    proof = [hash_of_range(*part, node) for part in consistency_ranges(old, new)]
    verify_consistency(old, new, proof, root_of(LEAVES[:old]), root_of(LEAVES[:new]))


@given(st.integers(2, 300), st.data())
def test_an_inclusion_proof_holds_for_no_other_entry(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    proof = [hash_of_range(*part, node) for part in inclusion_ranges(index, size)]
    with pytest.raises(ProofError):
        verify_inclusion(LEAVES[other], index, size, proof, root_of(LEAVES[:size]))


def test_a_history_rewritten_at_one_entry_is_not_consistent() -> None:
    forked = [*LEAVES[:3], leaf_hash(b"another"), *LEAVES[4:20]]
    proof = [hash_of_range(*part, node) for part in consistency_ranges(7, 20)]
    with pytest.raises(ProofError):
        verify_consistency(7, 20, proof, root_of(forked[:7]), root_of(LEAVES[:20]))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_there_is_no_inclusion_proof_of_an_entry_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no entry"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5)])
def test_there_is_no_consistency_proof_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no consistency proof"):
        consistency_ranges(old, new)
