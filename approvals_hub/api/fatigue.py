"""Against fatigue, over HTTP: how much agents may ask, and how people answer, in numbers."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Items, PageQuery, page
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.domain.allowance import Limits
from approvals_hub.hub import Measure

Number = Annotated[int, Meta(ge=1, le=1_000_000)]


class BucketForm(Form, frozen=True):
    """How many questions at once, and how many come back in an hour."""

    burst: Number
    hourly: Number


class LimitsForm(Form, frozen=True):
    """The whole limits; a bucket left out gets its default. `agent`: of each agent; `person`: of what comes to each
    person; `pair`: of what one agent asks of one person; `back_off`: whether an
    agent that is denied again and again waits. What lets more through in any member needs a fresh factor."""

    agent: BucketForm | None = None
    person: BucketForm | None = None
    pair: BucketForm | None = None
    back_off: bool = True
    fresh: FreshForm | None = None


class BucketView(msgspec.Struct, frozen=True):
    """How many questions at once, and how many come back in an hour."""

    burst: int
    hourly: int


class LimitsView(msgspec.Struct, frozen=True):
    """How much agents may ask from the next question on."""

    agent: BucketView
    person: BucketView
    pair: BucketView
    back_off: bool


class ApproversQuery(PageQuery, frozen=True):
    """How many days are looked back."""

    days: Annotated[int, Meta(ge=1, le=90)] = 30


class ApproverView(msgspec.Struct, frozen=True):
    """How one approver answers. `median_seconds`: from the question on their screen to their answer. `busiest_minute`:
    answers in the minute in which most came. `hurried`: answers that came faster than a person can read what was shown,
    and approvals beyond ten in a minute. `inactive`: they answered none of five questions or more that came to them."""

    person_id: str
    name: str
    prompts: int
    prompts_per_day: float
    busiest_day: int
    answered: int
    approved: int
    approval_rate: float | None
    median_seconds: float | None
    busiest_minute: int
    hurried: int
    inactive: bool


async def limits(call: Call[None]) -> LimitsView:
    """How much agents may ask."""
    return _limits(await call.hub.set_limits.present(call.person))


async def replace_limits(call: Call[LimitsForm]) -> LimitsView:
    """Let agents ask more or less from the next question on. More needs a fresh factor."""
    form = call.asked
    wanted: dict[str, Any] = {
        kind: msgspec.to_builtins(bucket)
        for kind, bucket in (("agent", form.agent), ("person", form.person), ("pair", form.pair))
        if bucket is not None
    }
    wanted["back_off"] = form.back_off
    return _limits(await call.hub.set_limits(call.person, wanted, fresh_of(form.fresh)))


async def approvers(call: Call[ApproversQuery]) -> Items[ApproverView]:
    """How approvers answer, by their ids; of whoever may not read everybody's numbers, their own."""
    query = call.asked
    found = await call.hub.read_measures(call.person, days=query.days, after=query.cursor, limit=query.limit + 1)
    return page([_approver(one) for one in found], query.limit, lambda view: view.person_id)


def _limits(found: Limits) -> LimitsView:
    return msgspec.convert(msgspec.to_builtins(found), LimitsView)


def _approver(measure: Measure) -> ApproverView:
    return msgspec.convert(msgspec.to_builtins(measure), ApproverView)
