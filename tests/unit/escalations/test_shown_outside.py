"""The rows that may be told of a question."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Tx
from approvals_hub.escalations.shown_outside import ShownOutside
from tests.unit.hub_fixture import StaffedHub


async def test_they_are_those_of_its_presentation_and_open_for_its_own_organisation_alone(house: StaffedHub) -> None:
    opened = (await house.bot.ask(house.bot.action(payload={"env": "prod"}))).escalation
    shown = ShownOutside(house.hub.present.vault)

    async def work(tx: Tx, escalation_id: str, org_id: str) -> Any:
        return await shown.fields_in(tx, org_id, escalation_id)

    fields = await house.hub.db.read(lambda tx: work(tx, opened.id, house.org_id))
    assert ("/payload/env", "prod") in {(field["path"], field["value"]) for field in fields}
    assert await house.hub.db.read(lambda tx: work(tx, "esc_none", house.org_id)) is None
    with pytest.raises((LookupError, SealBroken)):
        await house.hub.db.read(lambda tx: work(tx, opened.id, "org_other"))
