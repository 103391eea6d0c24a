"""Who hears of a break-glass, and how it stands in the log."""

from __future__ import annotations

from approvals_hub.core.clock import HOUR
from approvals_hub.notifications.words import COLLEAGUE
from tests.fakes.lost_keys import Lost


async def test_a_disabled_admin_is_told_nothing_and_the_notice_names_the_person(lost: Lost) -> None:
    gone = await lost.house.person("Dee", "admin")
    await lost.house.hub.govern.set_person_state(lost.house.operator, lost.house.org_id, gone.person_id, "disabled")
    phone = await lost.by_link(await lost.link())
    owner = lost.house.owner
    await lost.house.hub.open_break_glass(
        owner.credential, phone.recovery.id, reason="payroll", life=HOUR, fresh=await owner.fresh()
    )
    assert gone.person_id not in await lost.told("break_glass.asked")
    [notice] = [
        one for one in await lost.house.hub.list_notices(owner.credential, limit=20) if one.kind == "break_glass_asked"
    ]
    assert notice.subject_id == lost.ada.person_id


async def test_whose_key_it_is_hears_of_their_own_and_the_owner_of_a_colleagues(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    owner = lost.house.owner
    await lost.house.hub.open_break_glass(
        owner.credential, phone.recovery.id, reason="payroll", life=HOUR, fresh=await owner.fresh()
    )
    rows = await lost.house.rows("SELECT kind, person_id FROM outbox WHERE kind LIKE 'break_glass%'")
    assert {row["person_id"]: row["kind"] for row in rows} == {
        lost.ada.person_id: "break_glass.asked",
        owner.person_id: "break_glass.asked" + COLLEAGUE,
    }


async def test_the_log_has_ids_and_no_reason(lost: Lost) -> None:
    phone = await lost.by_link(await lost.link())
    owner = lost.house.owner
    asked = await lost.house.hub.open_break_glass(
        owner.credential, phone.recovery.id, reason="payroll", life=HOUR, fresh=await owner.fresh()
    )
    [event] = await lost.house.events("break_glass.asked")
    assert event["detail"]["break_glass_id"] == asked.id
    assert "payroll" not in str(event)
