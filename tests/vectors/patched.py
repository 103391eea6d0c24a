"""A JSON patch (RFC 6902) carried out, as far as our vectors use it: add, remove and replace."""

from __future__ import annotations

import copy
from typing import Any


def patched(document: Any, patch: list[dict[str, Any]]) -> Any:
    """A copy with the changes."""
    changed = copy.deepcopy(document)
    for step in patch:
        *names, last = [name.replace("~1", "/").replace("~0", "~") for name in step["path"].split("/")[1:]]
        place = changed
        for name in names:
            place = place[int(name) if isinstance(place, list) else name]
        key = int(last) if isinstance(place, list) else last
        if step["op"] == "remove":
            del place[key]
        else:
            place[key] = step["value"]
    return changed
