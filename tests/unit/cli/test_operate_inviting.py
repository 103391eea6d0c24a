"""Inviting from the hub's own computer."""

from __future__ import annotations

from approvals_hub.cli.operate import carry_out
from approvals_hub.core.errors import Invalid
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import refused


async def test_an_invitation_is_a_link_and_its_mail_is_asked_for(house: StaffedHub) -> None:
    invited = await carry_out(house.hub, "people.invite", {"name": "Eva"})
    assert (invited["mailed"], "/app/enrol#" in invited["url"]) == (None, True)
    attempt = carry_out(house.hub, "people.invite", {"name": "Eva", "email": "eva@example.org", "by_mail": True})
    assert (await refused(Invalid, attempt)).code == "mail_not_set_up"
