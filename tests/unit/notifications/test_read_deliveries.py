"""The delivery log is read by whoever may, and by nobody else."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.notifications.read_deliveries import Wanted
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager


async def test_an_attempt_is_shown_with_its_channels_name_and_a_masked_recipient(
    paged: tuple[StaffedHub, Pager],
) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "to-the-owner")
    opened = (await house.bot.ask()).escalation
    await house.hub.reach.settled()
    [tried] = await house.hub.channels.deliveries(house.operator, Wanted(escalation_id=opened.id, channel="beeper"))
    assert (tried.channel, tried.recipient, tried.status) == ("beeper", "…er", "delivered")
    assert tried.person_id == house.owner.person_id
    assert await house.hub.channels.deliveries(house.operator, Wanted(channel="pager")) == []
    auditor, ada = await house.person("Aud", "auditor"), await house.person("Ada")
    assert len(await house.hub.channels.deliveries(auditor.credential, Wanted())) == 1
    with pytest.raises(Forbidden):
        await house.hub.channels.deliveries(ada.credential, Wanted())
