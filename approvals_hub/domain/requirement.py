"""What is asked of an escalation before it counts as approved: frozen and hashed when it opens."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.assurance import FRAUD_RISKS, LEVELS, PASSKEYS, satisfies, shows_person
from approvals_hub.domain.rule import check_names, checked, invalid, paths_of_names
from approvals_hub.domain.stricter import asks_at_least, covers
from approvals_hub_client.canonical import CanonicalError, dumps, loads, sha256_text
from approvals_hub_client.rule import Gone, Resolve, Rule, fewest
from approvals_hub_client.seats import EVERY_STAGE, NOBODY_ELSE, missing, reached

PROFILE: Final = "approvals-hub.requirement.v1"
SHORTEST_LIFE = 10
LONGEST_LIFE = 30 * 86_400
LONGEST_DWELL: Final = 60
"""Seconds: nobody looks at a screen for longer only to be let through."""
METHODS_LIMIT = 10
CRITICAL: Final = "critical"
RISKS = ("low", "medium", "high", CRITICAL)
NUMBERS = (2, 6)
"""How many digits a number match may have; `true` means the fewer."""
REASONS = ("optional", "required")


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One organisation's default requirement, or the frozen one of an escalation."""

    profile: str = PROFILE
    approvals: int = 1
    """How many different people must approve; beside a `quorum`, which says that itself, 1 in a default, and the
    fewest that it takes once frozen."""
    people: tuple[str, ...] = ()
    """Who may answer, frozen at opening; empty in a default."""
    quorum: Rule | None = None
    """Whose approvals it takes; None: those of anybody who may answer."""
    veto: tuple[str, ...] | None = None
    """Whose denial ends the question, by name, and frozen by id. None: everybody's who is asked. Where it names some,
    the denial of another person ends it once the quorum cannot be reached without them."""
    wait: int = 0
    """How many seconds after its opening an approval takes effect at the earliest."""
    dwell: int = 0
    """How many seconds a question was on its approver's screen before their approval is taken, at the least."""
    owner_counts: bool = False
    """Whether the agent's owner may answer; they may anyway as long as nobody else ever could."""
    locked_denial: bool = False
    """Whether a denial is taken from the notification of a device that is locked, as its client says, or may be."""
    min_assurance: str = "LOW"
    methods: tuple[str, ...] = ()
    """Ways to prove who one is, by name; an approval needs one of them. Empty: any that reaches the level."""
    fresh_within: int | None = None
    """How many seconds ago a step-up may have been proven at most when the approval arrives; None: as long as it
    lasts."""
    passkeys: str = "any"
    """Which passkeys count as passkeys: `any`; `not_synced`, those that lie on one device alone by now; `device_bound`,
    those that always will. Any other is worth no more than a device key."""
    most_risk: str | None = None
    """The most risk of fraud (`low`, `moderate`) that a provider which reports one may see in a step-up, as BankID
    does; one that could not tell is refused then. None: any but `high`, and as the provider's settings say."""
    number_match: int | None = None
    """How many digits of the asker's own screen an approver must type; None: none."""
    reason: str = "optional"
    """`required`: an approval carries why, in the approver's words."""
    risk: str = "high"
    """How much a mistake costs. Where it is `critical`, an approval takes a passkey or a step-up, whatever
    `min_assurance` says: a device's key alone, and a code by mail or SMS, is refused."""
    environment: str | None = None
    expires_in: int = 900
    """Life of the question, in seconds."""
    longest: int = LONGEST_LIFE
    """The most an agent or approver may stretch that life to, in seconds."""
    approval_valid_for: int = 600
    """How long a yes lives, in seconds; the approver signs it."""

    def frozen_for(self, people: tuple[str, ...], expires_in: int) -> Requirement:
        """The requirement of one escalation: these people, this life."""
        return msgspec.structs.replace(self, people=tuple(sorted(people)), expires_in=expires_in)

    def frozen_by(self, resolve: Resolve, people: tuple[str, ...], expires_in: int) -> Requirement:
        """The same where `quorum` and `veto` may name some of these people: only who is named is asked then.

        `approvals` becomes what it takes at least. Raises what `resolve` raises.
        """
        quorum = None if self.quorum is None else self.quorum.frozen(resolve)
        found = (resolve(name, f"$.veto[{place}]") for place, name in enumerate(self.veto or ()))
        # A veto that nobody has would weaken the rule in silence: then whoever is asked may stop the question.
        veto = tuple(sorted({one for ids in found for one in ids})) or None
        asked = {*(people if quorum is None else quorum.members()), *(veto or ())}
        frozen = msgspec.structs.replace(self, quorum=quorum, veto=veto, approvals=self.fewest())
        return frozen.frozen_for(tuple(asked), expires_in)

    def without(self, gone: Gone, veto: Collection[str]) -> Requirement:
        """A frozen one without those who stopped counting; nobody takes their place. `veto` are the names of those who
        have a veto. Where none of them is left, others have it no more than before."""
        quorum = None if self.quorum is None else self.quorum.without(gone)
        stop = None if self.veto is None else tuple(person for person in self.veto if not gone(veto, person))
        there = [one for one in self.people if not gone((), one)] if quorum is None else quorum.members()
        people = tuple(sorted({*there, *(stop or ())}))
        return msgspec.structs.replace(self, quorum=quorum, veto=stop, people=people)

    def fewest(self) -> int:
        """How many different people must approve at least."""
        return self.approvals if self.quorum is None else fewest(self.quorum)

    def voters(self) -> frozenset[str]:
        """Whose approvals can count, of the people it is frozen with."""
        return frozenset(self.people) if self.quorum is None else self.quorum.members()

    def voters_at(self, stage: int) -> frozenset[str]:
        """Whose approval can count once so many stages are complete: those of later stages are to wait."""
        if self.quorum is None or self.quorum.stages is None:
            return self.voters()
        return frozenset[str]().union(*(part.members() for part in self.quorum.stages[: stage + 1]))

    def asked_at(self, stage: int) -> frozenset[str]:
        """Who is asked then: those, and whoever has a veto."""
        return self.voters_at(stage).union(self.veto or ())

    def may_stop(self, person_id: str) -> bool:
        """Whether this person's denial ends the question by itself."""
        return person_id in (self.people if self.veto is None else self.veto)

    def approved_by(self, given: Mapping[str, int], signed_by: Mapping[str, str] = NOBODY_ELSE) -> bool:
        """Whether these people are enough; `given` says how many stages were complete when each of them approved, and
        `signed_by` who did in the place of whom. Whoever signs counts once."""
        return self.missing(given, signed_by) == 0

    def missing(self, given: Mapping[str, int], signed_by: Mapping[str, str] = NOBODY_ELSE) -> int:
        """How many more different people it takes at least."""
        if self.quorum is not None:
            return missing(self.quorum, given, signed_by)
        signers = {signed_by.get(person, person) for person in self.voters() & given.keys()}
        return max(self.approvals - len(signers), 0)

    def stages(self) -> int:
        """How many times people are asked, one stage after another."""
        return 1 if self.quorum is None or self.quorum.stages is None else len(self.quorum.stages)

    def could_be_approved_by(self, people: Collection[str]) -> bool:
        """Whether these people would be enough if all of them approved, each when it is their turn."""
        return self.approved_by(dict.fromkeys(people, EVERY_STAGE))

    def stage_after(self, given: Mapping[str, int], signed_by: Mapping[str, str] = NOBODY_ELSE) -> int:
        """Which stage is to be answered, counted from 0."""
        return reached(self.quorum, given, signed_by)

    def satisfied_by(self, acr: str, methods: Iterable[str]) -> bool:
        """Whether an approval that was proven so strongly, in these ways, counts."""
        given = set(methods)
        named = not self.methods or not given.isdisjoint(self.methods)
        return satisfies(acr, self.min_assurance) and named and (self.risk != CRITICAL or shows_person(given))

    def asks_less_than(self, other: Requirement) -> bool:
        """Whether any member asks less of people than `other` does, or shows them less.

        A shorter life of a question or of a yes asks more; another environment may hide which one it is about.
        """
        return (
            self.fewest() < other.fewest()
            or not asks_at_least(self.quorum, other.quorum)
            or not covers(self._stoppers(), other._stoppers())
            or self.wait < other.wait
            or self.dwell < other.dwell
            or self.owner_counts > other.owner_counts
            or self.locked_denial > other.locked_denial
            or not satisfies(self.min_assurance, other.min_assurance)
            or (other.methods != () and not (self.methods and set(self.methods) <= set(other.methods)))
            or (self.fresh_within or math.inf) > (other.fresh_within or math.inf)
            or PASSKEYS.index(self.passkeys) < PASSKEYS.index(other.passkeys)
            or _tolerance(self.most_risk) > _tolerance(other.most_risk)
            or (self.number_match or 0) < (other.number_match or 0)
            or REASONS.index(self.reason) < REASONS.index(other.reason)
            or RISKS.index(self.risk) < RISKS.index(other.risk)
            or self.environment != other.environment
            or self.expires_in > other.expires_in
            or self.longest > other.longest
            or self.approval_valid_for > other.approval_valid_for
        )

    def paths_of_names(self) -> dict[str, str]:
        """Where each name in it stands first."""
        vetoes = {name: f"$.veto[{place}]" for place, name in enumerate(self.veto or ())}
        return vetoes if self.quorum is None else vetoes | paths_of_names(self.quorum)

    def _stoppers(self) -> Collection[str] | None:
        """The names of those who may end the question; None for everybody who may answer."""
        if self.veto is not None:
            return self.veto
        return None if self.quorum is None else self.quorum.names()

    def text(self) -> bytes:
        """The canonical bytes that are stored and hashed."""
        return dumps(loads(msgspec.json.encode(self)))


def requirement_hash(text: bytes) -> str:
    """`sha256:` and hex of the canonical bytes."""
    return sha256_text(text)


_DECODER = msgspec.json.Decoder(Requirement)
_METHOD = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PLACE = re.compile(r" - at `(\$[^`]*)`$")


# A decision asks its question's requirement a dozen times, and most questions of an organisation ask the same.
@lru_cache(maxsize=1024)
def stored(text: str | bytes) -> Requirement:
    """A requirement that the hub itself wrote."""
    return _DECODER.decode(text)


def read_default(value: dict[str, Any] | bytes) -> Requirement:
    """A default requirement that an admin wrote.

    Raises Invalid with the field's path for an unknown member, a wrong type or a value out of range.
    """
    try:
        plain = loads(value) if isinstance(value, bytes) else value
        requirement = msgspec.convert(_numbered(plain), Requirement)
    except (msgspec.ValidationError, CanonicalError, RecursionError) as error:
        place = _PLACE.search(str(error))
        raise Invalid(
            "requirement_invalid",
            str(error),
            next_step="Correct the named member.",
            field="$" if place is None else place[1],
        ) from error
    checks = (
        ("profile", requirement.profile == PROFILE),
        ("approvals", 1 <= requirement.approvals <= 20),
        ("people", requirement.people == ()),
        ("dwell", 0 <= requirement.dwell <= LONGEST_DWELL),
        ("min_assurance", requirement.min_assurance in LEVELS),
        ("methods", len(requirement.methods) <= METHODS_LIMIT and all(map(_METHOD.fullmatch, requirement.methods))),
        ("fresh_within", requirement.fresh_within is None or 1 <= requirement.fresh_within <= 3600),
        ("passkeys", requirement.passkeys in PASSKEYS),
        ("most_risk", requirement.most_risk is None or requirement.most_risk in FRAUD_RISKS[:-1]),
        ("number_match", requirement.number_match in (None, *NUMBERS)),
        ("reason", requirement.reason in REASONS),
        ("risk", requirement.risk in RISKS),
        ("environment", requirement.environment is None or _is_label(requirement.environment)),
        ("longest", SHORTEST_LIFE <= requirement.longest <= LONGEST_LIFE),
        ("expires_in", SHORTEST_LIFE <= requirement.expires_in <= requirement.longest),
        ("approval_valid_for", 1 <= requirement.approval_valid_for <= 86_400),
    )
    for name, fits in checks:
        if not fits:
            raise Invalid(
                "requirement_invalid",
                f"{name} is out of range",
                next_step="See docs/reference/settings.md for the range.",
                field=f"$.{name}",
            )
    if requirement.veto is not None:
        check_names(requirement.veto, "$.veto")
    if not 0 <= requirement.wait <= requirement.expires_in - SHORTEST_LIFE:
        raise invalid("$.wait", f"wait ends {SHORTEST_LIFE} seconds before expires_in does, at the latest")
    if requirement.quorum is None:
        return requirement
    if requirement.approvals != 1:
        raise invalid("$.approvals", "the quorum says how many must approve")
    return msgspec.structs.replace(requirement, quorum=checked(requirement.quorum))


def _numbered(plain: Any) -> Any:
    """`number_match` may be written as yes or no."""
    if not isinstance(plain, dict) or not isinstance(plain.get("number_match"), bool):
        return plain
    return {**plain, "number_match": NUMBERS[0] if plain["number_match"] else None}


def _tolerance(most_risk: str | None) -> int:
    return len(FRAUD_RISKS) if most_risk is None else FRAUD_RISKS.index(most_risk)


def _is_label(text: str) -> bool:
    """1 to 40 characters, none of which hides or reorders text: people see it beside what they approve."""
    return 1 <= len(text) <= 40 and text.isprintable()
