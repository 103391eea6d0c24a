"""What a running step-up stood on can be taken away: then nothing of it counts any more, also what is proven."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Tx
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.over import end_live_in, over_in
from approvals_hub_client.canonical import unb64u
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import begin, complete, link_app, question, step_of


async def over(house: StaffedHub, step_up_id: str) -> str | None:
    async def work(tx: Tx) -> str | None:
        step = await store.find(tx, step_up_id)
        assert step is not None
        return await over_in(tx, step, house.time.now)

    return await house.hub.db.read(work)


async def begun(house: StaffedHub) -> str:
    await link_app(house.owner)
    statement = await house.owner.statement(await question(house, methods=("totp",)))
    return (await begin(house.owner, statement)).step.id


async def test_one_of_a_live_session_of_an_active_member_goes_on(house: StaffedHub) -> None:
    assert await over(house, await begun(house)) is None


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("UPDATE sessions SET ended_at = 1", "session_ended"),
        ("UPDATE people SET state = 'disabled'", "person_disabled"),
        ("UPDATE memberships SET removed_at = 1", "person_disabled"),
    ],
)
async def test_it_is_over_with_its_session_its_person_or_their_membership(
    house: StaffedHub, sql: str, cause: str
) -> None:
    name = await begun(house)
    await house.change(sql)
    assert await over(house, name) == cause


async def test_it_is_over_when_its_session_expires(house: StaffedHub) -> None:
    name = await begun(house)
    house.time.now += 30 * DAY
    assert await over(house, name) == "session_ended"


async def test_what_stood_on_one_way_ends_and_the_others_go_on(house: StaffedHub) -> None:
    name = await begun(house)
    owner = house.owner.person_id
    recorder = house.hub.complete_step_up.settle.recorder
    now = house.time.now
    await house.hub.db.run(lambda tx: end_live_in(tx, recorder, owner, "webauthn", "device_revoked", now))
    assert (await step_of(house, name))["state"] == "running"
    await house.hub.db.run(lambda tx: end_live_in(tx, recorder, owner, "totp", "factor_removed", now))
    row = await step_of(house, name)
    assert (row["state"], row["cause"]) == ("ended", "factor_removed")
    assert (await house.events("step_up.ended"))[-1]["decision"] == "factor_removed"


async def test_a_passkey_that_was_revoked_after_it_proved_something_has_proven_nothing(house: StaffedHub) -> None:
    key = SoftAuthenticator()
    device = await house.owner.further_device(key)
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    step = await begin(house.owner, statement, "webauthn")
    await complete(house.owner, step.step.id, key.get(unb64u(step.shown["options"]["challenge"])))
    await house.hub.revoke_device(house.owner.credential, device.device_id, await house.owner.fresh())
    with pytest.raises(Exception, match="proved nothing"):
        await house.owner.send({**statement, "step_up": [step.step.id]})
    assert (await step_of(house, step.step.id))["cause"] == "device_revoked"
