"""Several people on one question: who sees what when others answer."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import expect

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import HOUR, to_text
from approvals_hub.db.database import Tx
from approvals_hub.routing import presence_store
from approvals_hub_client import AsyncHub
from approvals_hub_client.rule import Rule
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bo(settled: tuple[LiveHub, Phone]) -> SoftwarePhone:
    """A second approver, confirmed by Maja, who answers over HTTP."""
    hub, maja = settled
    link = await hub.invitation("Bo Ek", "approver")
    colleague = await hub.colleague()
    await colleague.enrol(link.split("#")[1])
    await maja.open("/app/devices")
    await maja.button("Yes, the same").click()
    await maja.sees("counts from now on")
    await colleague.sign_in()
    await maja.open("/app/")
    return colleague


async def answer(colleague: SoftwarePhone, escalation_id: str, decision: str) -> None:
    await colleague.send(escalation_id, await colleague.look(escalation_id), decision)


async def test_a_colleagues_approval_takes_the_buttons_away_and_names_the_colleague(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    question = await ask(await foreign_agent(hub))
    await maja.card(question.escalation_id)
    await answer(bo, question.escalation_id, "approve")
    await expect(maja.page.locator("h1")).to_have_text("Approved")
    await maja.sees("By Bo Ek")
    assert await maja.page.locator(".answers").count() == 0


async def test_a_colleagues_denial_takes_the_buttons_away_and_names_the_colleague(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    question = await ask(await foreign_agent(hub))
    await maja.card(question.escalation_id)
    await answer(bo, question.escalation_id, "deny")
    await expect(maja.page.locator("h1")).to_have_text("Denied")
    await maja.sees("By Bo Ek")


async def test_one_of_two_approvals_leaves_the_question_open_and_can_be_changed(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    await hub.require(approvals=2, owner_counts=True)
    question = await ask(await foreign_agent(hub))
    await maja.card(question.escalation_id)
    await maja.confirm()
    await maja.sees("You approved. More people must")
    await expect(maja.approve).to_be_hidden()
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")


async def test_the_second_of_two_approvals_makes_the_token(hub: LiveHub, maja: Phone, bo: SoftwarePhone) -> None:
    await hub.require(approvals=2, owner_counts=True)
    agent = await foreign_agent(hub)
    question = await ask(agent)
    await answer(bo, question.escalation_id, "approve")
    await maja.card(question.escalation_id)
    await maja.confirm()
    await maja.heading("You approved")
    await agent.wait(question, within=20)


async def test_a_question_for_others_can_be_read_but_not_answered(hub: LiveHub, maja: Phone, bo: SoftwarePhone) -> None:
    question = await ask(await hub.agent())
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("it is for others to answer")
    assert await maja.page.locator(".answers").count() == 0


async def test_an_approver_without_the_role_of_an_owner_sees_no_keys_of_others(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    link = await hub.invitation("Eva", "approver")
    eva = await new_phone()
    await eva.page.goto(link)
    await eva.button("Use a key in this browser only").click()
    await eva.heading("Read these digits aloud")
    await maja.open("/app/devices")
    new_key = maja.page.get_by_role("region", name="New key of Eva")
    await new_key.get_by_role("button", name="Yes, the same").click()
    await eva.button("Open the inbox").click()
    await hub.invitation("Later", "approver")
    await eva.open("/app/devices")
    await expect(eva.page.locator(".rows li").first).to_be_visible()
    assert await eva.page.locator(".digits").count() == 0


async def foreign_agent(hub: LiveHub) -> AsyncHub:
    """An agent whose owner is neither Maja nor Bo: both of them count."""
    link = await hub.invitation("Anna Lind", "developer")
    anna = await hub.colleague()
    await anna.enrol(link.split("#")[1])
    return await hub.agent(owner_id=anna.person_id)


async def test_whose_stage_comes_later_reads_the_question_and_gets_the_buttons_when_it_begins(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    quorum = Rule(stages=(Rule(of=("role:approver",), approvals=1), Rule(of=("role:owner",), approvals=1)))
    await hub.require(quorum=quorum, owner_counts=True)
    question = await ask(await foreign_agent(hub))
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("You are asked when others before you have approved.")
    await maja.sees("This is stage 1 of 2.")
    await answer(bo, question.escalation_id, "approve")
    await expect(maja.page.locator(".answers")).to_be_visible()
    await maja.sees("This is stage 2 of 2.")


async def test_whoever_can_only_stop_a_question_is_offered_nothing_else(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    await hub.require(quorum=Rule(of=("role:approver",), approvals=1), veto=("role:owner",), owner_counts=True)
    question = await ask(await foreign_agent(hub))
    await maja.card(question.escalation_id)
    await maja.sees("You can stop this. An approval of yours is not needed.")
    await expect(maja.page.locator("button.approve")).to_be_hidden()
    await expect(maja.page.locator("button.deny")).to_be_enabled()


async def maja_id(hub: LiveHub) -> str:
    [owner] = [one for one in await hub.hub.list_members(hub.operator) if "owner" in one.roles]
    return owner.person_id


async def test_a_delegate_reads_for_whom_they_answer_and_sees_it_in_the_receipt(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    await hub.require(quorum=Rule(of=(bo.person_id,), approvals=1))
    question = await ask(await foreign_agent(hub))
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("it is for others to answer")
    now = hub.hub.clock.now()
    absence = {"from": to_text(now), "until": to_text(now + HOUR), "delegate": await maja_id(hub)}
    made = await bo.call("POST", "/v1/absences", {**absence, "fresh": await bo.fresh()})
    await expect(maja.page.locator(".answers")).to_be_visible()  # nobody loaded the page again
    await maja.sees("You stand in for Bo Ek, who is away until")
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")
    await maja.sees("In the place of")
    await bo.call("DELETE", f"/v1/absences/{made['absence_id']}")


async def test_whoever_was_made_absent_sees_it_under_devices_and_ends_it(
    hub: LiveHub, maja: Phone, bo: SoftwarePhone
) -> None:
    now, person_id = hub.hub.clock.now(), await maja_id(hub)

    async def work(tx: Tx) -> None:
        until = now + HOUR
        await presence_store.add_absence(
            tx,
            hub.org_id,
            absence_id="abs_browser",
            person_id=person_id,
            since=now,
            until=until,
            delegate_id=bo.person_id,
            at=now,
            by=bo.person_id,
        )

    await hub.hub.db.run(work)
    await maja.open("/app/devices")
    await maja.sees("You are away")
    await maja.sees("said by somebody else")
    await maja.button("End it now").click()
    await expect(maja.page.locator(".absences")).to_be_hidden()
    rows = await hub.hub.db.read(lambda tx: presence_store.absences(tx, hub.org_id, now + 1))
    assert [row for row in rows if row["until"] == now + HOUR] == []
