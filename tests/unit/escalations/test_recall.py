"""Taking an approval back before it is redeemed."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound
from approvals_hub.escalations.recall import approver_ids
from tests.unit.hub_fixture import Person, StaffedHub


async def approved_by(house: StaffedHub, person: Person) -> str:
    return (await house.bot.approved(by=person)).escalation_id


async def test_whoever_approved_takes_it_back(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    token = await house.bot.approved(by=ada)
    recalled = await house.hub.recall(ada.credential, token.escalation_id)
    assert (recalled.state, recalled.token_state, recalled.token_cause) == ("approved", "revoked", "recalled")
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert refused.value.code == "token_revoked"


@pytest.mark.parametrize("role", ["owner", "admin"])
async def test_an_owner_or_admin_takes_somebody_elses_approval_back(house: StaffedHub, role: str) -> None:
    ada = await house.person("Ada")
    admin = house.owner if role == "owner" else await house.person("Bo", "admin")
    recalled = await house.hub.recall(admin.credential, await approved_by(house, ada))
    assert recalled.token_state == "revoked"
    [event] = await house.events("token.revoked")
    assert (event["actor_id"], event["decision"]) == (admin.person_id, "recalled")


async def test_an_approver_who_did_not_approve_recalls_nothing(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    escalation_id = await approved_by(house, ada)
    with pytest.raises(Forbidden) as refused:
        await house.hub.recall(bo.credential, escalation_id)
    assert refused.value.code == "not_your_approval"


async def test_an_auditor_reads_and_recalls_nothing(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    auditor = await house.person("Cy", "auditor")
    with pytest.raises(Forbidden):
        await house.hub.recall(auditor.credential, await approved_by(house, ada))


async def test_a_member_who_may_not_read_the_question_learns_nothing_of_it(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    developer = await house.person("Di", "developer")
    escalation_id = await approved_by(house, ada)
    for wanted in (escalation_id, "esc_unknown"):
        with pytest.raises(NotFound):
            await house.hub.recall(developer.credential, wanted)


async def test_recalling_again_is_the_same_answer_and_one_record(house: StaffedHub) -> None:
    escalation_id = await approved_by(house, house.owner)
    first = await house.hub.recall(house.owner.credential, escalation_id)
    assert await house.hub.recall(house.owner.credential, escalation_id) == first
    assert len(await house.events("token.revoked")) == 1


async def test_a_redeemed_approval_cannot_be_recalled(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    with pytest.raises(Conflict) as refused:
        await house.hub.recall(house.owner.credential, token.escalation_id)
    assert (refused.value.code, refused.value.extra["token_state"]) == ("nothing_to_recall", "redeemed")


async def test_an_approval_whose_time_is_over_needs_no_recall(house: StaffedHub) -> None:
    token = await house.bot.approved()
    house.time.now += 10 * MINUTE
    with pytest.raises(Conflict) as refused:
        await house.hub.recall(house.owner.credential, token.escalation_id)
    assert refused.value.extra["token_state"] == "expired"


async def test_an_open_question_has_nothing_to_recall(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    with pytest.raises(Conflict):
        await house.hub.recall(house.owner.credential, opened.escalation.id)


async def test_a_recall_wakes_the_agent(house: StaffedHub) -> None:
    token = await house.bot.approved()
    with house.hub.bus.subscribe(token.escalation_id) as ear:
        await house.hub.recall(house.owner.credential, token.escalation_id)
        assert await ear.wait(10)


async def test_of_recalls_and_redemptions_at_once_one_kind_wins(house: StaffedHub) -> None:
    token = await house.bot.approved()

    async def told(work: object) -> str:
        try:
            await work  # type: ignore[misc]
        except HubError as refusal:
            return refusal.code
        return "done"

    redemptions = [told(token.redeem(f"run-{number}")) for number in range(10)]
    recalls = [told(house.hub.recall(house.owner.credential, token.escalation_id)) for _ in range(10)]
    results = await asyncio.gather(*(one for pair in zip(redemptions, recalls, strict=True) for one in pair))
    redeemed, recalled = results[::2].count("done"), results[1::2].count("done")
    assert (redeemed, recalled) in {(1, 0), (0, 10)}


def test_the_people_whose_approval_counted_are_read_from_the_stored_approval() -> None:
    stored = (
        '{"acr":"LOW","amr":[],"methods":[],"statement_hashes":[],"decision_id":"dec_1",'
        '"approvers":[{"person_id":"per_1"},{"person_id":"per_2"}]}'
    )
    assert approver_ids(stored) == {"per_1", "per_2"}
