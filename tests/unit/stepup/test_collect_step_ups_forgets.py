"""What proofs used up is dropped once it could not be brought again, and never before."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.stepup.step_up import REPLAYS_KEPT
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.step_up_actor import begin, begin_link, complete, link_app, link_moody, question


async def test_what_a_proof_used_up_is_kept_for_a_day_and_then_dropped(house: StaffedHub) -> None:
    await link_app(house.owner)
    [used] = await house.rows("SELECT name, at FROM used_proofs")
    house.time.now = used["at"] + REPLAYS_KEPT
    await house.hub.collect_step_ups.forget()
    assert len(await house.rows("SELECT name FROM used_proofs")) == 1
    house.time.now += 1
    assert await house.hub.collect_step_ups.forget() > 0
    assert await house.rows("SELECT name FROM used_proofs") == []


async def test_a_code_that_was_used_is_a_replay_as_long_as_it_could_be_typed_again(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    code = app.code()
    await complete(house.owner, (await begin(house.owner, await house.owner.statement(name))).step.id, code)
    for _ in range(3):  # the code's own step, to its last millisecond
        await house.hub.collect_step_ups.forget()
        again = (await begin(house.owner, await house.owner.statement(name))).step.id
        with pytest.raises(Forbidden, match="used before"):
            await complete(house.owner, again, code)
        house.time.now += 9_999


async def test_what_was_used_up_is_kept_for_ever_where_its_provider_does_not_say_that_proofs_expire(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    await link_moody(plugged.owner, vendor)
    plugged.time.now += 1000 * REPLAYS_KEPT
    await plugged.hub.collect_step_ups.forget()
    assert len(await plugged.rows("SELECT name FROM used_proofs")) == 1


async def test_a_recovery_code_that_two_requests_read_at_once_stays_used_for_ever(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with staffed_hub(database_place, tmp_path, {"recovery_codes": {}}) as house:
        begun = await begin_link(house.owner, "recovery_codes")
        await complete(house.owner, begun.step.id, {"code": begun.shown["codes"][0]})
        house.time.now += 1000 * REPLAYS_KEPT
        await house.hub.collect_step_ups.forget()
        assert len(await house.rows("SELECT name FROM used_proofs")) == 1
