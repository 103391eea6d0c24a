"""A passkey's answer to a step-up: whose, over what, how its counter stands, and where the key lies."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.hub import Shown
from approvals_hub_client.canonical import unb64u
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import begin, complete, link_app, question, refused, step_of


async def test_a_passkey_stays_open_while_codes_are_shut(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    key = SoftAuthenticator()
    await house.owner.further_device(key)
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    sql = "INSERT INTO wrong_answers (source, hour, count) VALUES (:source, :hour, 99)"
    await house.change(sql, source=app.person.person_id, hour=house.time.now // 3_600_000)
    step = await begin(house.owner, statement, "webauthn")
    answer = key.get(unb64u(step.shown["options"]["challenge"]))
    assert (await complete(house.owner, step.step.id, answer)).step.state == "proven"


async def test_the_counter_of_a_passkey_that_proved_something_is_kept_on_its_device(house: StaffedHub) -> None:
    key = SoftAuthenticator()
    device = await house.owner.further_device(key)
    key.count = 41
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    step = await begin(house.owner, statement, "webauthn")
    await complete(house.owner, step.step.id, key.get(unb64u(step.shown["options"]["challenge"])))
    [row] = await house.rows("SELECT sign_count FROM devices WHERE id = :id", id=device.device_id)
    assert row["sign_count"] == 42


async def test_a_copied_passkey_whose_counter_went_back_flags_its_device(house: StaffedHub) -> None:
    key = SoftAuthenticator()
    device = await house.owner.further_device(key)
    await house.change("UPDATE devices SET sign_count = 90 WHERE id = :id", id=device.device_id)
    statement = await house.owner.statement(await question(house, min_assurance="SUBSTANTIAL"))
    step = await begin(house.owner, statement, "webauthn")
    await complete(house.owner, step.step.id, key.get(unb64u(step.shown["options"]["challenge"])))
    [row] = await house.rows("SELECT sign_count, flagged FROM devices WHERE id = :id", id=device.device_id)
    assert (row["sign_count"], row["flagged"]) == (90, "counter_regression")


async def test_a_passkey_that_signed_another_challenge_ends_it(house: StaffedHub) -> None:
    key = SoftAuthenticator()
    await house.owner.further_device(key)
    name = await question(house, min_assurance="SUBSTANTIAL")
    one = await begin(house.owner, await house.owner.statement(name), "webauthn")
    other = await begin(house.owner, await house.owner.statement(name), "webauthn")
    answer = key.get(unb64u(one.shown["options"]["challenge"]))
    assert (await refused(Forbidden, complete(house.owner, other.step.id, answer))).code == "other_intent"
    assert (await step_of(house, other.step.id))["state"] == "ended"


def copied(*, synced: bool) -> SoftAuthenticator:
    """An authenticator whose keys can be on other devices too, and are by now or not."""
    key = SoftAuthenticator()
    key.backup_eligible, key.backed_up = True, synced
    return key


async def prove(person: Person, name: str, key: SoftAuthenticator) -> Shown:
    """Begin for the person's device key, and touch this authenticator."""
    step = await begin(person, await person.statement(name), "webauthn")
    return await complete(person, step.step.id, key.get(unb64u(step.shown["options"]["challenge"])))


STRICT = [("not_synced", True), ("device_bound", True), ("device_bound", False)]
"""What a question takes, and whether a passkey that it does not take is synced or may only be."""


@pytest.mark.parametrize(("passkeys", "synced"), STRICT)
async def test_a_person_whose_only_passkey_is_copied_proves_nothing_with_it_where_those_do_not_count(
    house: StaffedHub, passkeys: str, synced: bool
) -> None:
    await house.owner.further_device(copied(synced=synced))
    name = await question(house, min_assurance="SUBSTANTIAL", passkeys=passkeys)
    found = await house.hub.offer_step_ups(house.owner.credential, name, house.owner.device_id)
    assert [(way.method, way.linked) for way in found.ways] == [("webauthn", False)]
    with pytest.raises(Forbidden) as error:
        await begin(house.owner, await house.owner.statement(name), "webauthn")
    assert error.value.code == "too_weak"


@pytest.mark.parametrize(("passkeys", "synced"), STRICT)
async def test_a_copied_passkey_in_the_place_of_the_one_that_counts_ends_it_and_the_other_proves_it(
    house: StaffedHub, passkeys: str, synced: bool
) -> None:
    bound, other = SoftAuthenticator(), copied(synced=synced)
    await house.owner.further_device(bound)
    await house.owner.further_device(other)
    name = await question(house, min_assurance="SUBSTANTIAL", passkeys=passkeys)
    assert (await refused(Forbidden, prove(house.owner, name, other))).code == "too_weak"
    assert (await prove(house.owner, name, bound)).step.state == "proven"


async def test_a_passkey_that_may_be_copied_and_is_not_proves_it_until_it_is(house: StaffedHub) -> None:
    key = copied(synced=False)
    await house.owner.further_device(key)
    strict = {"min_assurance": "SUBSTANTIAL", "passkeys": "not_synced"}
    first, second = await question(house, **strict), await question(house, **strict)
    assert (await prove(house.owner, first, key)).step.state == "proven"
    key.backed_up = True
    assert (await refused(Forbidden, prove(house.owner, second, key))).code == "too_weak"
    # What it said is remembered at once: it is not offered again where it does not count.
    [row] = await house.rows("SELECT backed_up, sign_count FROM devices WHERE kind = 'passkey'")
    assert (row["backed_up"], row["sign_count"]) == (1, 2)
    found = await house.hub.offer_step_ups(house.owner.credential, second, house.owner.device_id)
    assert [(way.method, way.linked) for way in found.ways] == [("webauthn", False)]
    # Where any passkey counts it does too, and what it said is remembered.
    loose = await question(house, min_assurance="SUBSTANTIAL")
    assert (await prove(house.owner, loose, key)).step.state == "proven"
    [row] = await house.rows("SELECT backed_up FROM devices WHERE kind = 'passkey'")
    assert row["backed_up"] == 1
