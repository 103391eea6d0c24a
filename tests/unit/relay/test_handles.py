"""What is kept of a phone, for how long, and that nothing of it lies in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Gone, Invalid, Unavailable
from approvals_hub.relay.handles import PhoneForm, hash_of
from approvals_hub.relay.serve import DATABASE
from tests.unit.relay.relay_house import FID, TOKEN, RelayHouse, relay_house

FORM = PhoneForm(platform="fcm", address={"fid": FID}, language="sv")


async def test_a_handle_is_found_with_what_its_app_told(house: RelayHouse) -> None:
    made = await house.open.relay.handles.register(FORM)
    phone = await house.open.relay.handles.find(made.handle)
    assert phone is not None
    assert (phone.platform, phone.language, phone.address) == ("fcm", "sv", f'{{"fid":"{FID}"}}')
    assert await house.open.relay.handles.find(made.owner) is None


async def test_neither_tokens_nor_capabilities_lie_in_the_clear_at_rest(tmp_path: Path) -> None:
    async with relay_house(tmp_path) as house:
        made = [await house.app(), await house.app(token=TOKEN)]
    kept = b"".join(path.read_bytes() for path in house.settings.data.iterdir() if path.name.startswith(DATABASE))
    assert hash_of(made[0].handle) in kept
    secret = [FID, TOKEN, *(each for one in made for each in (one.handle, one.owner))]
    assert [each for each in secret if each.encode() in kept] == []
    assert not any(each in repr(made) for each in secret)


async def test_an_app_that_says_nothing_for_long_is_forgotten_and_one_that_renews_is_not(house: RelayHouse) -> None:
    handles = house.open.relay.handles
    silent, there = await handles.register(FORM), await handles.register(FORM)
    house.time[0] += 300 * DAY
    await handles.renew(there.owner, FORM)
    house.time[0] += 100 * DAY
    await handles.prune()
    assert await handles.find(silent.handle) is None
    assert await handles.find(there.handle) is not None
    with pytest.raises(Gone):
        await handles.renew(silent.owner, FORM)


async def test_a_relay_that_is_full_takes_nobody_until_somebody_ends(tmp_path: Path) -> None:
    async with relay_house(tmp_path, most_handles=1) as house:
        first = await house.app()
        with pytest.raises(Unavailable) as refused:
            await house.app()
        assert refused.value.code == "relay_full"
        await house.open.relay.handles.end(first.owner)
        second = await house.app()
    async with relay_house(tmp_path, most_handles=1) as house:
        with pytest.raises(Unavailable):
            await house.app()
        await house.open.relay.handles.end(second.owner)
        with pytest.raises(Gone):
            await house.open.relay.handles.end(second.owner)
        await house.app()


async def test_an_address_that_would_reach_others_too_is_refused(house: RelayHouse) -> None:
    with pytest.raises(Invalid):
        await house.app(topic="all")
    with pytest.raises(Invalid):
        await house.app(fid=FID, registered_at="1")
