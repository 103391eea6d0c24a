"""Opening a recovery: one at a time, with secrets that nobody can guess."""

from __future__ import annotations

from approvals_hub.people.session import token_hash
from approvals_hub.stepup.open_recovery import new_recovery_secrets
from tests.fakes.lost_keys import Lost


async def test_a_new_recovery_takes_the_place_of_the_one_before(lost: Lost) -> None:
    codes = await lost.codes()
    first = await lost.by_code(codes[0])
    second = await lost.by_code(codes[1])
    assert [await lost.state(first), await lost.state(second)] == ["revoked", "pending"]
    assert (await lost.recovery(first)).cause == "replaced"


async def test_of_a_links_token_only_the_hash_is_kept(lost: Lost) -> None:
    token = await lost.link()
    rows = await lost.house.rows("SELECT token_hash, purpose FROM person_invites WHERE purpose = 'recover'")
    assert [bytes(row["token_hash"]) for row in rows] == [token_hash(token)]


async def test_the_link_that_stands_for_a_code_is_spent_from_the_beginning(lost: Lost) -> None:
    await lost.by_code((await lost.codes())[0])
    [row] = await lost.house.rows("SELECT used_at FROM person_invites WHERE purpose = 'recover'")
    assert row["used_at"] is not None


def test_secrets_are_new_each_time_and_not_printed() -> None:
    one, other = new_recovery_secrets(), new_recovery_secrets()
    assert len({one.token, other.token, one.recovery_id, other.recovery_id, one.invite_id, other.invite_id}) == 6
    assert one.token not in repr(one)
