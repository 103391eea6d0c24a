"""Policies over HTTP: published against the version that they replace, bound to agents, and tried without effect."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Id, Items, Line, Time, instant
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.policy_drafts import asked_first
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Binding, KeptPolicy, Labels, PolicyDraft
from approvals_hub.policies.kept import PolicyVersion
from approvals_hub.policies.reading import LIMITS

Yaml = Annotated[str, msgspec.Meta(min_length=1, max_length=LIMITS.size)]
Version = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Tier = Literal["agent", "group", "owner"]
Rank = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=63)]


class BindingForm(Form, frozen=True):
    """For which agents a policy holds: one (`agent`, bound to its id), a team of them (`group`, bound to its name), or
    every one (`owner`). Within a tier the lower rank comes first."""

    tier: Tier = "owner"
    bound_to: Id | None = None
    rank: Rank = 100

    def binding(self) -> Binding:
        """The same as the hub has it."""
        return Binding(self.tier, self.bound_to, self.rank)


class PolicyForm(Form, frozen=True):
    """The whole text, and the version that it replaces: 0 for a new one. Needs a fresh factor.

    `binding` left out: as it was; every agent for a new one. `source` says where the text comes from, like a commit.
    """

    yaml: Yaml
    version: Version = 0
    binding: BindingForm | None = None
    source: Line | None = None
    fresh: FreshForm | None = None


class PolicyGoneForm(Form, frozen=True):
    """The version that is taken out of force, and a fresh factor."""

    version: Version
    fresh: FreshForm | None = None


class BindingView(msgspec.Struct, frozen=True):
    """For which agents it holds."""

    tier: str
    bound_to: str | None
    rank: int


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One text that is or was in force. `published_by_name`: of a member or an agent; null for the operator, and for
    whoever is not here any more."""

    version: int
    yaml: str
    hash: str
    source: str | None
    published_at: str
    published_by: str
    published_by_name: str | None


class PolicyView(VersionView, frozen=True, kw_only=True):
    """What is in force."""

    policy_id: str
    name: str
    binding: BindingView


class ExplainForm(Form, frozen=True):
    """An action of an agent. With `yaml`, as if that were in force as the policy `name`; `at`: now unless said.
    `signals` and `mode`: as if these stood, in the place of those that do."""

    agent_id: Id
    action: dict[str, Any]
    yaml: Yaml | None = None
    name: Word | None = None
    binding: BindingForm | None = None
    at: Time | None = None
    signals: Annotated[list[Word], msgspec.Meta(max_length=100)] | None = None
    mode: Word | None = None


class ExplainView(msgspec.Struct, frozen=True):
    """What would be decided, as `approvals-hub policies explain --json` says it, and how each rule came out."""

    decision: dict[str, Any]
    trace: list[dict[str, Any]]


class LintForm(Form, frozen=True):
    """A text, as if it were to be published as this policy. `binding` left out: as it is; every agent for a new one."""

    yaml: Yaml
    binding: BindingForm | None = None


class FaultView(msgspec.Struct, frozen=True):
    """A place that is wrong; lines and columns count from 1."""

    line: int
    column: int
    field: str | None
    detail: str


class WarningView(msgspec.Struct, frozen=True):
    """What is allowed and worth a second look, of the rule that begins on this line."""

    code: str
    detail: str
    line: int
    rule_id: str | None


class RefusalView(msgspec.Struct, frozen=True):
    """Why a text that can be read cannot be in force here."""

    detail: str
    next_step: str


class DifferenceView(msgspec.Struct, frozen=True):
    """What changes against the policy of this name, in words; each line is one sentence."""

    allowed: list[str]
    asked: list[str]
    refused: list[str]
    other: list[str]


class LintView(msgspec.Struct, frozen=True):
    """Everything that is wrong; of a text with nothing wrong what is worth a look, whether it can be in force here, and
    what it would change."""

    errors: list[FaultView]
    warnings: list[WarningView]
    refused: RefusalView | None
    difference: DifferenceView | None


class LabelsForm(Form, frozen=True):
    """What the organisation says of an agent, whole; policies select by it. A change needs a fresh factor."""

    teams: Annotated[list[Word], msgspec.Meta(max_length=20)] = msgspec.field(default_factory=list)
    project: Word | None = None
    environment: Word | None = None
    fresh: FreshForm | None = None


class LabelsView(msgspec.Struct, frozen=True):
    """What stands now."""

    teams: list[str]
    project: str | None
    environment: str | None


async def listed(call: Call[None]) -> Items[PolicyView]:
    """All policies in force, by name."""
    return Items([_view(each) for each in await call.hub.policies.read(call.person)])


async def one(call: Call[None]) -> PolicyView:
    """One policy as it is in force."""
    return _view(await call.hub.policies.read.one(call.person, call.part("name")))


async def versions(call: Call[None]) -> Items[VersionView]:
    """What it is and was, newest first, the newest hundred."""
    found = await call.hub.policies.read.versions(call.person, call.part("name"))
    return Items([VersionView(**_of(each)) for each in found])


async def publish(call: Call[PolicyForm]) -> PolicyView | Answer:
    """Put a text in force, from the next question on; 202 with a draft where that takes a second person."""
    asked = call.asked
    made = await call.hub.policies.keep.publish(
        call.person,
        call.part("name"),
        asked.yaml,
        version=asked.version,
        binding=None if asked.binding is None else asked.binding.binding(),
        source=asked.source,
        fresh=fresh_of(asked.fresh),
    )
    return asked_first(made) if isinstance(made, PolicyDraft) else _view(made)


async def remove(call: Call[PolicyGoneForm]) -> PolicyView | Answer:
    """Take a policy out of force; its versions stay with what was decided by them. 202 with a draft where that takes a
    second person."""
    asked = call.asked
    gone = await call.hub.policies.keep.remove(
        call.person, call.part("name"), version=asked.version, fresh=fresh_of(asked.fresh)
    )
    return asked_first(gone) if isinstance(gone, PolicyDraft) else _view(gone)


async def explain(call: Call[ExplainForm]) -> ExplainView:
    """What would be decided about an action, by the engine that decides; nothing is asked, reserved or kept."""
    asked = call.asked
    tried = await call.hub.policies.tried(
        call.person,
        asked.agent_id,
        asked.action,
        name=asked.name,
        text=asked.yaml,
        binding=None if asked.binding is None else asked.binding.binding(),
        at=None if asked.at is None else instant(asked.at, "$.at"),
        signals=asked.signals,
        mode=asked.mode,
    )
    return ExplainView(tried.decision.members(), tried.trace)


async def lint(call: Call[LintForm]) -> LintView:
    """What is wrong in a text, line by line, and what it would change; nothing is kept."""
    asked = call.asked
    found = await call.hub.policies.lint(
        call.person,
        call.part("name"),
        asked.yaml,
        binding=None if asked.binding is None else asked.binding.binding(),
    )
    refusal, changes = found.refusal, found.difference
    return LintView(
        errors=[FaultView(each.line, each.column, each.field, each.detail) for each in found.faults],
        warnings=[WarningView(each.code, each.detail, each.line, each.rule_id) for each in found.warnings],
        refused=None if refusal is None else RefusalView(refusal.detail, refusal.next_step),
        difference=None
        if changes is None
        else DifferenceView(list(changes.allowed), list(changes.asked), list(changes.refused), list(changes.other)),
    )


async def labels(call: Call[None]) -> LabelsView:
    """To which teams an agent belongs, and in which project and environment it works."""
    return _labels(await call.hub.policies.label_agents.read(call.person, call.part("agent")))


async def replace_labels(call: Call[LabelsForm]) -> LabelsView | Answer:
    """Say it; 202 with a draft where publishing takes a second person, as other policies hold then."""
    asked = call.asked
    made = await call.hub.policies.label_agents(
        call.person,
        call.part("agent"),
        teams=asked.teams,
        project=asked.project,
        environment=asked.environment,
        fresh=fresh_of(asked.fresh),
    )
    return asked_first(made) if isinstance(made, PolicyDraft) else _labels(made)


def _view(kept: KeptPolicy) -> PolicyView:
    binding = BindingView(kept.binding.tier, kept.binding.bound_to, kept.binding.rank)
    return PolicyView(**_of(kept), policy_id=kept.policy_id, name=kept.name, binding=binding)


def _of(kept: KeptPolicy | PolicyVersion) -> dict[str, Any]:
    return {
        "version": kept.version,
        "yaml": kept.text,
        "hash": kept.hash,
        "source": kept.source,
        "published_at": to_text(kept.published_at),
        "published_by": kept.published_by,
        "published_by_name": kept.publisher,
    }


def _labels(found: Labels) -> LabelsView:
    return LabelsView(list(found.teams), found.project, found.environment)
