"""Wrong answers are counted by whose they were and where they came from, in the unit of work that refuses them."""

from __future__ import annotations

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Tx
from approvals_hub.stepup import step_up_store as step_ups
from approvals_hub.stepup import tries_store as store
from approvals_hub.stepup.step_up import (
    BEGUN_LIMIT,
    EVERYBODY,
    GUESSABLE,
    SENDS,
    SENT_LIMIT,
    WRONG_ADDRESS_HOURLY,
    WRONG_EVERYBODY_HOURLY,
    WRONG_PERSON_HOURLY,
)

LOOKING = "looking:"
"""Before the name of a source: how many of its answers are being looked at this moment."""


async def refuse_guessing_in(
    tx: Tx, method: str, person_id: str, source: str, now: int, *, door: str = ""
) -> TooMany | None:
    """Whether a way that can be guessed at is shut for now; the others never are.

    The answer is the same whichever limit it was, and whether or not the person has this factor. `door` counts apart
    what strangers may try, so that they shut no way of those who are signed in.
    """
    if method not in GUESSABLE:
        return None
    limits = _limits(person_id, source, door)
    counts = await store.wrong(tx, list(limits), now // HOUR)
    return None if all(counts.get(who, 0) < most for who, most in limits.items()) else _shut(now)


async def take_guess_in(tx: Tx, method: str, person_id: str, source: str, now: int) -> TooMany | None:
    """Count an answer that is about to be looked at, or say that a way that can be guessed at is shut.

    Guesses that are looked at side by side, at many step-ups, are together no more than the limits allow. Whoever
    takes one gives it back with `guess_done_in`, once what became of it is counted; a crash leaves it taken.
    """
    if method not in GUESSABLE:
        return None
    hour, limits = now // HOUR, _limits(person_id, source)
    # In one order, so that two never wait for each other.
    looking = {who: await store.count_looking(tx, LOOKING + who, hour, 1) for who in limits}
    counts = await store.wrong(tx, list(limits), hour)
    if all(looking[who] + counts.get(who, 0) <= most for who, most in limits.items()):
        return None
    await guess_done_in(tx, method, person_id, source, now)
    return _shut(now)


async def guess_done_in(tx: Tx, method: str, person_id: str, source: str, taken_at: int) -> None:
    """The answer was looked at, and counted if it was wrong. `taken_at`: when it was taken, in milliseconds."""
    if method in GUESSABLE:
        for who in _limits(person_id, source):
            await store.count_looking(tx, LOOKING + who, taken_at // HOUR, -1)


async def refuse_many_in(tx: Tx, method: str, person_id: str, first_id: str) -> TooMany | None:
    """Whether the person has begun too many step-ups with ids from `first_id` on.

    Each may cost a message or an order at a vendor; whoever links numbers of others could have them called by us.
    """
    of_all = await step_ups.begun_since(tx, person_id, first_id, BEGUN_LIMIT)
    sent = await step_ups.begun_since(tx, person_id, first_id, SENT_LIMIT, method=method) if method in SENDS else 0
    if of_all < BEGUN_LIMIT and sent < SENT_LIMIT:
        return None
    return TooMany("too_many_step_ups", "too many were begun", next_step="Wait, then begin one.", retry_after=120)


async def count_wrong_in(tx: Tx, person_id: str, source: str, now: int, *, door: str = "") -> bool:
    """Count one; True when the person's limit was reached by it, which their devices and the admins are told once."""
    person, address, everybody = _limits(person_id, source, door)
    await store.count_wrong(tx, address, now // HOUR)
    await store.count_wrong(tx, everybody, now // HOUR)
    return await store.count_wrong(tx, person, now // HOUR) == WRONG_PERSON_HOURLY


def _limits(person_id: str, source: str, door: str = "") -> dict[str, int]:
    return {
        f"{door}{person_id}": WRONG_PERSON_HOURLY,
        f"{door}address:{source}": WRONG_ADDRESS_HOURLY,
        f"{door}{EVERYBODY}": WRONG_EVERYBODY_HOURLY,
    }


def _shut(now: int) -> TooMany:
    return TooMany(
        "too_many_wrong_answers",
        "too many wrong answers were given; codes are refused for now",
        next_step="Use a passkey or an eID, or wait until the next hour.",
        retry_after=max(1, (HOUR - now % HOUR) // 1000),
    )
