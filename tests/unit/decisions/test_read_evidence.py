"""What an auditor is handed verifies by itself: the signature over the statement, the hash that the log commits to."""

from __future__ import annotations

from hashlib import sha256

import pytest

from approvals_hub.core.errors import Forbidden, HubError, NotFound
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import OperatorCredential
from approvals_hub_client.canonical import loads, unb64u
from approvals_hub_client.keys import key_of
from approvals_hub_client.statement import signed_bytes
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
    assert f"sha256:{sha256(signed_bytes(loads(statement))).hexdigest()}" == kept.row["statement_hash"]
    key_of(loads(kept.row["jwk"].encode())).verify(signed_bytes(loads(statement)), unb64u(kept.signed["signature"]))
    [proof] = kept.proofs
    assert proof.text is not None
    [recorded] = await house.events("decision.recorded")
    assert recorded["detail"]["evidence"] == [f"sha256:{sha256(proof.text).hexdigest()}"]


async def test_an_answer_that_was_taken_back_is_there_beside_the_one_that_took_its_place(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)
    await house.owner.answer(opened.escalation.id, "deny")
    kept = await house.hub.read_evidence(house.operator, house.org_id, opened.escalation.id)
    assert [(one.row["decision"], one.row["superseded_at"] is None) for one in kept] == [
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
    assert (kept.signed, kept.row["statement_hash"].startswith("sha256:")) == (None, True)
    assert [(proof.text, proof.row["method"]) for proof in kept.proofs] == [(None, "totp")]


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
