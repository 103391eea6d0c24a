"""The schema for editors takes what the loader takes, and refuses what a schema can see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.load import load
from approvals_hub.policies.reading import tree_of, value_of
from approvals_hub.policies.schema import schema
from tests.unit.policies import test_load, test_load_openleash
from tests.unit.policies.test_load import HEAD, JUNK, MEMBERS

VALIDATOR = jsonschema_rs.Draft202012Validator(schema())
STARTERS = sorted((Path(__file__).parents[3] / "ops" / "policies").glob("*.yaml"))
DOCUMENTS = {
    **{file.stem: re.sub(r"(?m)^ *#.*$", "", file.read_text()) for file in STARTERS if ".scenarios." not in file.name},
    **{
        name: text for name, text in vars(test_load_openleash).items() if isinstance(text, str) and "version: 1" in text
    },
    "FULL": test_load.FULL,
    "EMPTY": f"{HEAD}  []\n",
}


def takes(document: Any) -> bool:
    return bool(VALIDATOR.is_valid(document))


def loads(text: str) -> bool:
    try:
        load(text)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_takes_what_the_loader_takes(name: str) -> None:
    assert loads(DOCUMENTS[name])
    assert takes(value_of(tree_of(DOCUMENTS[name])))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_key_that_is_misspelt_anywhere_is_refused_by_both(name: str) -> None:
    text = DOCUMENTS[name]
    free = re.search(r"params: \{.*", text)
    for found in re.finditer(r"(?<=[\s{])([a-z_]+):(?=\s)", text):
        if free is not None and free.start() < found.start() < free.end():
            continue
        spoilt = f"{text[: found.start()]}{found[1]}x{text[found.end() - 1 :]}"
        assert not loads(spoilt), found[0]
        assert not takes(value_of(tree_of(spoilt))), found[0]


@given(st.sampled_from(MEMBERS), JUNK, st.sampled_from(["allow", "deny"]))
def test_the_schema_refuses_nothing_that_the_loader_takes(member: str, value: str, effect: str) -> None:
    rest = "".join(f"{key}: pay, " for key in ("id", "action") if key != member)
    text = f"{HEAD}  - {{{rest}effect: {effect}, {member}: {value}}}\n"
    assert not loads(text) or takes(value_of(tree_of(text)))


REFUSED = [
    "effect: alow",
    "action: 'a*'",
    "when: {all: [], any: []}",
    "when: {match: {path: payload.x, op: exists}}",
    "when: {match: {path: $.x, op: like, value: a}}",
    "when: {match: {path: $.x, op: eq}}",
    "when: {match: {path: $.x, op: gt, value: a}}",
    "when: {match: {path: $.x, op: in, value: a}}",
    "when: {match: {path: $.x, op: host_in, value: [1]}}",
    "constraints: {amount_max: '5'}",
    "constraints: {times: {from: '9:00', zone: UTC}}",
    "constraints: {times: {days: monday}}",
    "requirements: {min_assurance_level: MAX}",
    "obligations: [{type: HUMAN_APROVAL}]",
    "where: {risk: huge}",
    "where: {chain: {most: 17}}",
    "approval: {quorum: 0}",
    "approval: {quorum: {of: [role:admin], all: []}}",
    "approval: {number_match: 3}",
    "approval: {expires_in: 5}",
    "spend: {limit: 5, window: day}",
    "spend: {limit: 5, currency: eur, window: day}",
    "frequency: {most: 5, window: year}",
    "counterparty_proof: true",
    "proof: {ttl_seconds: 0}",
]


@pytest.mark.parametrize("written", REFUSED)
def test_what_a_schema_can_see_is_refused_by_both(written: str) -> None:
    rest = "".join(
        f"{key}: {value}, " for key, value in (("effect", "allow"), ("action", "pay")) if not written.startswith(key)
    )
    text = f"{HEAD}  - {{id: r, {rest}{written}}}\n"
    assert not loads(text)
    assert not takes(value_of(tree_of(text)))


@pytest.mark.parametrize("key", test_load.ONLY_ALLOWS)
def test_what_stands_beside_allow_alone_is_refused_beside_deny(key: str) -> None:
    document = {
        "version": 1,
        "default": "deny",
        "rules": [{"id": "r", "effect": "deny", "action": "pay", key: "required"}],
    }
    assert not takes(document)
