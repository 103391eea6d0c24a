"""What is put into a provider's hands for one person, and how what it remembers is kept."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from approvals_hub.stepup.methods import Methods, asked_with
from approvals_hub.stepup.step_up import Kept
from approvals_hub_client.statement import step_up_challenge
from identity.proof import Purpose
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import begin, begin_link, link_app, link_moody, question


def methods(house: StaffedHub) -> Methods:
    return house.hub.begin_step_up.methods


async def held(person: Person, method: str) -> Any:
    ways = methods(person.house)
    return await person.house.hub.db.read(lambda tx: ways.held_in(tx, person.person_id, method))


async def test_policies_may_name_what_the_hub_offers_by_the_words_of_tokens(house: StaffedHub) -> None:
    assert methods(house).offered() == {"device_key", "passkey", "totp"}


async def test_a_providers_name_for_a_person_is_hashed_with_a_key_and_its_own_name(house: StaffedHub) -> None:
    ways = methods(house)
    assert ways.subject_hash("bankid", "anna") == ways.subject_hash("bankid", "anna")
    assert ways.subject_hash("bankid", "anna") != ways.subject_hash("freja", "anna")
    assert ways.subject_hash("a", "b\0c") != Methods(ways.providers, ways.vault, bytes(32)).subject_hash("a", "b\0c")


async def test_a_person_is_recognised_by_their_providers_name_and_nobody_else_is(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    await link_moody(plugged.owner, vendor, "anna")
    found = await held(plugged.owner, "moody")
    assert found.factor.is_mine("anna")
    assert not found.factor.is_mine("bo")
    assert found.factor.data == {"secret": SECRET}


async def test_a_factor_without_a_name_for_its_person_recognises_nobody(house: StaffedHub) -> None:
    await link_app(house.owner)
    found = await held(house.owner, "totp")
    assert not found.factor.is_mine("")


async def test_passkeys_are_those_of_the_persons_active_devices(house: StaffedHub) -> None:
    assert await held(house.owner, "webauthn") is None
    device = await house.owner.further_device(SoftAuthenticator())
    found = await held(house.owner, "webauthn")
    assert (found.factor_id, len(found.factor.data["credentials"])) == (None, 1)
    await house.hub.revoke_device(house.owner.credential, device.device_id, await house.owner.fresh())
    assert await held(house.owner, "webauthn") is None


async def test_somebody_elses_sealed_factor_put_in_my_place_opens_nothing(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await link_app(house.owner)
    await link_app(ada)
    mine, theirs = house.owner.person_id, ada.person_id
    [row] = await house.rows("SELECT sealed FROM factors WHERE person_id = :id", id=theirs)
    await house.change("UPDATE factors SET sealed = :sealed WHERE person_id = :id", sealed=row["sealed"], id=mine)
    with capture_logs() as said:
        assert await held(house.owner, "totp") is None
    assert [(line["event"], line["record"]) for line in said] == [("step_up_not_opened", "factor:totp")]


async def test_another_step_ups_sealed_state_put_in_this_ones_place_opens_nothing(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    one, other = (await begin_link(house.owner)).step, (await begin_link(house.owner)).step
    await house.change("UPDATE step_ups SET sealed = :sealed WHERE id = :id", sealed=one.sealed, id=other.id)
    swapped = (await house.hub.complete_step_up.read(house.owner.credential, other.id)).step
    assert await house.hub.db.read(lambda tx: methods(house).kept_in(tx, swapped)) is None
    kept = await house.hub.db.read(lambda tx: methods(house).kept_in(tx, one))
    assert isinstance(kept, Kept)
    assert kept.state["secret"] == SECRET


async def test_a_person_whose_key_was_destroyed_has_no_factor_any_more(house: StaffedHub) -> None:
    await link_app(house.owner)
    await house.change("DELETE FROM data_keys WHERE scope = :scope", scope=house.owner.person_id)
    other = Methods(methods(house).providers, methods(house).vault, methods(house).subject_key)

    async def forgetting(tx: Any) -> Any:
        tx.memory.pop("data-key:" + house.owner.person_id)
        return await other.held_in(tx, house.owner.person_id, "totp")

    await house.hub.db.run(lambda tx: other.vault.key_in(tx, "hub"))
    assert await house.hub.db.run(forgetting) is None


async def test_whoever_links_is_the_one_who_proves_it(house: StaffedHub) -> None:
    given = methods(house).linking({"address": "ada@example.com"})
    assert (given.factor_id, given.factor.data) == (None, {"address": "ada@example.com"})
    assert given.factor.is_mine("anybody")


async def test_a_provider_is_asked_with_the_words_of_the_question_and_a_challenge_of_the_intent(
    house: StaffedHub,
) -> None:
    await link_app(house.owner)
    begun = await begin(
        house.owner, await house.owner.statement(await question(house, methods=("totp",))), same_device=False
    )
    kept = await house.hub.db.read(lambda tx: methods(house).kept_in(tx, begun.step))
    assert kept is not None
    asked = asked_with(begun.step, kept.asked)
    assert asked.challenge == step_up_challenge(begun.step.id, begun.step.intent_hash)
    assert (asked.purpose, asked.client.same_device, asked.client.address) == (Purpose.DECISION, False, "192.0.2.1")
    assert "db.drop_table" in asked.visible
    assert begun.step.intent_hash.removeprefix("sha256:")[:8] in asked.visible
