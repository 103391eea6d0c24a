"""Recorded decisions, decided once more."""

from __future__ import annotations

from typing import Any

from approvals_hub.authorizations.replay import NOT_STOOD, STACKS, Bound, Recorded, Replay
from approvals_hub.core.clock import DAY
from approvals_hub.policies.kept import Binding
from approvals_hub.policies.label_agents import NO_LABELS, Labels
from approvals_hub.policies.load import load
from approvals_hub.policies.standing import NOTHING, Standing
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, rules


def bound(text: str, **binding: Any) -> Bound:
    return Bound(load(text, policy_id="pol_1"), Binding(**binding))


def recorded(at: int = 0, agent_id: str = "agt_1", **more: Any) -> Recorded:
    given: dict[str, Any] = {
        "id": f"dcn_{at}",
        "was": "ALLOW",
        "action": {"action_type": "pay.card", "payload": {"amount_minor": 60, "currency": "EUR"}},
        "labels": NO_LABELS,
        "done": True,
        "proven": False,
        **more,
    }
    return Recorded(agent_id=agent_id, at=at, **given)


def test_a_limit_counts_what_was_done_in_its_window_and_nothing_that_was_not() -> None:
    text = rules("id: a, effect: allow, action: '*', spend: {limit: 100, currency: EUR, window: day, above: deny}")
    replay = Replay((bound(ALLOW),), (bound(text),))
    assert replay.reaches_back == DAY
    given = [(0, False), (1, True), (2, True), (DAY, True), (DAY + 1, True), (2 * DAY, True)]
    # At DAY + 1 the first that was done has left the window; what would have been denied was done all the same.
    assert [replay.again(recorded(at, done=done), NO_LABELS).would_be for at, done in given] == [
        "ALLOW",
        "ALLOW",
        "DENY",
        "DENY",
        "DENY",
        "DENY",
    ]
    rare = [(0, True), (DAY, True), (2 * DAY, True)]
    again = Replay((bound(ALLOW),), (bound(text),))
    assert [again.again(recorded(at, done=done), NO_LABELS).would_be for at, done in rare] == ["ALLOW"] * 3


def test_policies_of_teams_hold_by_what_was_said_then_else_by_what_is_said_now() -> None:
    replay = Replay((bound(ALLOW),), (bound(ALLOW), bound(DENY, tier="group", bound_to="web")))
    web = Labels(("web",))
    assert replay.again(recorded(labels=web), NO_LABELS).change == "ALLOW to DENY"
    assert replay.again(recorded(labels=None), web).change == "ALLOW to DENY"
    assert replay.again(recorded(), web).change is None


def test_people_who_would_be_asked_otherwise_are_a_change_too() -> None:
    two = rules("id: a, effect: allow, action: '*', approval: {approvals: 2}")
    replay = Replay((bound(ASK),), (bound(two),))
    found = replay.again(recorded(was="REQUIRE_APPROVAL"), NO_LABELS)
    assert (found.change, found.asked_otherwise) == ("REQUIRE_APPROVAL, asked otherwise", True)


def test_no_policy_at_all_asks_people_and_an_amount_that_is_none_denies() -> None:
    text = rules("id: a, effect: allow, action: '*', spend: {limit: 100, currency: EUR, window: day}")
    replay = Replay((), (bound(text),))
    found = replay.again(recorded(action={"action_type": "pay.card", "payload": {}}), NO_LABELS)
    assert (found.now, found.would_be) == ("REQUIRE_APPROVAL", "DENY")


def test_what_is_remembered_of_agents_is_bounded() -> None:
    replay = Replay((bound(ALLOW),), (bound(DENY),))
    found = {replay.again(recorded(n, agent_id=f"agt_{n}"), NO_LABELS).would_be for n in range(STACKS + 2)}
    assert found == {"DENY"}


def test_what_stood_then_decides_and_what_nobody_wrote_down_is_not_guessed() -> None:
    told = rules(
        "id: a, effect: deny, action: pay.*, where: {signal: incident}",
        "id: b, effect: deny, action: pay.*, where: {mode: lockdown}",
        default="allow",
    )
    replay = Replay((bound(ALLOW),), (bound(told),))
    stood = (NOTHING, Standing(signals=("incident",)), Standing("lockdown"), None)
    found = [replay.again(recorded(standing=each), NO_LABELS) for each in stood]
    assert [each.would_be for each in found[:3]] == ["ALLOW", "DENY", "DENY"]
    assert [each.why_not for each in found] == [None, None, None, NOT_STOOD]
    other = recorded(action={"action_type": "mail.send", "payload": {}}, standing=None)
    assert replay.again(other, NO_LABELS).why_not is None
    measured = Replay((bound(ALLOW),), (bound(told.replace("incident", "hub.approver_haste")),))
    assert measured.again(recorded(standing=NOTHING), NO_LABELS).why_not == NOT_STOOD
    looked_at = Standing(measured=("hub.approver_haste",))
    assert measured.again(recorded(standing=looked_at), NO_LABELS).why_not is None
