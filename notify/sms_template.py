"""The body of a gateway's request: a template that was read before any value came near it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\{([^{}]*)\}")


def require_placeholders(template: Any, known: frozenset[str]) -> frozenset[str]:
    """The names in braces in the template's texts. Raises ValueError for one that is not `known`, or a lone brace."""
    used: set[str] = set()
    for text in _texts(template):
        names = _PLACE.findall(text)
        rest = _PLACE.sub("", text)
        if not known.issuperset(names) or "{" in rest or "}" in rest:
            raise ValueError(f"in braces may stand: {', '.join(sorted(known))}")
        used.update(names)
    return frozenset(used)


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with the values in their places. A value is not looked through for places."""
    if isinstance(template, str):
        return _PLACE.sub(lambda place: values[place[1]], template)
    if isinstance(template, list):
        return [filled(member, values) for member in template]
    if isinstance(template, dict):
        return {name: filled(member, values) for name, member in template.items()}
    return template


def _texts(template: Any) -> list[str]:
    if isinstance(template, str):
        return [template]
    members = template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    return [text for member in members for text in _texts(member)]
