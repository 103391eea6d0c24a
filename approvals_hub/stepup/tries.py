"""Wrong answers are counted by whose they were and where they came from, in the unit of work that refuses them."""

from __future__ import annotations

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Tx
from approvals_hub.stepup import step_up_store as store
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


async def refuse_guessing_in(
    tx: Tx, method: str, person_id: str, source: str, now: int, *, door: str = ""
) -> TooMany | None:
    """Whether a way that can be guessed at is shut for now; the others never are.

    The answer is the same whichever limit it was, and whether or not the person has this factor. `door` counts apart
    what strangers may try, so that they shut no way of those who are signed in.
    """
    if method not in GUESSABLE:
        return None
    person, address, everybody = _sources(person_id, source, door)
    counts = await store.wrong(tx, [person, address, everybody], now // HOUR)
    limits = {person: WRONG_PERSON_HOURLY, address: WRONG_ADDRESS_HOURLY, everybody: WRONG_EVERYBODY_HOURLY}
    if all(counts.get(who, 0) < most for who, most in limits.items()):
        return None
    return TooMany(
        "too_many_wrong_answers",
        "too many wrong answers were given; codes are refused for now",
        next_step="Use a passkey or an eID, or wait until the next hour.",
        retry_after=max(1, (HOUR - now % HOUR) // 1000),
    )


async def refuse_many_in(tx: Tx, method: str, person_id: str, first_id: str) -> TooMany | None:
    """Whether the person has begun too many step-ups with ids from `first_id` on.

    Each may cost a message or an order at a vendor; whoever links numbers of others could have them called by us.
    """
    of_all = await store.begun_since(tx, person_id, first_id, BEGUN_LIMIT)
    sent = await store.begun_since(tx, person_id, first_id, SENT_LIMIT, method=method) if method in SENDS else 0
    if of_all < BEGUN_LIMIT and sent < SENT_LIMIT:
        return None
    return TooMany("too_many_step_ups", "too many were begun", next_step="Wait, then begin one.", retry_after=120)


async def count_wrong_in(tx: Tx, person_id: str, source: str, now: int, *, door: str = "") -> bool:
    """Count one; True when the person's limit was reached by it, which their devices and the admins are told once."""
    person, address, everybody = _sources(person_id, source, door)
    await store.count_wrong(tx, address, now // HOUR)
    await store.count_wrong(tx, everybody, now // HOUR)
    return await store.count_wrong(tx, person, now // HOUR) == WRONG_PERSON_HOURLY


def _sources(person_id: str, source: str, door: str) -> tuple[str, str, str]:
    return f"{door}{person_id}", f"{door}address:{source}", f"{door}{EVERYBODY}"
