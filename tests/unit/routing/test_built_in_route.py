"""The route of an organisation that has none of its own."""

from __future__ import annotations

from approvals_hub.routing.built_in_route import built_in_route


def test_devices_are_told_at_once_then_mail_then_sms() -> None:
    route = built_in_route(["per_1"], push=["phone", "iphone"], mail=["mail"], sms=["sms"])
    assert route is not None
    [level] = route.levels
    assert [(step.channel, step.after, step.devices) for step in level.steps] == [
        ("phone", 0, "all"),
        ("iphone", 0, "all"),
        ("mail", 60, "all"),
        ("sms", 120, "all"),
    ]
    assert (level.people, route.then) == (("per_1",), "keep_waiting")


def test_mail_alone_is_sent_at_once() -> None:
    route = built_in_route(["per_1"], push=[], mail=["mail"], sms=[])
    assert route is not None
    assert route.levels[0].steps[0].after == 0


def test_without_a_channel_there_is_no_route() -> None:
    assert built_in_route(["per_1"], push=[], mail=[], sms=[]) is None
