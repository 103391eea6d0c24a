"""Rows of answers: the same action by the same policies, and no other."""

from __future__ import annotations

from approvals_hub.authorizations import store
from approvals_hub.db.database import Tx
from tests.unit.hub_fixture import StaffedHub


async def test_the_newest_answer_about_the_same_is_found_and_no_other(house: StaffedHub) -> None:
    agent = house.bot.agent_id

    async def work(tx: Tx) -> list[str | None]:
        for number, by in enumerate(("first", "first", "second")):
            await store.add(
                tx,
                authorization_id=f"dcn_{number}",
                org_id=house.org_id,
                agent_id=agent,
                action_id="act",
                plain_hash="plain",
                decided_by=by,
                decision="ALLOW",
                answer=b"",
                escalation_id=None,
                proof_jti=None,
                at=10 + number,
            )
        wanted = (
            (agent, "plain", "first", 0),
            (agent, "plain", "first", 11),
            (agent, "plain", "third", 0),
            (agent, "other", "first", 0),
            ("agt_other", "plain", "first", 0),
        )
        found = [
            await store.same(tx, agent_id=who, plain_hash=plain, decided_by=by, since=since)
            for who, plain, by, since in wanted
        ]
        return [None if row is None else row["id"] for row in found]

    assert await house.hub.db.run(work) == ["dcn_1", None, None, None, None]
