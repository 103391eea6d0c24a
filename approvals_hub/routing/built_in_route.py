"""The route of an organisation that has none of its own: every device at once, then mail, then SMS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from approvals_hub.routing.route import ALL, KEEP_WAITING, Level, Route, Step

NAME: Final = "default"
MAIL_AFTER: Final = 60
"""Seconds that devices are given before mail is sent; at once where none has anything, or all have failed."""
SMS_AFTER: Final = 120
"""Seconds that mail is given."""


def built_in_route(
    people: Sequence[str], *, push: Sequence[str], mail: Sequence[str], sms: Sequence[str]
) -> Route | None:
    """Who may answer is told on these channels, in this order; None where there is no channel."""
    steps = [
        *(Step(channel, 0, ALL) for channel in push),
        *(Step(channel, MAIL_AFTER if push else 0, ALL) for channel in mail[:1]),
        *(Step(channel, 0, ALL) for channel in mail[1:]),
        *(Step(channel, SMS_AFTER if push or mail else 0, ALL) for channel in sms[:1]),
    ]
    if not steps:
        return None
    return Route(NAME, (Level(tuple(steps), people=tuple(people)),), KEEP_WAITING)
