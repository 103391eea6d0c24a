"""Who hears of a recovery."""

from __future__ import annotations

from tests.fakes.lost_keys import Lost


async def test_the_person_is_told_on_every_channel_and_the_admins_by_a_notice(lost: Lost) -> None:
    await lost.link()
    assert await lost.told("recovery.opened") == [lost.ada.person_id]
    [notice, *_] = await lost.house.hub.list_notices(lost.house.owner.credential, limit=5)
    assert (notice.kind, notice.subject_id, notice.by_id) == (
        "recovery_opened",
        lost.ada.person_id,
        lost.house.owner.person_id,
    )


async def test_what_the_host_does_a_disabled_member_is_not_told(lost: Lost) -> None:
    govern = lost.house.hub.govern
    await govern.set_person_state(lost.house.operator, lost.house.org_id, lost.cy.person_id, "disabled")
    await lost.house.hub.recover_on_host(lost.house.operator, lost.house.owner.person_id)
    assert lost.cy.person_id not in await lost.told("recovery.opened_on_host")


async def test_the_log_names_the_person_by_id_alone(lost: Lost) -> None:
    await lost.link()
    [event] = await lost.house.events("recovery.opened")
    assert event["detail"]["person_id"] == lost.ada.person_id
    assert "Ada" not in str(event)
    assert "example" not in str(event).lower()
