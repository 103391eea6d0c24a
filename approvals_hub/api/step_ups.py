"""Step-ups over HTTP: which ways are enough, beginning one for an intent, answering it, looking at it, ending it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.claimed import claimed
from approvals_hub.api.fields import Base64, Form, Id, Line, at, raw
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.sessions import OpenedSessionView, renewed, renewed_where_owed, with_session
from approvals_hub.core.clock import to_text
from approvals_hub.domain.assurance import named
from approvals_hub.hub import FactorRecord, LinkAsked, Shown, StepUpAsked, Way
from approvals_hub.stepup.step_up import MOST_TRIES

Method = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$(?!\n)")]
Language = Literal["en", "sv"]


class OfferQuery(Form, frozen=True):
    """The device that would sign."""

    device_id: Id


class OfferView(msgspec.Struct, frozen=True):
    """What the question asks beside that device's signature."""

    needed: bool
    ways: list[Way]
    min_assurance: str
    methods: list[str]
    fresh_within: int | None
    passkeys: str


class StepUpForm(Form, frozen=True):
    """The way, and the JCS bytes of the intent that will be signed.

    `acr`, `amr` and `assurance_level` may be sent: they count for nothing, and that they were sent is recorded.
    """

    method: Method
    intent: Base64
    same_device: bool = True
    language: Language = "en"
    acr: Any = msgspec.UNSET
    amr: Any = msgspec.UNSET
    assurance_level: Any = msgspec.UNSET


class AnswerStepUp(Form, frozen=True):
    """The person's answer, in the form of the way that was begun. What is claimed beside it counts for nothing too."""

    answer: dict[str, Any]
    acr: Any = msgspec.UNSET
    amr: Any = msgspec.UNSET
    assurance_level: Any = msgspec.UNSET


class StepUpView(msgspec.Struct, frozen=True, kw_only=True):
    """A step-up as its person sees it; `shown` is the way's own, without any secret."""

    step_up_id: str
    escalation_id: str | None
    method: str
    name: str
    purpose: str
    intent_hash: str
    state: str
    cause: str | None
    hint: str | None
    shown: dict[str, Any]
    tries_left: int
    began_at: str
    expires_at: str
    proven_at: str | None
    now: str


class StepUpAnsweredView(StepUpView, frozen=True, kw_only=True):
    """A step-up after an answer. Where that tied a further way to the person, their session has a new token from here
    on: a page's in the cookie, a native client's in `session`, with a new refresh token."""

    session: OpenedSessionView | None = None


class LinkingView(StepUpView, frozen=True, kw_only=True):
    """A way that begins to be tied to the person. Their session has a new token from here on: a page's in the cookie, a
    native client's in `session`, with a new refresh token."""

    session: OpenedSessionView | None


class FactorView(msgspec.Struct, frozen=True):
    """One way that is tied to the person."""

    factor_id: str
    method: str
    name: str
    created_at: str
    last_used_at: str | None


class LinkableView(msgspec.Struct, frozen=True):
    """A way that could be tied to the person."""

    method: str
    name: str


class ExpectedView(msgspec.Struct, frozen=True):
    """A way whose eID the organisation has named for this person: it counts once they have linked that very one."""

    factor_id: str
    method: str
    name: str
    by_name: str | None
    created_at: str
    expires_at: str


class FactorsView(msgspec.Struct, frozen=True):
    """What is tied to the person, what could be, and what the organisation expects to be."""

    items: list[FactorView]
    linkable: list[LinkableView]
    expected: list[ExpectedView]


class NewFactor(Form, frozen=True):
    """The way to tie, what it needs to begin (an address), and a fresh factor."""

    method: Method
    name: Line | None = None
    given: dict[str, Annotated[str, Meta(max_length=254)]] = msgspec.field(default_factory=dict)
    same_device: bool = True
    language: Language = "en"
    fresh: FreshForm | None = None


class RemoveFactor(Form, frozen=True):
    """A fresh factor."""

    fresh: FreshForm | None = None


async def offered(call: Call[OfferQuery]) -> OfferView:
    """Which ways are enough for this question, easiest first."""
    offer = await call.hub.offer_step_ups(call.person, call.part("id"), call.asked.device_id)
    asks = (offer.min_assurance, offer.methods, offer.fresh_within, offer.passkeys)
    return OfferView(offer.needed, offer.ways, *asks)


async def begin(call: Call[StepUpForm]) -> StepUpView:
    """Begin to prove who one is, for this intent; a running one for it is given back."""
    form = call.asked
    asked = StepUpAsked(
        method=form.method,
        intent=raw(form.intent, "$.intent") or b"",
        language=form.language,
        same_device=form.same_device,
        address=call.api.address(call.request),
        source=call.api.source(call.request),
        user_agent=call.request.headers.get("User-Agent", "")[:256],
        claimed=claimed(form),
    )
    return step_up_view(await call.hub.begin_step_up(call.person, call.part("id"), asked))


async def read(call: Call[None]) -> Answer:
    """How it stands; asks nobody. Where the hub itself heard that a further way is tied, the first look brings the
    session another token."""
    shown = await call.hub.complete_step_up.read(call.person, call.part("id"))
    session, opened = await renewed_where_owed(call)
    answered = StepUpAnsweredView(**msgspec.structs.asdict(step_up_view(shown)), session=opened)
    return with_session(answered, session, as_cookie=call.wants_cookie())


async def complete(call: Call[AnswerStepUp]) -> Answer:
    """Answer it. Whoever has tied a further way to themselves by it goes on with another token."""
    form, source = call.asked, call.api.source(call.request)
    done = await call.hub.complete_step_up(
        call.person, call.part("id"), form.answer, source=source, claimed=claimed(form)
    )
    # Only the answer that ties it renews: whoever repeats it with a token of before gets none of the new one.
    session, shown = await renewed(call) if done.tied else (None, None)
    answered = StepUpAnsweredView(**msgspec.structs.asdict(step_up_view(done)), session=shown)
    return with_session(answered, session, as_cookie=call.wants_cookie())


async def cancel(call: Call[None]) -> StepUpView:
    """End it, at the provider too."""
    return step_up_view(await call.hub.complete_step_up.cancel(call.person, call.part("id")))


async def factors(call: Call[None]) -> FactorsView:
    """What is tied to the person, what could be, easiest first, and what their organisation expects."""
    found = await call.hub.factors.list(call.person)
    linkable = [LinkableView(method, named(method)) for method in found.linkable]
    expected = [
        ExpectedView(
            one.factor_id, one.method, named(one.method), one.by_name, to_text(one.created_at), to_text(one.expires_at)
        )
        for one in found.expected
    ]
    return FactorsView([_factor_view(factor) for factor in found.linked], linkable, expected)


async def link(call: Call[NewFactor]) -> Answer:
    """Begin to tie a way to the person, who has just used a factor: their session gets a new token."""
    form = call.asked
    asked = LinkAsked(
        method=form.method,
        name=form.name or named(form.method),
        given=form.given,
        language=form.language,
        same_device=form.same_device,
        address=call.api.address(call.request),
        source=call.api.source(call.request),
        user_agent=call.request.headers.get("User-Agent", "")[:256],
    )
    view = step_up_view(await call.hub.link_factor(call.person, asked, fresh_of(form.fresh)))
    session, shown = await renewed(call)
    linking = LinkingView(**msgspec.structs.asdict(view), session=shown)
    return with_session(linking, session, as_cookie=call.wants_cookie())


async def unlink(call: Call[RemoveFactor]) -> FactorView:
    """Take a way away; what was kept of it is gone. What is only expected is declined."""
    return _factor_view(await call.hub.factors.remove(call.person, call.part("id"), fresh_of(call.asked.fresh)))


def step_up_view(shown: Shown) -> StepUpView:
    """A step-up for the wire."""
    step = shown.step
    return StepUpView(
        step_up_id=step.id,
        escalation_id=step.escalation_id,
        method=step.method,
        name=named(step.method),
        purpose=step.purpose,
        intent_hash=step.intent_hash,
        state=step.state_at(shown.now),
        cause=step.cause,
        hint=step.hint,
        shown=shown.shown,
        tries_left=max(0, MOST_TRIES - step.tries),
        began_at=to_text(step.began_at),
        expires_at=to_text(step.expires_at),
        proven_at=at(step.proven_at),
        now=to_text(shown.now),
    )


def _factor_view(factor: FactorRecord) -> FactorView:
    return FactorView(factor.factor_id, factor.method, factor.name, to_text(factor.created_at), at(factor.last_used_at))
