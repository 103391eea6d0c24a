"""How one person is told within one stint: address by address, again, and reminded.

Receipts drive it. An address that brings no acknowledgement in time, or fails, is followed by the next one; a device
that has the question gives its person `open_within` to open it; who has opened it is told again only as a reminder.

Every choice is made at an instant and from what is known then: a receipt or an address that comes later changes what
comes later, never what was told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.question import Contact, Telling
from approvals_hub.routing.receipts import NEVER, Receipts
from approvals_hub.routing.route import ALL, Level, Remind, Step
from approvals_hub.routing.stints import Stint
from approvals_hub_client.canonical import dumps, sha256_text

FIRST: Final = "first"
FALLBACK: Final = "fallback"
REPEAT: Final = "repeat"
REMIND: Final = "remind"
NEW_ADDRESS: Final = "new_address"

Span = tuple[float, float]
Awake = Callable[[float], float]
"""The first instant, from a given one on, at which a person may be told; NEVER where there is none."""


@dataclass
class Climb:
    """The tellings of one stint as far as the facts say, in order, and when it is under way.

    While a span lasts something is being tried: a level is not used up. Make one and `run` it.
    """

    key: tuple[str, ...]
    """What tells this rung's tellings from those of every other."""
    level: Level
    number: int
    """The level's, from 1."""
    stint: Stint
    receipts: Receipts
    awake: Awake
    now: int
    """The first telling after this instant is the last one that is worked out: what follows it would change anyway."""
    opened_after: float
    """Who opened the question before this instant has not opened it for this rung."""
    tellings: list[Telling] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def run(self) -> Climb:
        """Works out tellings and spans: through all addresses, and again as often as the level says."""
        repeat = self.level.repeat
        times = 0 if repeat is None else repeat.times
        begin: float = self.stint.since
        for lap in range(times + 1):
            begin = self._has_address(begin)
            end = self._lap(lap, begin)
            if end is None:
                break
            if repeat is None or lap == times:
                self._new_addresses(end)
                self._remind()
                break
            following = max(begin + repeat.every * SECOND, end)
            # Where every way has failed nobody is held up: the next level need not wait for the next lap.
            if any(self.receipts.failed(telling) > end for telling in self.tellings):
                self.spans.append((end, following))
            begin = following
        self.spans = [(begin, min(end, self._stop)) for begin, end in self.spans if begin < min(end, self._stop)]
        return self

    @property
    def _stop(self) -> float:
        """Nothing is under way from here on: the stint is over, or they have answered."""
        return min(self.stint.until, self.receipts.answered(self._person))

    @property
    def _person(self) -> str:
        return self.stint.person

    def _lap(self, lap: int, begin: float) -> float | None:
        """One round through all addresses, from `begin`. Returns when the last one has been given its time; None where
        nothing is to follow."""
        told: list[Telling] = []
        since, planned = begin, begin + self.level.steps[0].after * SECOND
        while True:
            due = self._ready(planned)
            if due is None or due > planned:
                self.spans.append((since, min(planned, self._opened + 1)))
            if due is None:
                return None
            since = due if due > planned else since
            chosen = self._next(due, told)
            if not chosen:
                self.spans.append((since, due))
                return due
            reason = FALLBACK if told else FIRST if lap == 0 else REPEAT
            last = [self._tell(contact, f"lap {lap}", reason, due) for _, contact in chosen]
            told += last
            if due > self.now:
                self.spans.append((since, NEVER))
                return None
            planned = self._moment(told, last, self._gap(chosen[0][0], due, told))

    def _ready(self, planned: float) -> float | None:
        """When something planned may be done: not in quiet hours. None where by then the person has opened the
        question, and is reminded instead; has answered; or is not asked any more."""
        due = self.awake(planned)
        if self._opened < due:
            self._remind()
            return None
        return due if self._may_tell(due) else None

    def _may_tell(self, due: float) -> bool:
        """Whether the person is still asked, and had not answered before."""
        return due < self.stint.until and due <= self.receipts.answered(self._person)

    @property
    def _opened(self) -> float:
        return self.receipts.opened(self._person, self.opened_after)

    def _next(self, at: float, told: list[Telling]) -> list[tuple[Step, Contact]]:
        """The next address that this lap has not used, or all of its channel where the level says so."""
        used = {telling.contact for telling in told}
        for step in self.level.steps:
            fresh = [each for each in self.receipts.contacts(self._person, step.channel, at) if each.id not in used]
            if fresh:
                return [(step, contact) for contact in (fresh if step.devices == ALL else fresh[:1])]
        return []

    def _gap(self, step: Step, at: float, told: list[Telling]) -> int:
        """Seconds until the address that would come next, as it looks now."""
        following = self._next(at, told)
        return self.level.ack_within if not following or following[0][0] == step else following[0][0].after

    def _moment(self, told: list[Telling], last: list[Telling], gap: int) -> float:
        """When the next address is due: after the gap, or as soon as the ways last tried have failed; later where a
        device of this lap has the question by then."""
        failed = max(self.receipts.failed(telling) for telling in last)
        moment = min(last[0].at + gap * SECOND, failed)
        delivered = min(self.receipts.delivered(telling) for telling in told)
        return max(moment, delivered + self.level.open_within * SECOND) if delivered < moment else moment

    def _remind(self) -> None:
        """Whoever has opened the question is reminded, and then left alone."""
        if self._opened == NEVER:
            return
        begin, remind = max(self._opened, self.stint.since), self.level.remind
        end = NEVER if remind is None else self._reminded(begin, remind)
        # From the millisecond after it: a level that was used up in the instant of the opening stays so.
        self.spans.append((max(self._opened + 1, self.stint.since), end))

    def _reminded(self, begin: float, remind: Remind) -> float:
        """Reminds as often as the level says. Returns when the last reminder has been given its time."""
        moment = begin
        for time in range(remind.times):
            moment = self.awake(moment + remind.after * SECOND)
            if not self._may_tell(moment):
                break
            contact = self._reminds_at(moment)
            if contact is not None:
                self._tell(contact, f"reminder {time}", REMIND, moment)
                if moment > self.now:
                    return NEVER
        return moment + remind.after * SECOND

    def _reminds_at(self, at: float) -> Contact | None:
        """Where the person opened it, else where they were told last, else the first address that works."""
        working = [each for step in self.level.steps for each in self.receipts.contacts(self._person, step.channel, at)]
        opened = [telling for telling in self.tellings if self.receipts.opened_by(telling) < at]
        arriving = [telling for telling in reversed(self.tellings) if self.receipts.failed(telling) >= at]
        order = [telling.contact for telling in [*sorted(opened, key=self.receipts.opened_by), *arriving]]
        found = [contact for name in order for contact in working if contact.id == name]
        return next(iter([*found, *working]), None)

    def _has_address(self, begin: float) -> float:
        """When the person first has an address on one of the level's channels, from `begin` on; else NEVER."""
        contacts = [
            each for step in self.level.steps for each in self.receipts.all_contacts(self._person, step.channel)
        ]
        begins = [max(begin, each.since) for each in contacts if each.until is None or each.until > begin]
        return min(begins, default=NEVER)

    def _new_addresses(self, end: float) -> None:
        """A device that comes too late for every lap is told as soon as it is there, if nothing has arrived."""
        for step in self.level.steps:
            for contact in self.receipts.all_contacts(self._person, step.channel):
                if contact.since <= end or any(telling.contact == contact.id for telling in self.tellings):
                    continue
                due = self.awake(contact.since)
                arrived = min(map(self.receipts.delivered, self.tellings), default=NEVER)
                if self._may_tell(due) and due <= min(self._opened, arrived) and contact.works(int(due)):
                    self._tell(contact, "new", NEW_ADDRESS, due)
                    self.spans.append((due, due + self.level.ack_within * SECOND))

    def _tell(self, contact: Contact, what: str, reason: str, due: float) -> Telling:
        telling = Telling(
            id=_id(*self.key, self._person, str(self.stint.number), what, contact.id),
            at=int(due),
            level=self.number,
            person=self._person,
            chain=self.stint.chain,
            channel=contact.channel,
            contact=contact.id,
            reason=reason,
        )
        self.tellings.append(telling)
        return telling


def _id(*parts: str) -> str:
    """`tel_` and 32 hex digits, the same for the same parts."""
    return "tel_" + sha256_text(dumps(list(parts))).removeprefix("sha256:")[:32]
