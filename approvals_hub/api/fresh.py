"""The `fresh` member of a body: a challenge of purpose `fresh`, signed just now by a device of the person."""

from __future__ import annotations

from typing import Any

from approvals_hub.api.fields import Base64, Form, Id, raw
from approvals_hub.hub import Fresh


class FreshForm(Form, frozen=True):
    """A challenge of purpose `fresh`, signed just now. A passkey's `assertion` names its device itself."""

    challenge_id: Id
    device_id: Id | None = None
    signature: Base64 | None = None
    assertion: dict[str, Any] | None = None


def fresh_of(form: FreshForm | None) -> Fresh | None:
    """The same for the Hub. Raises Invalid for a signature that is not base64url."""
    if form is None:
        return None
    return Fresh(form.challenge_id, form.device_id, raw(form.signature, "$.fresh.signature"), form.assertion)
