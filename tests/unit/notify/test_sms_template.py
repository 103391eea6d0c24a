"""Values in a template: always texts, never syntax."""

from __future__ import annotations

import pytest

from notify.sms_template import filled, require_placeholders

VALUES = {"to": "+46701234567", "from": "Acme", "text": 'a"b&c={to}\r\n{id}', "id": "msg_1", "encoding": "text"}


def test_a_value_is_put_into_its_place_and_not_looked_through() -> None:
    template = {"a": "{to}", "b": ["{text}", {"c": "x{id}y{id}"}], "d": 7, "e": None, "f": True}
    assert filled(template, VALUES) == {
        "a": "+46701234567",
        "b": ['a"b&c={to}\r\n{id}', {"c": "xmsg_1ymsg_1"}],
        "d": 7,
        "e": None,
        "f": True,
    }


def test_the_places_of_a_template_are_found_wherever_they_stand() -> None:
    known = frozenset({"to", "text", "id"})
    assert require_placeholders({"a": ["{to}", {"b": "{text}{to}"}], "c": 7}, known) == {"to", "text"}


@pytest.mark.parametrize("text", ["{other}", "{", "}", "{to", "{{to}}", "{}", "{to.text}", "{to!r}", "{ to }"])
def test_a_place_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="in braces may stand"):
        require_placeholders([text], frozenset({"to"}))
