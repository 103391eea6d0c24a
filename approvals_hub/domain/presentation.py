"""The presentation: the closed, flat, complete list of what an approver sees, made by a published pure function.

Nothing of the action is left out or reworded: `reconstruct(present(action, …)["fields"]) == action`. So the approver's
page can rebuild the action from what it shows, hash it, and refuse to sign anything else. Words are not in here:
`label` is the key of a versioned catalogue. `web/static/shared/presentation.js` is its twin;
`tests/vectors/presentation.json` holds both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from approvals_hub.domain.warning import is_plain, warnings_of
from approvals_hub_client.canonical import dumps, sha256_text
from approvals_hub_client.fields import fields_of

PROFILE = "approvals-hub.presentation.v1"

_encode = msgspec.json.Encoder().encode


def present(
    action: Mapping[str, Any], *, escalation_id: str, revision: int, audience: str, justification: str | None
) -> dict[str, Any]:
    """What people see of this (salted) action.

    `fields` are in canonical order (RFC 8785 §3.2.3), each `{path, type, value, label}`: `path` an RFC 6901 pointer,
    `type` one of string, integer, number, boolean, null, empty_object, empty_array, array (its length, before its
    items), `value` always a string: the raw text, or the number's canonical text.
    """
    fields = fields_of(action)
    warnings = _warnings(fields)
    fenced = None
    if justification is not None:
        fenced = {"text": justification, "verified": False}
        warnings += [{"code": code, "path": "justification"} for code in warnings_of("", justification, is_text=True)]
    # Here as in the fields: names in canonical order, so that `hash_of` need not sort them again.
    return {
        "audience": audience,
        "escalation_id": escalation_id,
        "fields": fields,
        "justification": fenced,
        "profile": PROFILE,
        "revision": revision,
        "warnings": warnings,
    }


def presentation_hash(presentation: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the presentation's canonical bytes."""
    return sha256_text(dumps(presentation))


def hash_of(
    action: Mapping[str, Any], *, escalation_id: str, revision: int, audience: str, justification: str | None
) -> str:
    """`presentation_hash(present(…))`, for whoever needs nothing but the hash.

    All members of a presentation are texts, small integers, false and null under ASCII names in canonical order: of
    those msgspec writes the canonical text, so nothing needs to be looked through again. A property test holds both
    equal.
    """
    shown = present(
        action, escalation_id=escalation_id, revision=revision, audience=audience, justification=justification
    )
    text = _encode(shown)
    return sha256_text(text if text.isascii() else dumps(shown))


def _warnings(fields: list[dict[str, str]]) -> list[dict[str, str]]:
    everything = " ".join([field["path"] + " " + field["value"] for field in fields])
    if is_plain(everything):
        return []
    return [
        {"code": code, "path": field["path"]}
        for field in fields
        for code in warnings_of(field["path"], field["value"], is_text=field["type"] == "string")
    ]
