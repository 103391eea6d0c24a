"""Where a device is told."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, HubError, Invalid, NotFound
from approvals_hub.notifications.push_address import SealKey
from approvals_hub.people.acting import OperatorCredential
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.sealing_device import SealingDevice
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered
from tests.unit.two_orgs import second_org, session_by_provider

Paged = tuple[StaffedHub, Pager]


async def live(house: StaffedHub) -> list[tuple[str, str]]:
    rows = await house.rows("SELECT person_id, masked FROM contacts WHERE gone_at IS NULL ORDER BY id")
    return [(row["person_id"], row["masked"]) for row in rows]


async def test_a_device_has_one_address_the_newest(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "address-01")
    await registered(house, "address-01")
    await registered(house, "address-02")
    assert await live(house) == [(house.owner.person_id, "…02")]
    assert len(await house.events("device.push_set")) == 2


async def test_an_address_that_another_person_registers_is_theirs_alone(paged: Paged) -> None:
    house, _ = paged
    ada = await house.person("Ada")
    await registered(house, "shared-01")
    await registered(house, "shared-01", by=ada)
    assert await live(house) == [(ada.person_id, "…01")]


async def test_a_revoked_device_has_no_address_and_gets_none(paged: Paged) -> None:
    house, _ = paged
    second = await house.owner.further_device()
    await registered(house, "address-01", by=second)
    await second.revoke()
    assert await live(house) == []
    with pytest.raises(HubError):
        await registered(house, "address-01", by=second)


async def test_taking_an_address_away_twice_is_the_same(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "address-01")
    for _ in range(2):
        await house.hub.push_addresses.remove(house.owner.credential, house.owner.device_id)
    assert await live(house) == []
    assert len(await house.events("device.push_removed")) == 1


async def test_nobody_registers_an_address_for_anothers_device(paged: Paged) -> None:
    house, _ = paged
    ada = await house.person("Ada")
    with pytest.raises(NotFound):
        await house.hub.push_addresses.set(
            ada.credential, house.owner.device_id, channel="pager", address="evil-01", language=None
        )
    with pytest.raises(NotFound):
        await house.hub.push_addresses.remove(ada.credential, house.owner.device_id)


@pytest.mark.parametrize(("channel", "address"), [("carrier", "address-01"), ("pager", "x")])
async def test_a_channel_that_is_not_there_and_an_address_that_is_none_are_refused(
    paged: Paged, channel: str, address: str
) -> None:
    house, _ = paged
    owner = house.owner
    with pytest.raises(Invalid):
        await house.hub.push_addresses.set(
            owner.credential, owner.device_id, channel=channel, address=address, language=None
        )


async def test_the_channels_are_named_with_what_a_page_needs(paged: Paged) -> None:
    house, _ = paged
    [channel] = await house.hub.push_addresses.channels(house.owner.credential)
    assert (channel.channel, channel.kind, channel.public_key) == ("pager", "pager", None)


async def test_words_are_sealed_to_a_key_that_the_device_signed_and_a_new_address_keeps_it(paged: Paged) -> None:
    house, pager = paged
    device = SealingDevice(house.hub.push_addresses.audience, house.owner.device_id)
    seal = SealKey(**device.form(house.owner.key.sign))
    await registered(house, "address-01", seal=seal)
    await house.hub.set_disclosure(OperatorCredential(house.org_id), {"push": "sealed"})
    for address in ("address-01", "address-02"):
        await registered(house, address)
        opened = (await house.bot.ask(house.bot.action(payload={"note": f"canary-{address}"}))).escalation
        await house.hub.reach.settled()
        _, notice = pager.took[-1]
        assert "canary" not in f"{notice.title} {notice.text} {notice.link}"
        assert notice.sealed is not None
        words = device.opened(notice.sealed, escalation_id=opened.id, telling_id=notice.id)
        assert f"canary-{address}" in words["body"]


async def test_a_stolen_session_has_nothing_sealed_to_a_key_of_the_thief(paged: Paged) -> None:
    house, _ = paged
    owner, thief = house.owner, Ed25519SigningKey()
    device = SealingDevice(house.hub.push_addresses.audience, owner.device_id)
    sound = device.form(owner.key.sign)
    elsewhere = SealingDevice("https://evil.example", owner.device_id)
    attacks = [
        device.form(thief.sign),
        {**sound, "key": SealingDevice(device.audience, owner.device_id).form(thief.sign)["key"]},
        {**sound, "signature": "A"},
        {**sound, "key": "AAAA"},
        {**elsewhere.form(owner.key.sign)},
    ]
    for form in attacks:
        with pytest.raises(Invalid) as refused:
            await registered(house, "address-01", seal=SealKey(**form))
        assert refused.value.code == "seal_key_invalid"
    assert await live(house) == []


async def test_a_device_says_with_its_address_what_it_runs_by_now(paged: Paged) -> None:
    house, _ = paged
    for given, kept in (("1.2.0", "1.2.0"), (None, "1.2.0"), ("1.3.0", "1.3.0")):
        await house.hub.push_addresses.set(
            house.owner.credential,
            house.owner.device_id,
            channel="pager",
            address="address-01",
            language=None,
            app_version=given,
        )
        [(device, _)] = await house.hub.list_devices(house.owner.credential)
        assert device.app_version == kept


async def test_a_session_that_ones_provider_opened_has_no_device_told_of_anothers_questions(paged: Paged) -> None:
    house, _ = paged
    ada, other = await house.person("Ada"), await second_org(house)
    planted, _ = await session_by_provider(house, ada)
    await registered(house, "address-01", by=planted)
    await other.lets_in(ada, "approver")
    with pytest.raises(Forbidden):
        await registered(house, "address-02", by=planted)
    await registered(house, "address-03", by=ada)
