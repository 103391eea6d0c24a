"""Who gets the receipt bundle of a question, and that it holds, whatever way the question ended."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import Conflict, NotFound, Unauthenticated, Unavailable
from approvals_hub.decisions.make_bundle import Reader
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.session import PersonCredential
from approvals_hub_client.bundle import BundleReport, verify_bundle
from approvals_hub_client.bundle_form import MAXIMUM_ENTRIES, Bundle
from approvals_hub_client.canonical import dumps, loads
from approvals_hub_client.trust import plain
from tests.unit.hub_fixture import StaffedHub, code_of


async def made(house: StaffedHub, escalation_id: str, reader: Reader | None = None) -> Bundle:
    return await house.hub.make_bundle(reader or house.operator, escalation_id)


def held(bundle: Bundle) -> BundleReport:
    report = verify_bundle(dumps(plain(bundle)))
    assert report.first_bad is None
    return report


async def test_the_agent_those_who_were_asked_and_auditors_get_it_and_that_is_an_entry_in_it(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    auditor = await house.person("Eva", "auditor")
    readers = [house.bot.credential(), house.owner.credential, auditor.credential, house.operator]
    for reader in readers:
        held(await made(house, token.escalation_id, reader))
    bundle = await made(house, token.escalation_id)
    entries = [loads(part.entry) for part in bundle.log.entries]
    reads = [entry["actor_type"] for entry in entries if entry["kind"] == "bundle.read"]
    assert reads == ["agent", "person", "person", "operator", "operator"]


async def test_nobody_else_learns_that_there_is_such_a_question(house: StaffedHub) -> None:
    token = await house.bot.approved()
    other, developer = await house.agent("other"), await house.person("Dan", "developer")
    late = await house.person("Lea")
    for reader in (other.credential(), developer.credential, late.credential):
        with pytest.raises(NotFound) as refused:
            await made(house, token.escalation_id, reader)
        assert code_of(refused.value) == "escalation_unknown"
    with pytest.raises(NotFound):
        await made(house, "esc_0")
    with pytest.raises(NotFound):
        await made(house, token.escalation_id, OperatorCredential("org_other"))
    for nobody in (PersonCredential(b"x", house.org_id), house.bot.credential(created=0)):
        with pytest.raises(Unauthenticated):
            await made(house, token.escalation_id, nobody)


async def test_an_open_question_has_none_yet(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    with pytest.raises(Conflict) as refused:
        await made(house, opened.escalation.id)
    assert code_of(refused.value) == "escalation_open"


async def test_every_way_to_end_has_a_bundle_that_holds(house: StaffedHub) -> None:
    denied, stopped, late = await house.bot.ask(), await house.bot.ask(), await house.bot.ask()
    ready = await house.bot.approved()
    recalled = await house.bot.approved()
    await house.owner.answer(recalled.escalation_id, "deny")
    await house.owner.answer(denied.escalation.id, "deny", reason="no such customer")
    await house.hub.withdraw(house.bot.credential(), stopped.escalation.id)
    house.time.now += HOUR
    await house.bot.standing(late.escalation.id)
    expired = await made(house, ready.escalation_id)
    assert expired.token is not None
    assert (held(expired).outcome, expired.token.state) == ("approved", "expired")
    suspicious = await house.bot.ask()
    await house.owner.answer(suspicious.escalation.id, "not_me")
    ids = [one.escalation.id for one in (denied, stopped, late, suspicious)]
    bundles = [await made(house, one) for one in [*ids, recalled.escalation_id]]
    assert [held(bundle).outcome for bundle in bundles] == [
        "denied",
        "withdrawn",
        "expired_unseen",
        "not_me",
        "approved",
    ]
    assert [None if bundle.token is None else bundle.token.state for bundle in bundles] == [None] * 4 + ["revoked"]


async def test_it_holds_no_permission_and_no_words_of_a_person(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id, "approve", reason="the customer called me")
    standing = await house.bot.standing(opened.escalation.id)
    text = dumps(plain(await made(house, opened.escalation.id))).decode()
    assert standing.approval_token is not None
    assert standing.approval_token not in text
    assert "the customer called me" not in text
    assert "v4.public." not in text


async def test_the_device_keys_end_is_in_it_when_it_came_after_the_answer(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    second = await ada.further_device()
    token = await house.bot.approved(by=second)
    await second.revoke()
    bundle = await made(house, token.escalation_id)
    assert any('"kind":"device.revoked"' in part.entry for part in bundle.log.entries)
    held(bundle)


async def test_bundles_that_are_made_at_once_all_hold(house: StaffedHub) -> None:
    token = await house.bot.approved()
    bundles = await asyncio.gather(*(made(house, token.escalation_id) for _ in range(4)))
    for bundle in bundles:
        held(bundle)


async def test_what_somebody_signed_and_was_erased_with_their_key_is_not_left_out_in_silence(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.change("UPDATE decisions SET sealed = :x", x=b"gone")
    with pytest.raises(Conflict) as refused:
        await made(house, token.escalation_id)
    assert code_of(refused.value) == "statement_erased"


async def test_a_log_that_cannot_be_sealed_gives_none(house: StaffedHub) -> None:
    token = await house.bot.approved()
    while await house.hub.sealer.seal_all():
        pass
    await house.bot.ask()
    await house.change("UPDATE audit_entries SET mac = :x WHERE idx IS NULL", x=bytes(32))
    with pytest.raises(Unavailable) as refused:
        await made(house, token.escalation_id)
    assert (code_of(refused.value), refused.value.retry_after) == ("log_not_sealed", 1)


async def crowd(house: StaffedHub, escalation_id: str, kind: str) -> None:
    """Make the log hold more entries of a question than a bundle takes."""
    await house.change(
        "INSERT INTO audit_entries (org_id, writer, seq, at, id, kind, actor_type, actor_id, escalation_id, body, mac,"
        " idx) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)"
        " SELECT :org, 'w', i, 0, 'evt', :kind, 'person', 'per', :esc, :x, :x, 1000000 + i FROM n",
        many=MAXIMUM_ENTRIES,
        org=house.org_id,
        kind=kind,
        esc=escalation_id,
        x=b"x",
    )


async def test_any_number_of_refused_redemptions_keeps_no_question_from_its_bundle(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    await crowd(house, token.escalation_id, "token.refused")
    bundle = await made(house, token.escalation_id)
    assert not bundle.log.whole
    assert "refusals and reads, of which there were too many, are left out" in held(bundle).verified[0]


async def test_more_entries_that_matter_than_a_bundle_takes_are_said_to_be_so(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await crowd(house, token.escalation_id, "escalation.seen")
    with pytest.raises(Conflict) as refused:
        await made(house, token.escalation_id)
    assert code_of(refused.value) == "bundle_too_large"
