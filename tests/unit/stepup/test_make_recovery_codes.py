"""Making recovery codes."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, Unauthenticated
from tests.fakes.lost_keys import Lost


async def test_ten_codes_are_shown_once_and_lie_sealed(lost: Lost) -> None:
    codes = await lost.codes()
    assert len(set(codes)) == 10
    [row] = await lost.house.rows("SELECT method, sealed FROM factors WHERE removed_at IS NULL")
    assert row["method"] == "recovery_codes"
    assert not any(code.encode() in bytes(row["sealed"]) for code in codes)


async def test_how_many_are_left_is_counted(lost: Lost) -> None:
    make = lost.house.hub.make_recovery_codes
    assert (await make.left(lost.ada.credential)).left == 0
    codes = await lost.codes()
    assert (await make.left(lost.ada.credential)).left == 10
    await lost.by_code(codes[3])
    assert (await make.left(lost.ada.credential)).left == 9


async def test_a_new_set_voids_the_one_before(lost: Lost) -> None:
    before = await lost.codes()
    await lost.codes()
    with pytest.raises(Unauthenticated):
        await lost.by_code(before[0])
    kinds = [event["detail"]["method"] for event in await lost.house.events("factor.removed")]
    assert kinds == ["recovery_codes"]


async def test_a_stolen_session_makes_no_codes(lost: Lost) -> None:
    with pytest.raises(Forbidden) as refused:
        await lost.house.hub.make_recovery_codes(lost.ada.credential, None)
    assert refused.value.code == "fresh_factor_needed"
    assert await lost.house.rows("SELECT id FROM factors") == []


async def test_the_person_is_told_of_new_codes(lost: Lost) -> None:
    await lost.codes()
    assert await lost.told("factor.added") == [lost.ada.person_id]
