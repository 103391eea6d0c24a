"""How a channel is shown to do."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.channel import Health, LastError, refuse_operators, unknown


@pytest.mark.parametrize(
    ("health", "works"),
    [
        (Health(), True),  # never tried
        (Health(last_success_at=5), True),
        (Health(last_error=LastError(5, "settings", None)), False),
        (Health(last_success_at=6, last_error=LastError(5, "settings", None)), True),  # mended since
        (Health(last_success_at=4, last_error=LastError(5, "settings", None)), False),
        (Health(last_success_at=4, last_error=LastError(5, "permanent", None)), True),  # of one message alone
        (Health(last_success_at=4, left_alone_until=9), False),
        (Health(last_success_at=4, not_ready=LastError(5, "later", None)), False),
        (Health(last_success_at=6, not_ready=LastError(5, "later", None)), True),  # it was, since
        (Health(last_success_at=4, last_error=LastError(5, "refused", None)), True),  # somebody made the address up
        (Health(last_error=LastError(5, "refused", None), refuses_everybody=True), False),
    ],
)
def test_a_channel_works_unless_it_refuses_us_or_takes_nothing(health: Health, works: bool) -> None:
    assert health.works() is works


def test_refusals_say_what_to_do() -> None:
    assert (unknown().code, refuse_operators().code) == ("channel_unknown", "channel_of_operator")
