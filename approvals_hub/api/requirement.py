"""What an organisation asks of a question when nothing else does, over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Line, Seconds
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.policy_drafts import asked_first
from approvals_hub.domain.advice import advice
from approvals_hub.domain.requirement import LONGEST_DWELL, METHODS_LIMIT, Requirement
from approvals_hub.domain.rule import NAMES_LIMIT
from approvals_hub.people.who_answers import Waiting
from approvals_hub_client.rule import PARTS_LIMIT, SEATS_LIMIT

Acr = Literal["LOW", "SUBSTANTIAL", "HIGH"]
Method = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,31}$(?!\n)")]
Risk = Literal["low", "medium", "high", "critical"]


Name = Annotated[str, msgspec.Meta(max_length=100)]
Parts = Annotated[tuple["Quorum", ...], msgspec.Meta(min_length=1, max_length=PARTS_LIMIT)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=NAMES_LIMIT)]


class Quorum(Form, frozen=True, omit_defaults=True):
    """One part of a rule, with exactly one of `of`, `all`, `any` and `stages`.

    `approvals` different people of those named in `of`: people's ids, `role:approver`, `role:admin`, `role:owner`,
    `group:NAME`. Every part of `all`, one of `any`, every one of `stages` after those before it; `stages` stands at the
    top alone. A person counts once in the whole rule.
    """

    of: Names | None = None
    approvals: Annotated[int, msgspec.Meta(ge=1, le=SEATS_LIMIT)] | None = None
    all: Parts | None = None
    any: Parts | None = None
    stages: Parts | None = None


class WarningView(msgspec.Struct, frozen=True):
    """What is allowed and still worth another look, at the member `field`."""

    code: str
    detail: str
    next_step: str
    field: str


class RequirementForm(Form, frozen=True):
    """The whole requirement; a member left out gets its default. Times are in seconds.

    `quorum` says whose approvals it takes, `veto` whose denial ends the question (left out: that of everybody who is
    asked), `wait` how long after its opening an approval takes effect at the earliest, `dwell` how long the question
    was on its approver's screen before their approval is taken, at the least. `number_match`: how many digits of the
    asker's own screen an approver types; `true` is 2. `reason`: `required` where an approval must say why.
    `locked_denial`: whether a denial counts that its client takes from a notification without saying that the device is
    unlocked. What asks less than now in any member needs a fresh factor.
    """

    approvals: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    quorum: Quorum | None = None
    veto: Names | None = None
    wait: Seconds = 0
    dwell: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DWELL)] = 0
    owner_counts: bool = False
    locked_denial: bool = False
    min_assurance: Acr = "LOW"
    methods: Annotated[tuple[Method, ...], msgspec.Meta(max_length=METHODS_LIMIT)] = ()
    fresh_within: Annotated[int, msgspec.Meta(ge=1, le=3600)] | None = None
    passkeys: Literal["any", "not_synced", "device_bound"] = "any"
    most_risk: Literal["low", "moderate"] | None = None
    number_match: bool | Literal[2, 6] | None = None
    reason: Literal["optional", "required"] = "optional"
    risk: Risk = "high"
    environment: Line | None = None
    expires_in: Seconds = 900
    longest: Seconds = 2_592_000
    approval_valid_for: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 600
    warnings: Annotated[tuple[WarningView, ...], msgspec.Meta(max_length=10)] = ()
    """Read and not looked at: what was shown can be sent back."""
    fresh: FreshForm | None = None


class RequirementView(msgspec.Struct, frozen=True):
    """The requirement that the next question is frozen with, and what its writer is warned of."""

    approvals: int
    quorum: Quorum | None
    veto: tuple[str, ...] | None
    wait: int
    dwell: int
    owner_counts: bool
    locked_denial: bool
    min_assurance: str
    methods: tuple[str, ...]
    fresh_within: int | None
    passkeys: str
    most_risk: str | None
    number_match: int | None
    reason: str
    risk: str
    environment: str | None
    expires_in: int
    longest: int
    approval_valid_for: int
    warnings: list[WarningView]


MEMBERS = tuple(name for name in RequirementView.__struct_fields__ if name != "warnings")


async def read(call: Call[None]) -> RequirementView:
    """What stands now."""
    return _view(await call.hub.set_requirement.present(call.person))


async def replace(call: Call[RequirementForm]) -> RequirementView | Answer:
    """Ask for something else from the next question on; open ones keep theirs. Asking less needs a fresh factor: 202
    with a draft where publishing takes a second person."""
    wanted = {name: getattr(call.asked, name) for name in MEMBERS}
    wanted["quorum"] = msgspec.to_builtins(call.asked.quorum)
    made = await call.hub.set_requirement(call.person, wanted, fresh_of(call.asked.fresh))
    if isinstance(made, Waiting):
        draft, _ = await call.hub.drafts.read.one(call.person, made.draft_id)
        return asked_first(draft)
    return _view(made)


def _view(requirement: Requirement) -> RequirementView:
    members = {name: getattr(requirement, name) for name in MEMBERS}
    members["quorum"] = msgspec.convert(msgspec.to_builtins(requirement.quorum), Quorum | None)
    found = [WarningView(each.code, each.detail, each.next_step, each.field) for each in advice(requirement)]
    return RequirementView(**members, warnings=found)
