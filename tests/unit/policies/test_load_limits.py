"""What stands at a limit of a policy's text is read, and what is beyond is refused; the figures are the reference's."""

from __future__ import annotations

import pytest

from approvals_hub.policies.load import load
from approvals_hub.policies.reading import LIMITS
from tests.unit.policies.written import faults

HEAD = "version: 1\ndefault: deny\nrules:\n"


def test_a_policy_has_limits_of_size_and_rules() -> None:
    rule = "  - {id: r, effect: allow, action: pay}\n"
    assert len(load(HEAD + rule * 2_000).rules) == 2_000
    assert "at most 2000" in faults(HEAD + rule * 2_001)[0][2]
    assert "bytes" in faults("#" * (LIMITS.size + 1))[0][2]
    assert load(HEAD + rule).version == 0


def owing(count: int) -> str:
    return f"{HEAD}  - {{id: r, effect: allow, action: pay, obligations: [{', '.join(['{type: RECORD}'] * count)}]}}\n"


def labelled(count: int) -> str:
    labels = ", ".join(f"{{action: a.b{number}, risk: low}}" for number in range(count))
    return f"version: 1\ndefault: deny\nlabels: [{labels}]\nrules: []\n"


def called(length: int) -> str:
    return f"{HEAD}  - {{id: {'r' * length}, effect: allow, action: pay}}\n"


def proving(seconds: object) -> str:
    return f"{HEAD}  - {{id: r, effect: allow, action: pay, proof: {{required: true, ttl_seconds: {seconds}}}}}\n"


@pytest.mark.parametrize(
    ("most", "more", "words"),
    [
        (owing(16), owing(17), "at most 16"),
        (labelled(500), labelled(501), "at most 500"),
        (called(128), called(129), "'id' is a text"),
        (called(1), called(0), "nothing is written"),
        (proving(1), proving(0.5), "ttl_seconds"),
    ],
)
def test_what_stands_at_a_limit_of_the_reference_is_read_and_what_is_beyond_is_refused(
    most: str, more: str, words: str
) -> None:
    load(most)
    assert words in faults(more)[0][2]
