"""What an organisation asks of a question when nothing else does, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Line, Seconds
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.domain.requirement import METHODS_LIMIT, Requirement

Acr = Literal["LOW", "SUBSTANTIAL", "HIGH"]
Method = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,31}$(?!\n)")]
Risk = Literal["low", "medium", "high", "critical"]


class RequirementForm(Form, frozen=True):
    """The whole requirement; a member left out gets its default. Times are in seconds.

    What asks less than now in any member needs a fresh factor.
    """

    approvals: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    owner_counts: bool = False
    min_assurance: Acr = "LOW"
    methods: Annotated[tuple[Method, ...], msgspec.Meta(max_length=METHODS_LIMIT)] = ()
    fresh_within: Annotated[int, msgspec.Meta(ge=1, le=3600)] | None = None
    passkeys: Literal["any", "not_synced", "device_bound"] = "any"
    most_risk: Literal["low", "moderate"] | None = None
    risk: Risk = "high"
    environment: Line | None = None
    expires_in: Seconds = 900
    longest: Seconds = 2_592_000
    approval_valid_for: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 600
    fresh: FreshForm | None = None


class RequirementView(msgspec.Struct, frozen=True):
    """The requirement that the next question is frozen with."""

    approvals: int
    owner_counts: bool
    min_assurance: str
    methods: tuple[str, ...]
    fresh_within: int | None
    passkeys: str
    most_risk: str | None
    risk: str
    environment: str | None
    expires_in: int
    longest: int
    approval_valid_for: int


async def read(call: Call[None]) -> RequirementView:
    """What stands now."""
    return _view(await call.hub.set_requirement.present(call.person))


async def replace(call: Call[RequirementForm]) -> RequirementView:
    """Ask for something else from the next question on; open ones keep theirs. Asking less needs a fresh factor."""
    wanted = {name: getattr(call.asked, name) for name in RequirementView.__struct_fields__}
    return _view(await call.hub.set_requirement(call.person, wanted, fresh_of(call.asked.fresh)))


def _view(requirement: Requirement) -> RequirementView:
    return RequirementView(**{name: getattr(requirement, name) for name in RequirementView.__struct_fields__})
