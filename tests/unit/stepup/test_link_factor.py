"""Tying a way to oneself and taking it away: both ask for a fresh factor, and the person hears of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyotp
import pytest
from structlog.testing import capture_logs

from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, TooMany, Unauthenticated, Unavailable
from approvals_hub.hub import LinkAsked
from approvals_hub.stepup.sign_in_way import SignInWay
from approvals_hub.stepup.step_up import BEGUN_LIMIT
from identity.errors import ProviderDown
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import App, begin_link, complete, link_app, link_moody
from tests.unit.two_orgs import session_by_provider


async def refused(kind: type[HubError], attempt: Any) -> str:
    with pytest.raises(kind) as found:
        await attempt
    return found.value.code


async def test_an_app_is_tied_by_its_first_code_and_listed(house: StaffedHub) -> None:
    assert (await house.hub.factors.list(house.owner.credential)).linkable == ["totp"]
    await link_app(house.owner)
    found = await house.hub.factors.list(house.owner.credential)
    assert [(one.method, one.name) for one in found.linked] == [("totp", "app")]
    assert found.linkable == []


async def test_nothing_is_tied_before_it_was_proven(house: StaffedHub) -> None:
    begun = await begin_link(house.owner, "totp")
    assert (begun.step.purpose, begun.step.escalation_id) == ("link", None)
    assert (await house.hub.factors.list(house.owner.credential)).linked == []


async def test_an_authenticator_app_lists_whose_codes_they_are_and_where_they_count(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    named = [pyotp.parse_uri((await begin_link(who, "totp")).shown["uri"]) for who in (house.owner, ada)]
    assert [app.name for app in named] == ["Owner @ hub.example", "Ada @ hub.example"]


async def test_a_stolen_session_without_a_fresh_factor_ties_nothing(house: StaffedHub) -> None:
    asked = LinkAsked("totp", "app", {})
    code = await refused(Forbidden, house.hub.link_factor(house.owner.credential, asked, None))
    assert code == "fresh_factor_needed"
    assert await house.rows("SELECT id FROM step_ups") == []


async def test_another_persons_fresh_factor_ties_nothing(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    asked = LinkAsked("totp", "app", {})
    with pytest.raises((Forbidden, Unauthenticated)):
        await house.hub.link_factor(house.owner.credential, asked, await ada.fresh())


async def test_a_fresh_factor_is_spent_by_one_link(house: StaffedHub) -> None:
    asked, fresh = LinkAsked("totp", "app", {}), await house.owner.fresh()
    await house.hub.link_factor(house.owner.credential, asked, fresh)
    await refused(Unauthenticated, house.hub.link_factor(house.owner.credential, asked, fresh))


async def test_a_stolen_session_without_a_fresh_factor_takes_nothing_away(house: StaffedHub) -> None:
    await link_app(house.owner)
    [app] = (await house.hub.factors.list(house.owner.credential)).linked
    code = await refused(Forbidden, house.hub.factors.remove(house.owner.credential, app.factor_id, None))
    assert code == "fresh_factor_needed"


async def test_what_was_kept_of_a_way_that_is_taken_away_is_gone(house: StaffedHub) -> None:
    await link_app(house.owner)
    [app] = (await house.hub.factors.list(house.owner.credential)).linked
    await house.hub.factors.remove(house.owner.credential, app.factor_id, await house.owner.fresh())
    [row] = await house.rows("SELECT sealed, removed_at FROM factors")
    assert (bytes(row["sealed"]), row["removed_at"]) == (b"", house.time.now)
    assert (await house.hub.factors.list(house.owner.credential)).linked == []
    assert (
        await refused(
            NotFound, house.hub.factors.remove(house.owner.credential, app.factor_id, await house.owner.fresh())
        )
        == "factor_unknown"
    )


async def test_somebody_elses_way_is_taken_away_by_nobody(house: StaffedHub) -> None:
    ada = await house.person("Ada", "admin", "approver")
    await link_app(house.owner)
    [app] = (await house.hub.factors.list(house.owner.credential)).linked
    fresh = await ada.fresh()
    assert await refused(NotFound, house.hub.factors.remove(ada.credential, app.factor_id, fresh)) == "factor_unknown"


async def test_adding_and_removing_are_recorded_and_told_to_the_person(house: StaffedHub) -> None:
    await link_app(house.owner)
    [app] = (await house.hub.factors.list(house.owner.credential)).linked
    await house.hub.factors.remove(house.owner.credential, app.factor_id, await house.owner.fresh())
    for kind in ("factor.added", "factor.removed"):
        [event] = await house.events(kind)
        assert event["detail"] == {"factor_id": app.factor_id, "person_id": house.owner.person_id, "method": "totp"}
        [told] = await house.rows("SELECT person_id FROM outbox WHERE kind = :kind", kind=kind)
        assert told["person_id"] == house.owner.person_id


async def test_a_way_is_tied_once(house: StaffedHub) -> None:
    await link_app(house.owner)
    assert await refused(Conflict, begin_link(house.owner, "totp")) == "factor_linked"


async def test_two_links_of_one_way_that_race_end_with_one_factor(house: StaffedHub) -> None:
    one, other = await begin_link(house.owner, "totp"), await begin_link(house.owner, "totp")
    first, second = (App(house.owner, begun.shown["key"].replace(" ", "")) for begun in (one, other))
    await complete(house.owner, one.step.id, first.code())
    house.time.now += 30_000
    assert await refused(Conflict, complete(house.owner, other.step.id, second.code())) == "factor_taken"
    assert len(await house.rows("SELECT id FROM factors")) == 1


@pytest.mark.parametrize("method", ["webauthn", "palm_reading", ""])
async def test_passkeys_and_unknown_ways_are_not_tied_here(house: StaffedHub, method: str) -> None:
    assert await refused(NotFound, begin_link(house.owner, method)) == "method_unknown"


async def test_an_account_at_a_vendor_is_one_persons(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    await link_moody(ada, vendor, "anna")
    await link_moody(house.owner, vendor, "anna")
    assert [row["person_id"] for row in await house.rows("SELECT person_id FROM factors")] == [ada.person_id]
    assert (await house.events("step_up.ended"))[-1]["decision"] == "factor_taken"


async def test_an_account_that_was_given_up_can_be_tied_to_another_person(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    ada = await house.person("Ada")
    await link_moody(ada, vendor, "anna")
    [mine] = (await house.hub.factors.list(ada.credential)).linked
    await house.hub.factors.remove(ada.credential, mine.factor_id, await ada.fresh())
    await link_moody(house.owner, vendor, "anna")
    assert len((await house.hub.factors.list(house.owner.credential)).linked) == 1


async def test_the_vendors_name_for_a_person_is_nowhere_in_the_clear(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    with capture_logs() as said:
        await link_moody(house.owner, vendor, "199001011239")
    rows = [
        *await house.rows("SELECT * FROM factors"),
        *await house.rows("SELECT * FROM step_ups"),
        *await house.rows("SELECT * FROM used_proofs"),
        *await house.rows("SELECT body FROM audit_entries"),
    ]
    values = [value for row in rows for value in dict(row).values()]
    held = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    for secret in ("199001011239", SECRET):
        assert secret.encode() not in held
        assert secret not in str(said)


async def test_a_provider_that_is_down_ties_nothing_and_another_try_works(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    vendor.does["begin"] = ProviderDown("silent")
    assert await refused(Unavailable, begin_link(house.owner)) == "provider_down"
    vendor.does.clear()
    await link_moody(house.owner, vendor)
    assert len(await house.rows("SELECT id FROM factors")) == 1


async def test_no_more_than_a_bounded_number_of_links_is_begun(house: StaffedHub) -> None:
    for _ in range(BEGUN_LIMIT):
        await begin_link(house.owner, "totp")
    assert await refused(TooMany, begin_link(house.owner, "totp")) == "too_many_step_ups"


async def test_a_session_that_has_ended_lists_and_ties_nothing(house: StaffedHub) -> None:
    fresh = await house.owner.fresh()
    gone = replace(house.owner)
    await house.change("UPDATE sessions SET ended_at = 1")
    with pytest.raises(Unauthenticated):
        await house.hub.factors.list(gone.credential)
    with pytest.raises(Unauthenticated):
        await house.hub.link_factor(gone.credential, LinkAsked("totp", "app", {}), fresh)


async def test_a_session_that_one_organisations_provider_opened_sees_no_account_at_anothers(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    ada = await plugged.person("Ada")
    await link_moody(ada, vendor)
    planted, _ = await session_by_provider(plugged, ada)
    for org_id, seen in ((None, 1), (plugged.org_id, 1), ("org_other", 0)):
        factors = replace(plugged.hub.factors, ways={"moody": SignInWay("moody", "Moody", org_id)})
        assert len((await factors.list(planted.credential)).linked) == seen
        assert len((await factors.list(ada.credential)).linked) == 1
