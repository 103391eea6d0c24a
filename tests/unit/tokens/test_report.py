"""What came of a redeemed action."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound, Unauthenticated
from approvals_hub.tokens.report import DETAIL_LIMIT, STATUSES
from tests.unit.hub_fixture import StaffedHub


async def redeemed(house: StaffedHub) -> tuple[str, str]:
    done = await (await house.bot.approved()).redeem()
    return done.jti, done.proof_token


@pytest.mark.parametrize("status", STATUSES)
async def test_the_executor_reports_done_failed_or_unknown(house: StaffedHub, status: str) -> None:
    jti, proof = await redeemed(house)
    assert (await house.hub.report(jti, status=status, detail=None, proof_token=proof)).status == status
    [entry] = await house.events("token.reported")
    assert (entry["decision"], entry["detail"]["jti"]) == (status, jti)


async def test_the_same_report_again_is_the_same_answer_and_one_entry(house: StaffedHub) -> None:
    jti, proof = await redeemed(house)
    first = await house.hub.report(jti, status="done", detail="a", proof_token=proof)
    house.time.now += 1
    assert await house.hub.report(jti, status="done", detail="b", proof_token=proof) == first
    assert len(await house.events("token.reported")) == 1


async def test_a_report_is_never_taken_back(house: StaffedHub) -> None:
    jti, proof = await redeemed(house)
    await house.hub.report(jti, status="failed", detail=None, proof_token=proof)
    with pytest.raises(Conflict) as refused:
        await house.hub.report(jti, status="done", detail=None, proof_token=proof)
    assert refused.value.extra == {"status": "failed"}


async def test_of_contradicting_reports_at_once_one_stands_and_one_is_recorded(house: StaffedHub) -> None:
    jti, proof = await redeemed(house)
    answers = await asyncio.gather(
        *(house.hub.report(jti, status=STATUSES[number % 3], detail=None, proof_token=proof) for number in range(30)),
        return_exceptions=True,
    )
    stands = {answer.status for answer in answers if not isinstance(answer, BaseException)}
    [row] = await house.rows("SELECT report FROM redemptions")
    assert stands == {row["report"]}
    assert all(isinstance(answer, HubError) for answer in answers if isinstance(answer, BaseException))
    assert [entry["decision"] for entry in await house.events("token.reported")] == [row["report"]]


async def test_a_report_may_come_long_after_the_proof_has_expired(house: StaffedHub) -> None:
    jti, proof = await redeemed(house)
    house.time.now += DAY
    assert (await house.hub.report(jti, status="done", detail=None, proof_token=proof)).status == "done"


async def test_whoever_has_no_proof_of_this_redemption_reports_nothing(house: StaffedHub) -> None:
    jti, _ = await redeemed(house)
    _, other = await redeemed(house)
    approval = (await house.bot.approved()).text
    for proof in (other, approval, "", "v4.public.AAAA"):
        with pytest.raises(Unauthenticated):
            await house.hub.report(jti, status="done", detail=None, proof_token=proof)
    assert await house.events("token.reported") == []


async def test_nothing_is_reported_of_what_was_never_redeemed(house: StaffedHub) -> None:
    token = await house.bot.approved()
    with pytest.raises(NotFound):
        await house.hub.report(token.jti, status="done", detail=None, proof_token=token.text)


@pytest.mark.parametrize(
    ("status", "detail"), [("DONE", None), ("", None), ("done", ""), ("done", "x" * (DETAIL_LIMIT + 1))]
)
async def test_a_report_of_another_form_is_refused(house: StaffedHub, status: str, detail: str | None) -> None:
    jti, proof = await redeemed(house)
    with pytest.raises(Invalid):
        await house.hub.report(jti, status=status, detail=detail, proof_token=proof)


async def test_what_the_executor_writes_lies_sealed_and_not_in_the_log(house: StaffedHub) -> None:
    jti, proof = await redeemed(house)
    await house.hub.report(jti, status="done", detail="the canary sings", proof_token=proof)
    [row] = await house.rows("SELECT report_detail FROM redemptions")
    assert b"canary" not in row["report_detail"]
    assert "canary" not in str(await house.events("token.reported"))
    plain = await house.hub.db.run(
        lambda tx: house.hub.vault.unseal_in(tx, house.org_id, row["report_detail"], f"report:{jti}")
    )
    assert plain == b"the canary sings"
