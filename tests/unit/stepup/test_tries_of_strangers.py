"""Wrong answers at another door are counted apart."""

from __future__ import annotations

from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup.step_up import WRONG_PERSON_HOURLY
from approvals_hub.stepup.tries import count_wrong_in, refuse_guessing_in


async def test_what_strangers_try_shuts_their_door_alone(database: Database) -> None:
    async def work(tx: Tx) -> list[bool | TooMany | None]:
        reached = [
            await count_wrong_in(tx, "per_1", "192.0.2.1", 0, door="recovery:") for _ in range(WRONG_PERSON_HOURLY)
        ]
        shut = await refuse_guessing_in(tx, "recovery_codes", "per_1", "192.0.2.2", 0, door="recovery:")
        return [reached[-1], shut, await refuse_guessing_in(tx, "totp", "per_1", "192.0.2.1", 0)]

    reached, shut, other = await database.run(work)
    assert (reached, isinstance(shut, TooMany), other) == (True, True, None)
