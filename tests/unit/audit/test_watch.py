"""Where the log is not sealed, nothing more is approved."""

from __future__ import annotations

import pytest

from approvals_hub.audit.watch import LIMIT
from approvals_hub.core.errors import Unavailable
from approvals_hub.keys.key import LOG
from tests.unit.hub_fixture import StaffedHub, code_of


async def break_log(house: StaffedHub) -> None:
    await house.change("UPDATE audit_entries SET body = :body WHERE kind = 'agent.registered'", body=b"{}")
    await house.hub.sealer.seal_all()


async def hold_up_sealing(house: StaffedHub) -> None:
    """The log's key may sign no more; what waits keeps waiting."""
    [key] = house.hub.ring.all(LOG)
    await house.hub.rotate_keys.mark_compromised(key.kid)
    with pytest.raises((Unavailable, ExceptionGroup)):
        await house.hub.sealer.seal_all()


async def test_a_hub_whose_logs_are_sealed_is_ready(house: StaffedHub) -> None:
    await house.hub.sealer.seal_all()
    house.time.now += 100 * LIMIT
    await house.hub.log_watch.check()
    assert house.hub.log_watch.refuse_approval(house.org_id) is None


async def test_a_log_that_was_touched_makes_the_hub_not_ready(house: StaffedHub) -> None:
    await break_log(house)
    with pytest.raises(Unavailable) as refused:
        await house.hub.log_watch.check()
    assert code_of(refused.value) == "log_behind"


async def test_nothing_is_approved_while_the_log_was_touched(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await break_log(house)
    with pytest.raises(Unavailable):
        await house.owner.answer(opened.escalation.id)
    assert (await house.bot.standing(opened.escalation.id)).escalation.open


async def test_a_denial_is_taken_while_the_log_was_touched(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await break_log(house)
    await house.owner.answer(opened.escalation.id, "deny")
    assert (await house.bot.standing(opened.escalation.id)).escalation.state == "denied"


async def test_another_organisations_touched_log_stops_its_own_approvals_alone(house: StaffedHub) -> None:
    await break_log(house)
    assert house.hub.log_watch.refuse_approval(house.org_id) is not None
    assert house.hub.log_watch.refuse_approval("org_other") is None


async def test_approvals_stop_when_the_oldest_entry_has_waited_ten_seconds(house: StaffedHub) -> None:
    await house.hub.sealer.seal_all()
    opened = await house.bot.ask()
    await hold_up_sealing(house)
    house.time.now += LIMIT - 1
    assert house.hub.log_watch.refuse_approval(house.org_id) is None
    await house.hub.log_watch.check()
    house.time.now += 1
    with pytest.raises(Unavailable):
        await house.hub.log_watch.check()
    with pytest.raises(Unavailable):
        await house.owner.answer(opened.escalation.id)


async def test_approvals_go_on_when_the_log_has_caught_up(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await hold_up_sealing(house)
    house.time.now += LIMIT
    await house.hub.rotate_keys.signing_key(LOG)
    while await house.hub.sealer.seal_all():
        pass
    await house.hub.log_watch.check()
    await house.owner.answer(opened.escalation.id)


async def test_one_organisations_failure_holds_up_no_other_log(house: StaffedHub) -> None:
    """`org_hub` comes after the organisation, whose checkpoint cannot be kept."""
    folder = house.place.checkpoints
    folder.mkdir(exist_ok=True)
    house.hub.sealer.outside.write("org_probe", "probe")
    [probe] = [path for path in folder.rglob("*") if path.is_file()]
    (folder / probe.name.replace("org_probe", house.org_id)).mkdir()
    with pytest.raises(OSError, match=house.org_id):
        await house.hub.sealer.seal_all()
    rows = await house.rows("SELECT COUNT(*) AS n FROM audit_entries WHERE org_id = 'org_hub' AND idx IS NULL")
    assert rows[0]["n"] == 0
