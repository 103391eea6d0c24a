"""Answers from a notification over HTTP: what its client says of it may cost the answer, and wins it nothing."""

from __future__ import annotations

from typing import Any

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client.canonical import b64u, dumps, loads
from approvals_hub_client.question import Question
from approvals_hub_client.statement import signed_bytes
from tests.flows.several import ask, refusal, require
from tests.flows.world import World

LOCKED = {"surface": "notification", "unlocked": False}
UNLOCKED = {"surface": "notification", "unlocked": True}


async def answer(person: SoftwarePhone, question: Question, decision: str, place: Any) -> Any:
    """Look, sign and send, as a native app's button does."""
    statement = {**await person.look(question.escalation_id), "decision": decision}
    signed = {"statement": b64u(dumps(statement)), "signature": b64u(person.key.sign(signed_bytes(statement)))}
    path = f"/v1/escalations/{question.escalation_id}/decisions"
    return await person.call("POST", path, {**signed, "answered_from": place})


async def recorded(world: World, kind: str) -> list[dict[str, Any]]:
    """What the log says of this kind, oldest first: why, and where it was answered."""

    async def work(tx: Any) -> Any:
        return await tx.rows("SELECT body FROM audit_entries WHERE kind = :kind ORDER BY at, writer, seq", kind=kind)

    bodies = [loads(bytes(row["body"])) for row in await world.hub.db.read(work)]
    return [{"decision": one["decision"], **one["detail"]} for one in bodies]


async def test_from_a_notification_a_question_is_denied_on_an_unlocked_device_and_nothing_else_is_taken(
    world: World,
) -> None:
    ada = await world.person("Ada")
    bot = await world.agent()
    question = await ask(bot)
    for decision, place, code in (
        ("approve", UNLOCKED, "notification_denies_only"),  # a key and a session alone say no more than before
        ("not_me", UNLOCKED, "notification_denies_only"),
        ("deny", LOCKED, "device_locked"),
        ("deny", {"surface": "notification"}, "device_locked"),
    ):
        assert await refusal(answer(ada, question, decision, place)) == (403, code), (decision, place)
    for nonsense in ({"surface": "watch"}, {"unlocked": True}, "notification", {**UNLOCKED, "acr": "HIGH"}):
        status, _ = await refusal(answer(ada, question, "deny", nonsense))
        assert status in (400, 422), nonsense
    assert (await answer(ada, question, "deny", UNLOCKED))["status"] == "denied"
    # What it says of itself proves nothing: an app's approval takes what it took before.
    high = await ask(bot, requirement={"min_assurance": "SUBSTANTIAL"})
    opened = {"surface": "app", "unlocked": True}
    assert await refusal(answer(ada, high, "approve", opened)) == (403, "assurance_too_low")
    await require(world, locked_denial=True)
    loose = await ask(bot)
    assert await refusal(answer(ada, loose, "approve", LOCKED)) == (403, "notification_denies_only")
    assert (await answer(ada, loose, "deny", LOCKED))["status"] == "denied"
    refused = [
        (one["decision"], one["answered_from"], one["unlocked"]) for one in await recorded(world, "decision.refused")
    ]
    assert refused[:4] == [
        ("notification_denies_only", "notification", True),
        ("notification_denies_only", "notification", True),
        ("device_locked", "notification", False),
        ("device_locked", "notification", None),
    ]
    taken = [
        (one["decision"], one["answered_from"], one["unlocked"]) for one in await recorded(world, "decision.recorded")
    ]
    assert taken == [("deny", "notification", True), ("deny", "notification", False)]
