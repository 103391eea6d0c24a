"""The tree of why somebody is not proven."""

from __future__ import annotations

import pytest

from identity import errors
from identity.errors import NotProven, Refused

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NotProven)]


@pytest.mark.parametrize("kind", ALL)
def test_a_reason_ends_the_challenge_exactly_when_it_is_a_refusal(kind: type[NotProven]) -> None:
    assert kind.final == issubclass(kind, Refused)


def test_every_reason_has_a_word_of_its_own() -> None:
    # A kind of another reason may keep its word.
    own = [kind.code for kind in ALL if "code" in vars(kind)]
    assert len(set(own)) == len(own)
