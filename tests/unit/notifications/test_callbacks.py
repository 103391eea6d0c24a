"""Where agents may be called back: who says so, and what an agent can make of it."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, Invalid, NotFound
from approvals_hub.notifications.callbacks import BOTH_SIGN, HOSTS_LIMIT, names_host
from tests.unit.hub_fixture import StaffedHub

URL = "https://hooks.example/done?key=4711"


async def allow(house: StaffedHub, *hosts: str) -> str | None:
    kept = await house.hub.keep_callbacks.set(house.operator, house.org_id, house.bot.agent_id, hosts)
    return kept.secret


async def rows(house: StaffedHub) -> list[tuple[str, str]]:
    return [(row["masked"], row["state"]) for row in await house.rows("SELECT * FROM callbacks ORDER BY id")]


async def test_the_secret_is_made_once_and_shown_once(house: StaffedHub) -> None:
    secret = await allow(house, "hooks.example")
    assert secret is not None
    assert secret.startswith("whsec_")
    assert await allow(house, "hooks.example", "other.example") is None
    read = await house.hub.keep_callbacks.read(house.operator, house.org_id, house.bot.agent_id)
    assert (read.hosts, read.has_secret) == (["hooks.example", "other.example"], True)
    [kept] = await house.rows("SELECT secret FROM agent_callbacks")
    assert secret.encode() not in bytes(kept["secret"])
    events = await house.events("agent.callbacks_changed")
    assert [event["detail"]["hosts"] for event in events] == [["hooks.example"], ["hooks.example", "other.example"]]
    assert secret not in str(events)


async def test_after_a_rotation_both_secrets_sign_for_a_day(house: StaffedHub) -> None:
    await allow(house, "hooks.example")
    keep, of = house.hub.keep_callbacks, (house.operator, house.org_id, house.bot.agent_id)
    before = (await keep.read(*of)).fingerprint
    rotated = await keep.rotate(*of)
    assert rotated.secret is not None
    assert rotated.callbacks.previous_until == house.time.now + BOTH_SIGN
    assert rotated.callbacks.fingerprint != before
    house.time.now += BOTH_SIGN
    assert (await keep.read(*of)).previous_until is None


async def test_nothing_is_rotated_where_nothing_is_set(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.keep_callbacks.rotate(house.operator, house.org_id, house.bot.agent_id)


async def test_an_admins_stolen_session_opens_no_way_out_of_the_hub(house: StaffedHub) -> None:
    keep, of = house.hub.keep_callbacks, (house.org_id, house.bot.agent_id)
    for attempt in (
        lambda: keep.set(house.owner.credential, *of, ["evil.example"]),
        lambda: keep.rotate(house.owner.credential, *of),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt()
        assert refused.value.code == "fresh_factor_needed"
    kept = await keep.set(house.owner.credential, *of, ["hooks.example"], await house.owner.fresh())
    assert kept.secret is not None


async def test_an_approver_and_an_auditor_set_and_read_nothing(house: StaffedHub) -> None:
    keep, of = house.hub.keep_callbacks, (house.org_id, house.bot.agent_id)
    for role in ("approver", "auditor"):
        person = await house.person("Ada", role)
        with pytest.raises(Forbidden):
            await keep.read(person.credential, *of)
        with pytest.raises(Forbidden):
            await keep.set(person.credential, *of, ["evil.example"], await person.fresh())


async def test_an_agent_that_is_not_there_is_called_nowhere(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.keep_callbacks.set(house.operator, house.org_id, "agt_nobody", ["hooks.example"])


@pytest.mark.parametrize(
    "host", ["", "https://hooks.example", "hooks.example/path", "user@hooks.example", "*", "*.com:0", "a b", "hooks..x"]
)
async def test_what_is_no_host_is_refused_where_it_stands(house: StaffedHub, host: str) -> None:
    with pytest.raises(Invalid) as refused:
        await allow(house, "hooks.example", host)
    assert (refused.value.code, refused.value.field) == ("callbacks_invalid", "$.hosts[1]")
    with pytest.raises(Invalid):
        await allow(house, *(f"h{number}.example" for number in range(HOSTS_LIMIT + 1)))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/done",
        "https://hooks.example.evil.example/done",
        "https://evil.example/hooks.example",
        "https://hooks.example@evil.example/done",
        "https://hooks.example\\@evil.example/",
        "https://hooks.example:8443/done",
        "https://127.0.0.1/done",
        "file:///etc/passwd",
        "",
    ],
)
async def test_an_agent_cannot_have_the_hub_call_another_host_and_nothing_is_asked(house: StaffedHub, url: str) -> None:
    await allow(house, "hooks.example")
    with pytest.raises(Invalid) as refused:
        await house.bot.ask(callback_url=url)
    assert (refused.value.code, refused.value.field) == ("callback_not_allowed", "$.callback_url")
    assert await house.rows("SELECT id FROM escalations") == []


async def test_an_agent_without_a_list_names_no_address(house: StaffedHub) -> None:
    with pytest.raises(Invalid):
        await house.bot.ask(callback_url=URL)


async def test_a_call_is_planned_once_and_its_address_lies_sealed(house: StaffedHub) -> None:
    await allow(house, "hooks.example")
    action = house.bot.action()
    first = await house.bot.ask(action, callback_url=URL)
    again = await house.bot.ask(action, callback_url="https://hooks.example/other", key="another")
    assert again.escalation.id == first.escalation.id
    assert await rows(house) == [("hooks.example", "waiting")]
    [row] = await house.rows("SELECT url FROM callbacks")
    assert b"4711" not in bytes(row["url"])


async def test_an_open_question_gets_the_address_that_a_repeated_request_names_first(house: StaffedHub) -> None:
    await allow(house, "hooks.example")
    action = house.bot.action()
    await house.bot.ask(action)
    await house.bot.ask(action, callback_url=URL, key="another")
    assert await rows(house) == [("hooks.example", "waiting")]
    with pytest.raises(Invalid):
        await house.bot.ask(action, callback_url="https://evil.example/", key="a third")


def test_a_list_names_hosts_and_not_what_looks_like_them() -> None:
    assert names_host('["hooks.example"]', "https://hooks.example/x")
    assert not names_host('["hooks.example"]', "https://hooks.example.evil.example/x")
    assert not names_host("[]", "https://hooks.example/x")
