"""What an auditor is handed verifies by itself: the signature over the statement, the hash that the log commits to."""

from __future__ import annotations

from hashlib import sha256

import pytest

from approvals_hub.core.errors import Forbidden, HubError, NotFound
from approvals_hub.db.database import Tx
from approvals_hub.decisions.evidence_format import Wanted
from approvals_hub.people.acting import OperatorCredential
from approvals_hub_client.canonical import loads, unb64u
from approvals_hub_client.keys import key_of
from approvals_hub_client.statement import signed_bytes
from tests.unit.decisions.evidence_files import answers_in, evidence_of
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_app, question


async def refused(house: StaffedHub, kind: type[HubError], escalation_id: str, **changes: object) -> str:
    members = {"reader": house.owner.credential, "org_id": house.org_id, **changes}
    with pytest.raises(kind) as found:
        await house.hub.read_evidence(members["reader"], members["org_id"], escalation_id)  # type: ignore[arg-type]  # as each test gives them
    return found.value.code


async def test_the_signed_statement_verifies_with_the_key_and_the_evidence_has_the_hash_of_the_log(
    house: StaffedHub,
) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    await app.approve(name)
    [kept] = await house.hub.read_evidence(house.operator, house.org_id, name)
    assert kept.signed is not None
    statement = unb64u(kept.signed["statement"])
    assert f"sha256:{sha256(signed_bytes(loads(statement))).hexdigest()}" == kept.statement_hash
    key_of(kept.key.jwk or {}).verify(signed_bytes(loads(statement)), unb64u(kept.signed["signature"]))
    [proof] = kept.step_ups
    assert proof.evidence is not None
    [recorded] = await house.events("decision.recorded")
    assert recorded["detail"]["evidence"] == [f"sha256:{sha256(unb64u(proof.evidence)).hexdigest()}"]


async def test_an_answer_that_was_taken_back_is_there_beside_the_one_that_took_its_place(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)
    await house.owner.answer(opened.escalation.id, "deny")
    kept = await house.hub.read_evidence(house.operator, house.org_id, opened.escalation.id)
    assert [(one.decision, one.superseded_at is None) for one in kept] == [
        ("approve", False),
        ("deny", True),
    ]


async def test_what_was_erased_with_its_persons_key_is_told_so_and_the_rest_stays(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    name = await question(house, methods=("totp",))
    await app.approve(name)
    await house.change("DELETE FROM data_keys WHERE scope = :scope", scope=house.owner.person_id)

    async def forget(tx: Tx) -> None:
        tx.memory.pop("data-key:" + house.owner.person_id)

    await house.hub.db.run(forget)
    [kept] = await house.hub.read_evidence(house.operator, house.org_id, name)
    assert (kept.signed, kept.statement_hash.startswith("sha256:")) == (None, True)
    assert [(proof.evidence, proof.method) for proof in kept.step_ups] == [(None, "totp")]


async def test_who_read_it_is_an_entry(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.hub.read_evidence(house.owner.credential, house.org_id, opened.escalation.id)
    [event] = await house.events("evidence.read")
    assert (event["actor_id"], event["escalation_id"]) == (house.owner.person_id, opened.escalation.id)


async def test_an_approver_reads_nobodys_evidence_and_a_developer_neither(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    for role in ("approver", "developer"):
        person = await house.person(role.title(), role)
        assert await refused(house, Forbidden, opened.escalation.id, reader=person.credential) == "role_missing"


async def test_evidence_of_another_organisation_does_not_exist(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    assert await refused(house, NotFound, opened.escalation.id, org_id="org_other") == "org_unknown"
    assert await refused(house, NotFound, "esc_none") == "escalation_unknown"
    other = OperatorCredential("org_other")
    assert await refused(house, NotFound, opened.escalation.id, reader=other, org_id="org_other") == "org_unknown"


async def test_a_file_of_many_answers_has_each_once_in_order_with_what_was_shown(
    house: StaffedHub,
) -> None:
    given = [(await house.owner.answer((await house.bot.ask()).escalation.id)).decision_id for _ in range(5)]
    answers = answers_in(await evidence_of(house, page=2))
    assert [answer.decision_id for answer in answers] == sorted(given)
    assert all(answer.presentation is not None for answer in answers)


async def test_a_file_is_an_entry_of_its_own_and_says_what_was_asked_for(house: StaffedHub) -> None:
    await house.hub.read_evidence.admit(
        house.owner.credential, house.org_id, Wanted(since=0, escalation="esc_1"), await house.owner.fresh()
    )
    [event] = await house.events("evidence.exported")
    assert (event["actor_id"], event["escalation_id"]) == (house.owner.person_id, "esc_1")
    assert event["detail"] == {"since": "1970-01-01T00:00:00.000Z", "until": None}


async def test_a_stolen_session_without_a_fresh_factor_writes_no_file_and_an_approver_none_either(
    house: StaffedHub,
) -> None:
    with pytest.raises(Forbidden) as found:
        await house.hub.read_evidence.admit(house.owner.credential, house.org_id, Wanted())
    assert found.value.code == "fresh_factor_needed"
    person = await house.person("Ada", "approver")
    with pytest.raises(Forbidden) as found:
        await house.hub.read_evidence.admit(person.credential, house.org_id, Wanted(), await person.fresh())
    assert found.value.code == "role_missing"
    with pytest.raises(NotFound):
        await house.hub.read_evidence.admit(house.owner.credential, "org_other", Wanted(), await house.owner.fresh())
    assert await house.events("evidence.exported") == []
