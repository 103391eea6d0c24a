"""Tables of people have no row level security behind them, so every statement on them is reviewed here, one by one.

A new function that touches one fails this test until it has its line, with what binds it (docs/decisions/0018).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT

ONE_PERSON = "person_id = :person"
REVIEWED: dict[str, dict[str, str]] = {
    "factors": {
        "factor_store.add": ":person",
        "factor_store.of_person": ONE_PERSON,
        "factor_store.of_method": ONE_PERSON,
        # Whose this is: asked of the whole hub, as one eID is one person's; it needs the keyed hash.
        "factor_store.of_subject": "subject_hash = :subject",
        # By id: the callers compare the person of the row, or have the id from a row that they found by person.
        "factor_store.find": "id = :id",
        "factor_store.keep_data": "id = :id",
        "factor_store.remove": "id = :id",
        "expected_store.other_is_waited_for": "e.person_id = :person",
        # Each person with their own; it says of no organisation's person anything to another one.
        "expected_store.brought_elsewhere": "f.person_id = e.person_id",
    },
    "contacts": {
        "contact_store.add": ":person",
        "contact_store.of_device": "c.person_id = :person",
        "contact_store.of_devices": "c.person_id = :person",
        "contact_store.known_of_devices": "c.person_id = :person",
        "contact_store.gone_since": "person_id = :person",
        "contact_store.forgive_gone": "person_id = :person",
        "contact_store.sources": "person_id = :person",
        "contact_store.of_people": "c.person_id IN :people",
        # By id: from a telling of that person, or from a row found by person.
        "contact_store.find": "c.id = :id",
        "contact_store.renew": "id = :id",
        "contact_store.forget_gone": "id = :id",
        "contact_store.end_of_device": "person_id = :person",
        "contact_store.end_sources": "person_id = :person",
        # Of one channel: its organisation, or its name in the settings, is in the key.
        "contact_store.end_channel": "channel = :channel",
        "contact_store.removed": "c.person_id = :person",
        # From a telling of that person, as `find` is.
        "contact_store.find_removed": "c.id = :id",
        # Wipes addresses that were taken away, by time, whose ever they were; reads none.
        "contact_store.forget_removed": "gone_at < :before",
        # The hub's own, by age: whose devices have fallen silent, each of whom is told of their own; reads no address.
        "contact_store.silent": "c.registered_at <= :since",
        # One address is one device's in the whole hub; it needs the keyed hash.
        "contact_store.end_elsewhere": "address_hash = :hash",
        # By device or person, of whoever revokes them.
        "store._forget_addresses": "gone_at IS NULL",
        # Whether anybody of the organisation has another address on the channel; it reads none.
        "delivery_store.refuses_everybody": "m.org_id = :org",
        # The devices of a question's tellings.
        "telling_store.replace": "c.id = t.contact_id",
    },
    "used_proofs": {
        "step_up_store.use_up": ":person",
        # The hub's own, by age.
        "step_up_store.forget_used": "at < :before",
    },
    "wrong_answers": {
        "tries_store.count_wrong": ":source",
        "tries_store.wrong": "source IN :sources",
        "tries_store.count_looking": ":source",
        # The hub's own, by age.
        "tries_store.forget_expired": "hour < :hour",
    },
}


def statements(table: str) -> Iterator[tuple[str, str]]:
    """The function and the SQL of every statement of the hub that names the table."""
    names = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN)\s+{table}\b")
    for path in sorted((ROOT / "approvals_hub").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
                continue
            texts = [
                node.value for node in ast.walk(function) if isinstance(node, ast.Constant) and type(node.value) is str
            ]
            if any(names.search(text) for text in texts):
                yield f"{path.stem}.{function.name}", " ".join(texts)


@pytest.mark.parametrize("table", REVIEWED)
def test_every_statement_on_a_table_of_people_is_reviewed(table: str) -> None:
    assert {function for function, _ in statements(table)} == set(REVIEWED[table])


@pytest.mark.parametrize("table", REVIEWED)
def test_every_statement_on_a_table_of_people_is_bound_as_its_review_says(table: str) -> None:
    unbound = [name for name, text in statements(table) if REVIEWED[table].get(name, "") not in text]
    assert unbound == []


@pytest.mark.parametrize("table", REVIEWED)
def test_no_table_that_is_reviewed_here_has_an_organisation(table: str) -> None:
    """One with an `org_id` has row level security of itself."""
    texts = [path.read_text() for path in sorted((ROOT / "approvals_hub/db/migrations").glob("*.sql"))]
    [body] = re.findall(rf"CREATE TABLE {table} \((.*?)\n\);", "\n".join(texts), re.DOTALL)
    assert "org_id" not in body
