"""An admin says whose eID a person's must be: that narrows what the person links, and lets nobody pass for them."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import (
    Conflict,
    Forbidden,
    HubError,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.stepup.expect_factor import EXPECTED_LIFE, ExpectedFactor
from identity.errors import Malformed
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_actors import Person
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import begin, begin_link, collect, link_moody, question, step_of

ANNA = "199001011239"


async def expect(by: Person, whom: Person, number: str = ANNA, **changes: Any) -> ExpectedFactor:
    """`by` says that this number is `whom`'s, with a fresh factor."""
    given = {"org_id": by.house.org_id, "method": "moody", "fresh": await by.fresh(), **changes}
    return await by.house.hub.expect_factor(
        by.credential, given["org_id"], whom.person_id, given["method"], number, given["fresh"]
    )


async def refused(kind: type[HubError], attempt: Any) -> str:
    with pytest.raises(kind) as found:
        await attempt
    return found.value.code


async def methods_of(person: Person) -> list[str]:
    return [one.method for one in (await person.house.hub.factors.list(person.credential)).linked]


async def test_the_expected_person_links_it_with_a_key_and_that_eid_and_it_counts(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    ada = await house.person("Ada")
    await expect(house.owner, ada)
    assert await methods_of(ada) == []
    await link_moody(ada, vendor, ANNA)
    found = await house.hub.factors.list(ada.credential)
    assert ([one.method for one in found.linked], found.expected) == (["moody"], [])
    [row] = await house.rows("SELECT cause FROM expected_factors")
    assert row["cause"] == "linked"


async def test_what_is_only_expected_proves_nothing_in_a_question(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    await expect(house.owner, ada)
    statement = await ada.statement(await question(house, methods=("moody",)))
    assert await refused(Conflict, begin(ada, statement, "moody")) == "method_not_linked"


async def test_an_admin_who_says_their_own_number_is_somebodys_can_neither_link_it_nor_keep_them_from_declining(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    ada, mallory = await house.person("Ada"), await house.person("Mallory", "admin")
    await expect(mallory, ada, "mallory")
    begun = (await begin_link(ada)).step.id
    vendor.approve(begun, ANNA)
    await collect(house)
    assert (await step_of(house, begun))["cause"] == "wrong_person"
    assert await methods_of(ada) == []
    [wrong] = (await house.hub.factors.list(ada.credential)).expected
    assert (wrong.method, wrong.by_name) == ("moody", "Mallory")
    await house.hub.factors.remove(ada.credential, wrong.factor_id, await ada.fresh())
    await link_moody(ada, vendor, ANNA)
    assert await methods_of(ada) == ["moody"]


async def test_an_eid_of_somebody_else_is_refused_where_the_number_was_expected_after_linking_began(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    ada = await house.person("Ada")
    begun = (await begin_link(ada)).step.id
    await expect(house.owner, ada)
    vendor.approve(begun, "bo")
    await collect(house)
    assert (await step_of(house, begun))["cause"] == "wrong_person"
    assert (await house.events("step_up.ended"))[-1]["decision"] == "wrong_person"
    assert await house.rows("SELECT id FROM factors") == []


async def test_an_admin_does_not_replace_what_the_person_linked(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    await link_moody(ada, vendor, ANNA)
    assert await refused(Conflict, expect(house.owner, ada, "mallory")) == "factor_linked"
    assert await house.rows("SELECT id FROM expected_factors") == []


async def test_a_number_that_is_already_somebodys_is_answered_as_any_other(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await link_moody(bo, vendor, "bo")
    taken, free = await expect(house.owner, ada, "bo"), await expect(house.owner, ada, ANNA)
    assert {**_members(taken), "expected_id": ""} == {**_members(free), "expected_id": ""}


async def test_a_number_that_is_expected_of_one_person_can_be_linked_by_whose_it_is(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await expect(house.owner, ada, "bo")
    await link_moody(bo, vendor, "bo")
    assert await methods_of(bo) == ["moody"]


async def test_a_corrected_number_replaces_the_one_that_was_expected(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    await expect(house.owner, ada, "mistyped")
    second = await expect(house.owner, ada, ANNA)
    [waits] = (await house.hub.factors.list(ada.credential)).expected
    assert waits.factor_id == second.expected_id
    await link_moody(ada, vendor, ANNA)
    causes = [row["cause"] for row in await house.rows("SELECT cause FROM expected_factors ORDER BY id")]
    assert causes == ["replaced", "linked"]


async def test_it_is_told_to_the_person_and_recorded_without_the_number(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    with capture_logs() as said:
        expected = await expect(house.owner, ada)
        await house.hub.factors.remove(ada.credential, expected.expected_id, await ada.fresh())
    for kind, actor in (("factor.expected", house.owner), ("factor.declined", ada)):
        [event] = await house.events(kind)
        assert (event["actor_type"], event["actor_id"]) == ("person", actor.person_id)
        assert event["detail"] == {"factor_id": expected.expected_id, "person_id": ada.person_id, "method": "moody"}
        [told] = await house.rows("SELECT person_id FROM outbox WHERE kind = :kind", kind=kind)
        assert told["person_id"] == ada.person_id
    rows = [
        *await house.rows("SELECT * FROM expected_factors"),
        *await house.rows("SELECT body FROM audit_entries"),
        *await house.rows("SELECT * FROM outbox"),
    ]
    values = [value for row in rows for value in dict(row).values()]
    assert ANNA not in str(said)
    assert ANNA.encode() not in b"".join(v if isinstance(v, bytes) else str(v).encode() for v in values)


async def test_the_operator_may_say_it_at_the_command_line(plugged: StaffedHub) -> None:
    house = plugged
    await house.hub.expect_factor(house.operator, house.org_id, house.owner.person_id, "moody", ANNA)
    [waits] = (await house.hub.factors.list(house.owner.credential)).expected
    assert waits.by_name is None
    [event] = await house.events("factor.expected")
    assert (event["actor_type"], event["actor_id"]) == ("operator", "operator")


async def test_a_stolen_admin_session_without_a_fresh_factor_expects_nothing(plugged: StaffedHub) -> None:
    house = plugged
    ada = await house.person("Ada")
    assert await refused(Forbidden, expect(house.owner, ada, fresh=None)) == "fresh_factor_needed"
    stolen = await ada.fresh()
    with pytest.raises((Forbidden, Unauthenticated)):
        await expect(house.owner, ada, fresh=stolen)
    assert await house.rows("SELECT id FROM expected_factors") == []


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_whoever_does_not_govern_people_expects_nothing_of_anybody(plugged: StaffedHub, role: str) -> None:
    house = plugged
    eve = await house.person("Eve", role)
    assert await refused(Forbidden, expect(eve, house.owner)) == "role_missing"


async def test_another_organisations_admin_expects_nothing_of_a_person_here(plugged: StaffedHub) -> None:
    house = plugged
    ada = await house.person("Ada")
    assert await refused(NotFound, expect(house.owner, ada, org_id="org_other")) == "person_unknown"
    gone = house.hub.expect_factor(OperatorCredential("org_other"), house.org_id, ada.person_id, "moody", ANNA)
    assert await refused(NotFound, gone) == "org_unknown"


async def test_nothing_is_expected_of_somebody_who_is_no_active_member(plugged: StaffedHub) -> None:
    house = plugged
    ada = await house.person("Ada")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    assert await refused(NotFound, expect(house.owner, ada)) == "person_unknown"


@pytest.mark.parametrize("method", ["totp", "webauthn", "palm_reading"])
async def test_a_way_that_knows_people_by_no_number_is_unknown_here(plugged: StaffedHub, method: str) -> None:
    house = plugged
    assert await refused(NotFound, expect(house.owner, house.owner, method=method)) == "method_unknown"


async def test_what_is_no_number_is_refused_in_the_providers_words(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    vendor.subject = Malformed("ten digits, please")
    with pytest.raises(Invalid, match="ten digits, please") as found:
        await expect(house.owner, house.owner)
    assert (found.value.code, found.value.field) == ("number_invalid", "$.number")


@pytest.mark.parametrize("said", [ValueError(f"{SECRET} {ANNA}"), None.__class__, 7, "", "a\nb"])
async def test_a_plug_in_that_fails_at_a_number_is_down_and_none_of_its_words_are_logged(
    plugged: StaffedHub, vendor: Vendor, said: Any
) -> None:
    house = plugged
    vendor.subject = said
    with capture_logs() as logged:
        assert await refused(Unavailable, expect(house.owner, house.owner)) == "provider_down"
    assert SECRET not in str(logged)


async def test_somebody_elses_expected_way_is_declined_by_nobody(plugged: StaffedHub) -> None:
    house = plugged
    ada = await house.person("Ada")
    expected = await expect(house.owner, ada)
    attempt = house.hub.factors.remove(house.owner.credential, expected.expected_id, await house.owner.fresh())
    assert await refused(NotFound, attempt) == "factor_unknown"


async def test_a_stolen_session_without_a_fresh_factor_declines_nothing(plugged: StaffedHub) -> None:
    house = plugged
    ada = await house.person("Ada")
    expected = await expect(house.owner, ada)
    attempt = house.hub.factors.remove(ada.credential, expected.expected_id, None)
    assert await refused(Forbidden, attempt) == "fresh_factor_needed"


async def test_what_nobody_linked_in_time_is_expected_no_longer_and_dropped(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    ada = await house.person("Ada")
    expected = await expect(house.owner, ada)
    house.time.now += EXPECTED_LIFE
    ada.credential = await ada.sign_in()
    assert (await house.hub.factors.list(ada.credential)).expected == []
    attempt = house.hub.factors.remove(ada.credential, expected.expected_id, await ada.fresh())
    assert await refused(NotFound, attempt) == "factor_unknown"
    await link_moody(ada, vendor, "another")
    house.time.now += SECOND
    await house.hub.collect_step_ups.forget()
    assert await house.rows("SELECT id FROM expected_factors") == []


def _members(expected: ExpectedFactor) -> dict[str, Any]:
    return {name: getattr(expected, name) for name in expected.__struct_fields__}
