"""The fields of an action: the flat, complete list that people see of it, and the action that such a list shows.

Nothing is left out or reworded: `reconstruct(fields_of(action)) == action`. So whoever holds a presentation rebuilds
the action from it, and hashes that. `web/static/shared/presentation.js` is the twin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from approvals_hub_client.canonical import MAX_INTEGER, dumps

_CONSTANTS = {None: ("null", "null"), True: ("boolean", "true"), False: ("boolean", "false")}


def fields_of(action: Mapping[str, Any]) -> list[dict[str, str]]:
    """The fields of an action, in canonical order."""
    fields: list[dict[str, str]] = []
    _flatten_object(action, "", "", fields)
    return fields


def reconstruct(fields: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The action that these fields show. Raises ValueError when they are not exactly the fields of one action."""
    root: dict[str, Any] = {}
    for field in fields:
        names = [part.replace("~1", "/").replace("~0", "~") for part in field["path"].split("/")]
        container: Any = root
        for name in names[1:-1]:
            container = _step(container, name)
        _place(container, names[-1], _value(field["type"], field["value"]))
    if fields_of(root) != list(fields):
        raise ValueError("these are not the fields of one action")
    return root


def _flatten(value: Any, path: str, label: str, fields: list[dict[str, str]]) -> None:
    kind = type(value)
    if kind is str:
        fields.append({"label": label, "path": path, "type": "string", "value": value})
    elif kind is dict:
        if value:
            _flatten_object(value, path, label, fields)
        else:
            fields.append({"label": label, "path": path, "type": "empty_object", "value": "{}"})
    elif kind is list:
        if value:
            # Without this line a list and an object with members "0", "1" … would look the same.
            fields.append({"label": label, "path": path, "type": "array", "value": str(len(value))})
            for index, item in enumerate(value):
                _flatten(item, f"{path}/{index}", label, fields)
        else:
            fields.append({"label": label, "path": path, "type": "empty_array", "value": "[]"})
    elif kind is int or kind is float:
        text = str(value) if kind is int else dumps(value).decode()
        exact = "integer" if text.lstrip("-").isdigit() else "number"
        fields.append({"label": label, "path": path, "type": exact, "value": text})
    else:
        name, text = _CONSTANTS[value]
        fields.append({"label": label, "path": path, "type": name, "value": text})


def _flatten_object(value: Mapping[str, Any], path: str, label: str, fields: list[dict[str, str]]) -> None:
    names = "".join(value)
    escaped = "~" in names or "/" in names
    # ASCII names, nearly all there are, sort the same way without being encoded first.
    for name in sorted(value, key=None if names.isascii() else _utf16):
        inner = label if label == "payload" else f"{label}.{name}" if label else name
        place = f"{path}/{name.replace('~', '~0').replace('/', '~1')}" if escaped else f"{path}/{name}"
        item = value[name]
        if type(item) is str:  # most are: the call costs as much as the rest
            fields.append({"label": inner, "path": place, "type": "string", "value": item})
        else:
            _flatten(item, place, inner, fields)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")


def _step(container: Any, name: str) -> Any:
    """The container under this name, made when its first member is seen; only an object's is not announced."""
    if isinstance(container, dict):
        return container.setdefault(name, {})
    if isinstance(container, list):
        if name == str(len(container)):
            container.append({})
        return container[-1] if container else None
    raise ValueError("a field lies inside a value that holds none")


def _place(container: Any, name: str, value: Any) -> None:
    if isinstance(container, dict):
        container[name] = value
    elif isinstance(container, list):
        container.append(value)
    else:
        raise ValueError("a field lies inside a value that holds none")


def _value(kind: str, text: str) -> Any:
    if kind == "string":
        return text
    if kind == "integer":
        if abs(integer := int(text)) > MAX_INTEGER:
            raise ValueError("a field holds an integer that not every reader holds")
        return integer
    if kind == "number":
        return float(text)
    constants: dict[str, Any] = {"boolean": text == "true", "null": None, "empty_object": {}, "empty_array": []}
    if kind == "array":
        return []
    if kind not in constants:
        raise ValueError("a field has an unknown type")
    return constants[kind]
