"""A step-up as a noun: one proof of who somebody is, asked for one intent, and how far it has come."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from approvals_hub.core.clock import HOUR, MINUTE, SECOND
from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, Unavailable
from approvals_hub.domain.assurance import Evidence
from identity.errors import Misconfigured, NotProven, ProviderDown

BEGINNING: Final = "beginning"
RUNNING: Final = "running"
PROVEN: Final = "proven"
USED: Final = "used"
ENDED: Final = "ended"

LIFE: Final = 10 * MINUTE
"""The longest that a step-up may take, in milliseconds; as long as the nonce of its intent lives."""
MOST_TRIES: Final = 5
"""Answers that one step-up takes; the sixth is refused even if it is right."""
WRONG_PERSON_HOURLY: Final = 20
"""Wrong answers of one person in an hour, after which no way that is guessed at can be begun."""
WRONG_ADDRESS_HOURLY: Final = 60
"""Wrong answers from one address in an hour, by whomever."""
WRONG_EVERYBODY_HOURLY: Final = 1000
"""Wrong answers in all: somebody tries many people from many addresses."""
EVERYBODY: Final = "everybody"
GUESSABLE: Final = frozenset({"totp", "email_otp", "sms_otp", "recovery_codes"})
"""Ways that somebody can guess at; the others cannot be, and stay open while these are shut."""
BEGUN_LIMIT: Final = 30
"""Step-ups that a person may begin within `LIFE`."""
SENDS: Final = frozenset({"email_otp", "sms_otp"})
"""Ways that send a message for each beginning."""
SENT_LIMIT: Final = 5
"""Those of one such way within `LIFE`."""
KEPT: Final = 60 * MINUTE
"""How long a step-up that was not used is kept after its end, in milliseconds, so that its page can still say why."""

REPLAYS_KEPT: Final = 24 * HOUR
"""How long the name of something that a proof used up is kept at least, in milliseconds: far longer than such a proof
could be brought again, and longer than clocks are set back by mistake."""

LEASE: Final = 20_000
"""How long one call to a provider may take before another one is made for the same step-up, in milliseconds: longer
than a provider's limit."""

COLLECT_AFTER: Final = 2 * SECOND
"""How soon the collector asks again after an answer that changed nothing, in milliseconds."""

DECISION: Final = "decision"
LINK: Final = "link"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One stored step-up; times in milliseconds."""

    id: str
    org_id: str
    person_id: str
    session_id: str
    escalation_id: str | None
    factor_id: str | None
    method: str
    purpose: str
    intent_hash: str
    state: str
    version: int
    cause: str | None
    hint: str | None
    sealed: bytes | None
    tries: int
    collect_at: int | None
    began_at: int
    expires_at: int
    proven_at: int | None
    used_at: int | None
    decision_id: str | None
    amr: str | None
    binding: str | None
    reported: str | None
    identified: str | None
    auth_ref: str | None
    facts: str | None
    evidence_hash: str | None

    def state_at(self, now: int) -> str:
        """The state, where one whose time is over has ended though nobody wrote that down yet."""
        if self.state == USED and self.purpose == LINK:
            # The link has used it; to its person that is what proving it was for.
            return PROVEN
        over = self.state in (BEGINNING, RUNNING, PROVEN) and now >= self.expires_at
        return ENDED if over else self.state

    def leased_at(self, now: int) -> bool:
        """Whether the provider is being asked at this moment."""
        return is_leased(self.collect_at, now)

    def begins_at(self, now: int) -> bool:
        """Whether its provider is beginning at this moment; one that was lost with its process is no more."""
        return self.state == BEGINNING and now < self.began_at + LEASE

    def evidence(self) -> Evidence:
        """What it proves, for `domain.assurance`."""
        return Evidence(self.method, tuple((self.amr or "").split()), self.binding or "", self.reported)


def is_leased(collect_at: int | None, now: int) -> bool:
    """Whether a provider is being asked at this moment: then the next time is further off than between two."""
    return collect_at is not None and collect_at > now + LEASE // 2


COLUMNS: Final = ", ".join(Step.__struct_fields__)


def of(row: Any) -> Step:
    """The step-up of a stored row."""
    values = {name: row[name] for name in Step.__struct_fields__}
    sealed = values["sealed"]
    return Step(**{**values, "sealed": None if sealed is None else bytes(sealed)})


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed in a running step-up."""

    state: dict[str, Any]
    """The provider's own."""
    shown: dict[str, Any]
    asked: dict[str, Any]
    """What the provider was asked with: the words, the language and where the person's browser is."""
    collect_every: float | None = None


class Shown(msgspec.Struct, frozen=True):
    """A step-up as its person sees it."""

    step: Step
    shown: dict[str, Any]
    now: int
    tied: bool = False
    """Whether the answer that is told with this has just tied a further way to the person."""


def unknown_step_up() -> NotFound:
    """No such one, or somebody else's."""
    return NotFound("step_up_unknown", "there is no such step-up of yours", next_step="Begin a new one.")


def method_unknown(method: str) -> NotFound:
    """Not a way that this hub offers."""
    return NotFound(
        "method_unknown",
        f"this hub proves nobody by {method[:32]!r}",
        next_step="Choose one that GET …/step-ups lists.",
        field="$.method",
    )


def method_too_weak(method: str) -> Forbidden:
    """A downgrade: allowed here, but not enough for this question."""
    return Forbidden(
        "method_too_weak",
        f"{method} is not enough for this question",
        next_step="Choose a way that GET …/step-ups lists.",
        field="$.method",
    )


def busy() -> Unavailable:
    """The provider is being asked about it at this moment."""
    return Unavailable(
        "step_up_busy", "the provider is being asked at this moment", next_step="Send it again.", retry_after=1
    )


def ended(step: Step) -> Conflict:
    """It is over; nothing more is taken."""
    return Conflict(
        "step_up_ended",
        "this step-up is over",
        next_step="Begin a new one.",
        extra={"state": step.state, "cause": step.cause, "hint": step.hint},
    )


def vendor_refused(error: NotProven) -> HubError:
    """What a caller is told while a step-up goes on, or could not begin. Nothing of the provider's text gets out."""
    if isinstance(error, ProviderDown):
        return Unavailable(
            "provider_down",
            "the provider cannot be asked now; nothing is lost",
            next_step="Try again in a moment, or choose another way.",
            retry_after=max(1, round(error.retry_after)),
        )
    if isinstance(error, Misconfigured):
        return Unavailable(
            "provider_misconfigured",
            "this way does not work at the moment",
            next_step="Choose another way; an operator has to look at its settings.",
            retry_after=60,
        )
    if error.final:
        return Forbidden(error.code, "this did not prove who you are", next_step="Begin anew, or choose another way.")
    return Forbidden(error.code, "the answer does not fit", next_step="Try again.", field="$.answer")
