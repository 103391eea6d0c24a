"""What is known about a question is data: it can be stored and read again."""

from __future__ import annotations

import msgspec

from approvals_hub.routing.load import load_route
from approvals_hub.routing.question import Contact, Facts, Question
from tests.unit.routing.scenes import at, facts, question
from tests.unit.routing.test_load import FULL


def test_a_question_and_its_facts_are_stored_and_read_again_as_they_were() -> None:
    asked = msgspec.structs.replace(question(), route=load_route(FULL))
    assert msgspec.json.decode(msgspec.json.encode(asked), type=Question) == asked
    assert msgspec.json.decode(msgspec.json.encode(facts()), type=Facts) == facts()


def test_an_address_works_from_its_begin_until_it_is_gone() -> None:
    contact = Contact("ada:push", "ada", "push", since=at(1), until=at(2))
    assert [contact.works(instant) for instant in (at(1) - 1, at(1), at(2) - 1, at(2))] == [False, True, True, False]
