"""Who may say whose proofs count, and that trusting less works at once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound
from approvals_hub.tokens.trusted_hub import HUBS_LIMIT, KEYS_LIMIT, OfferedKey, TrustedHub
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub, code_of


def key() -> OfferedKey:
    return OfferedKey(paserk=paserk(Ed25519SigningKey().public))


async def added(house: StaffedHub, by: Any = None, **changes: Any) -> TrustedHub:
    given: dict[str, Any] = {"name": "Alice's hub", "issuer": "https://a.example", "keys": [key()], **changes}
    return await house.hub.keep_trusted_hubs.add(by or house.operator, house.org_id, **given)


async def test_a_hub_that_was_added_is_listed_with_its_keys_and_recorded(house: StaffedHub) -> None:
    hub = await added(house, audiences=["us.example", "us.example"])
    assert hub.audiences == ("us.example",)
    assert await house.hub.keep_trusted_hubs.list(house.owner.credential, house.org_id) == [hub]
    [entry] = await house.events("trusted_hub.added")
    assert entry["detail"]["issuer"] == "https://a.example"
    [entry] = await house.events("trusted_hub.key_added")
    assert entry["detail"] == {"trusted_hub_id": hub.hub_id, "kid": hub.keys[0].kid}


async def test_an_owner_needs_a_fresh_factor_to_trust_more_and_none_to_trust_less(house: StaffedHub) -> None:
    with pytest.raises(HubError) as stale:
        await added(house, house.owner.credential)
    assert code_of(stale.value).startswith("fresh")
    hub = await added(house, house.owner.credential, fresh=await house.owner.fresh())
    keep, owner = house.hub.keep_trusted_hubs, house.owner.credential
    with pytest.raises(HubError):
        await keep.add_keys(owner, house.org_id, hub.hub_id, [key()])
    left = await keep.revoke_key(owner, house.org_id, hub.hub_id, hub.keys[0].kid)
    assert left.keys[0].cause == "revoked"
    gone = await keep.remove(owner, house.org_id, hub.hub_id)
    assert gone.issuer == hub.issuer
    assert await keep.list(owner, house.org_id) == []
    assert [len(await house.events(f"trusted_hub.{what}")) for what in ("key_revoked", "removed")] == [1, 1]


async def test_an_approver_neither_reads_nor_changes_them(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    for call in (
        house.hub.keep_trusted_hubs.list(ada.credential, house.org_id),
        added(house, ada.credential, fresh=await ada.fresh()),
        house.hub.keep_trusted_hubs.remove(ada.credential, house.org_id, "thb_0"),
    ):
        with pytest.raises(Forbidden):
            await call


async def test_two_entries_of_one_issuer_or_key_are_refused(house: StaffedHub) -> None:
    hub = await added(house)
    for changes, code in (
        ({}, "issuer_trusted"),
        ({"issuer": "https://b.example", "keys": [OfferedKey(paserk=hub.keys[0].paserk)]}, "key_trusted"),
    ):
        with pytest.raises(Conflict) as refused:
            await added(house, **changes)
        assert code_of(refused.value) == code


async def test_a_revoked_key_never_comes_back_and_that_of_a_removed_hub_may(house: StaffedHub) -> None:
    keep = house.hub.keep_trusted_hubs
    hub = await added(house, keys=[key(), key()])
    first, second = (OfferedKey(paserk=one.paserk) for one in hub.keys)
    for _ in range(2):
        await keep.revoke_key(house.operator, house.org_id, hub.hub_id, hub.keys[0].kid)
    with pytest.raises(Conflict) as refused:
        await keep.add_keys(house.operator, house.org_id, hub.hub_id, [first])
    assert code_of(refused.value) == "key_revoked"
    await keep.remove(house.operator, house.org_id, hub.hub_id)
    with pytest.raises(Conflict):
        await added(house, keys=[first])
    assert (await added(house, keys=[second])).keys[0].kid == hub.keys[1].kid


async def test_the_own_hub_is_entered_for_its_names_alone(house: StaffedHub) -> None:
    assert (await added(house, issuer=PUBLIC_URL, keys=[], audiences=["us.example"])).keys == ()
    with pytest.raises(HubError) as refused:
        await added(house, issuer=PUBLIC_URL)
    assert code_of(refused.value) == "keys_of_own_hub"


async def test_limits_hold_the_list_short(house: StaffedHub) -> None:
    hub = await added(house)
    keep = house.hub.keep_trusted_hubs
    with pytest.raises(Conflict) as refused:
        await keep.add_keys(house.operator, house.org_id, hub.hub_id, [key() for _ in range(KEYS_LIMIT)])
    assert code_of(refused.value) == "trusted_hubs_limit"
    for number in range(HUBS_LIMIT - 1):
        await house.change(
            "INSERT INTO trusted_hubs (id, org_id, name, issuer, audiences, added_at, added_by)"
            " VALUES (:id, :org, 'x', :id, '[]', 0, 'x')",
            id=f"thb_{number}",
            org=house.org_id,
        )
    with pytest.raises(Conflict):
        await added(house, issuer="https://one.more.example")


async def test_what_is_not_there_is_not_found(house: StaffedHub) -> None:
    keep, hub = house.hub.keep_trusted_hubs, await added(house)
    for call in (
        keep.remove(house.operator, house.org_id, "thb_0"),
        keep.add_keys(house.operator, house.org_id, "thb_0", [key()]),
        keep.revoke_key(house.operator, house.org_id, "thb_0", "x"),
        keep.revoke_key(house.operator, house.org_id, hub.hub_id, "x"),
        keep.list(house.owner.credential, "org_other"),
    ):
        with pytest.raises(NotFound):
            await call
