"""What may be said about an action beside its type and payload, and the request that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from approvals_hub_client.credential import Credential
from approvals_hub_client.question import new_action

BESIDE_THE_ACTION: Final = ("justification", "expires_in", "requirement", "callback_url")
"""What of `Asking` stands beside the action in a request."""


class Asking(TypedDict, total=False):
    """What may be said about an action beside its type and payload."""

    subject: str
    relying_party: str | Mapping[str, Any]
    attachments: list[dict[str, Any]]
    chain: list[str]
    action_id: str
    justification: str
    """Why, in at most 280 characters; people see it marked as the agent's own words."""
    expires_in: int
    """Seconds until the question ends unanswered."""
    requirement: Mapping[str, Any]
    """What it asks of people beside what the organisation does: more, never less."""
    callback_url: str
    """Where the hub calls when the question has ended, at a host that an admin allows this agent."""


def request_of(
    action_type: str, payload: Mapping[str, Any], asking: Asking, *, credential: Credential, now: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The action, dated `now` (milliseconds), and the body that asks about it."""
    about: dict[str, Any] = dict(asking)
    body: dict[str, Any] = {name: about.pop(name) for name in BESIDE_THE_ACTION if name in about}
    action = new_action(action_type, payload, credential=credential, now=now, **about)
    return action, {**body, "action": action}
