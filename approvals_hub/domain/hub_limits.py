"""What the operator says of how much agents may ask: what stands where an organisation says nothing, and what it may
allow at most. A table of the settings. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.allowance import KINDS, MOST, Bucket, Limits, stored

ORGANISATIONS_MOST: Final = 100
_BUCKET: Final = re.compile(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,6})")


class HubLimits(msgspec.Struct, frozen=True):
    """How much agents may ask in every organisation: docs/howto/against_fatigue.md. A bucket is `AT_ONCE/HOURLY`."""

    agent: str = "100/200"
    """What one agent may ask, where its organisation does not say."""
    person: str = "120/240"
    """What all agents of an organisation may ask of one person, where it does not say."""
    pair: str = "60/120"
    """What one agent may ask of one person, where its organisation does not say."""
    back_off: bool = True
    """Whether an agent waits that is denied again and again, where its organisation does not say."""
    agent_most: str = f"{MOST}/{MOST}"
    """What an organisation may allow one agent at most. What it set before is cut to this."""
    person_most: str = f"{MOST}/{MOST}"
    """The same of what comes to one person."""
    pair_most: str = f"{MOST}/{MOST}"
    """The same of what one agent asks of one person."""
    always_back_off: bool = False
    """Whether no organisation may turn the waits after denials off."""

    organisations_per_person: int = 0
    """How many organisations a person may make: docs/howto/several_organisations.md. With 0 only the operator makes
    one: whoever owns an organisation can send this hub's mail to anybody whom they invite."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is no bucket, and for more than the most."""
        if not 0 <= self.organisations_per_person <= ORGANISATIONS_MOST:
            raise ValueError(f"organisations_per_person is a number from 0 to {ORGANISATIONS_MOST}")
        if self.usual.allow_more_than(self.most):
            raise ValueError("the limits of organisations that say nothing are wider than what one may allow at most")

    @property
    def usual(self) -> Limits:
        """Those of an organisation that set none."""
        return _limits(self.agent, self.person, self.pair, self.back_off)

    @property
    def most(self) -> Limits:
        """Those that an organisation may set at most."""
        return _limits(self.agent_most, self.person_most, self.pair_most, self.always_back_off)

    def of(self, text: str | None) -> Limits:
        """Those that count where an organisation stored `text`, or None: never more than the most."""
        own, most = self.usual if text is None else stored(text), self.most
        if not own.allow_more_than(most):
            return own
        least = {
            kind: Bucket(min(own.of(kind).burst, most.of(kind).burst), min(own.of(kind).hourly, most.of(kind).hourly))
            for kind in KINDS
        }
        return Limits(**least, back_off=own.back_off or most.back_off)

    def refuse_more(self, wanted: Limits) -> None:
        """Raises Invalid with the member that lets more through than whoever runs the hub allows."""
        most = self.most
        for kind in KINDS:
            for name in ("burst", "hourly"):
                if getattr(wanted.of(kind), name) > (allowed := getattr(most.of(kind), name)):
                    raise _too_wide(f"this hub allows at most {allowed} here", f"$.{kind}.{name}")
        if most.back_off and not wanted.back_off:
            raise _too_wide("this hub lets no organisation turn the waits after denials off", "$.back_off")


@lru_cache(maxsize=16)
def _limits(agent: str, person: str, pair: str, back_off: bool) -> Limits:
    """Remembered, as every question needs them."""
    return Limits(_bucket(agent), _bucket(person), _bucket(pair), back_off)


def _bucket(text: str) -> Bucket:
    found = _BUCKET.fullmatch(text)
    if found is None or max(int(found[1]), int(found[2])) > MOST:
        raise ValueError(f"{text!r} is not AT_ONCE/HOURLY, like 100/200, each from 1 to {MOST}")
    return Bucket(int(found[1]), int(found[2]))


def _too_wide(detail: str, field: str) -> Invalid:
    return Invalid("limits_too_wide", detail, next_step="Choose less, or ask whoever runs the hub.", field=field)
