"""What attempts keep sealed is good for that attempt and that state alone."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Tx
from approvals_hub.stepup.sign_in_attempt import Proven
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import SignIns


async def test_what_one_attempt_keeps_does_not_open_as_anothers_or_as_a_proof(house: StaffedHub) -> None:
    ins = SignIns(house)
    attempt = (await ins.begin()).shown.attempt
    other = msgspec.structs.replace(attempt, id="sgn_other")

    async def work(tx: Tx) -> None:
        assert (await ins.ways.kept_in(tx, attempt)).shown == {"door": 1}
        with pytest.raises(SealBroken):
            await ins.ways.kept_in(tx, other)
        with pytest.raises(SealBroken):
            await ins.ways.proven_in(tx, attempt)

    await house.hub.db.read(work)


async def test_a_proof_is_kept_whole(house: StaffedHub) -> None:
    ins = SignIns(house)
    attempt = (await ins.begin()).shown.attempt
    proven = Proven(subject="ada", amr=("pwd",), binding="nonce", reported="LOW", auth_ref=None, groups=("it",))

    async def work(tx: Tx) -> Proven:
        sealed = await ins.ways.seal_kept_in(tx, attempt.id, proven)
        return await ins.ways.proven_in(tx, msgspec.structs.replace(attempt, sealed=sealed))

    assert await house.hub.db.read(work) == proven


def test_the_ways_are_listed_in_the_order_of_the_settings(house: StaffedHub) -> None:
    assert [way.title for way in SignIns(house).ways.list()] == ["Reception"]
