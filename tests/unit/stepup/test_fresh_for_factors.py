"""Whatever changes how a person proves who they are takes the present factor, used just now, and is told to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pyotp
import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.stepup.fresh import Fresh
from approvals_hub.stepup.link_factor import LinkAsked
from approvals_hub_client.keys import Ed25519SigningKey
from tests.unit.hub_fixture import StaffedHub

TOTP = LinkAsked(method="totp", name="app", given={})


async def linked(house: StaffedHub) -> str:
    """An authenticator app that is tied to the owner: the factor's id."""
    owner = house.owner
    begun = await house.hub.link_factor(owner.credential, TOTP, await owner.fresh())
    code = pyotp.TOTP(begun.shown["key"].replace(" ", "")).at(house.time.now // 1000)
    await house.hub.complete_step_up(owner.credential, begun.step.id, {"code": code}, source="192.0.2.1")
    [row] = await house.rows("SELECT id FROM factors WHERE removed_at IS NULL")
    return str(row["id"])


async def told(house: StaffedHub) -> list[str]:
    rows = await house.rows("SELECT kind FROM outbox WHERE person_id = :id ORDER BY id", id=house.owner.person_id)
    return [row["kind"] for row in rows]


Change = Callable[[StaffedHub, Fresh | None], Awaitable[Any]]


def link(house: StaffedHub, fresh: Fresh | None) -> Awaitable[Any]:
    return house.hub.link_factor(house.owner.credential, TOTP, fresh)


async def unlink(house: StaffedHub, fresh: Fresh | None) -> None:
    [row] = await house.rows("SELECT id FROM factors")
    await house.hub.factors.remove(house.owner.credential, row["id"], fresh)


def revoke(house: StaffedHub, fresh: Fresh | None) -> Awaitable[Any]:
    return house.hub.revoke_device(house.owner.credential, house.owner.device_id, fresh)


def sign_out(house: StaffedHub, fresh: Fresh | None) -> Awaitable[Any]:
    return house.hub.sign_out(house.owner.credential, house.owner.device_id, fresh)


def forget_browser(house: StaffedHub, fresh: Fresh | None) -> Awaitable[Any]:
    return house.hub.end_session(house.owner.credential, forget_device=True, fresh=fresh)


def make_codes(house: StaffedHub, fresh: Fresh | None) -> Awaitable[Any]:
    return house.hub.make_recovery_codes(house.owner.credential, fresh)


@pytest.mark.parametrize("change", [link, unlink, revoke, sign_out, forget_browser, make_codes])
async def test_a_stolen_session_changes_no_factor(house: StaffedHub, change: Change) -> None:
    await linked(house)
    before = await told(house)
    with pytest.raises(Forbidden) as refused:
        await change(house, None)
    assert (refused.value.code, await told(house)) == ("fresh_factor_needed", before)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (unlink, "factor.removed"),
        (revoke, "device.revoked"),
        (sign_out, "device.revoked"),
        (make_codes, "factor.added"),
    ],
)
async def test_the_person_is_told_of_every_change(house: StaffedHub, change: Change, kind: str) -> None:
    await linked(house)
    await change(house, await house.owner.fresh())
    assert (await told(house))[-1] == kind


async def test_the_person_is_told_of_a_new_way_and_of_a_new_key(house: StaffedHub) -> None:
    await linked(house)
    await house.owner.further_device(Ed25519SigningKey())
    assert (await told(house))[-2:] == ["factor.added", "device.enrolled"]


async def test_a_factor_that_was_used_for_one_change_is_good_for_no_other(house: StaffedHub) -> None:
    await linked(house)
    fresh = await house.owner.fresh()
    await make_codes(house, fresh)
    with pytest.raises(Exception, match="challenge is not valid"):
        await revoke(house, fresh)
