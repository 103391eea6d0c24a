"""What is trusted was refused for no reason at the moment when it is, and says which question people signed."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import HubError, Invalid
from approvals_hub.db.database import Tx
from approvals_hub.people.acting import Acting
from approvals_hub.tokens.trust_hub import TrustHub
from approvals_hub.tokens.trusted_hub import NewTrust, OfferedKey
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub


def wanted(**changes: object) -> NewTrust:
    key = OfferedKey(paserk=paserk(Ed25519SigningKey().public))
    given = {"name": "A", "issuer": "https://a.example", "audiences": ("b", "a", "b"), "keys": (key,), **changes}
    return NewTrust(**given)  # type: ignore[arg-type]  # one dict for every member


async def test_a_hub_and_then_its_further_keys_are_trusted_once(house: StaffedHub) -> None:
    trust: TrustHub = house.hub.keep_trusted_hubs.trust
    who = Acting(house.org_id, "person", house.owner.person_id, frozenset())

    async def refused(new: NewTrust) -> HubError | None:
        return await house.hub.db.run(lambda tx: trust.refuse_in(tx, house.org_id, new))

    async def trusted(new: NewTrust) -> str:
        async def work(tx: Tx) -> str:
            await tx.lock("orgs", house.org_id)
            return await trust.trust_in(tx, who, "thb_new", new, house.time.now, question="esc_1")

        return await house.hub.db.run(work)

    first = wanted()
    assert await refused(first) is None
    assert await trusted(first) == "thb_new"
    again = await refused(first)
    assert again is not None
    assert again.code == "issuer_trusted"
    more = wanted(trusted_hub_id="thb_new", audiences=())
    assert (await refused(more), await trusted(more)) == (None, "thb_new")
    for attack, code in ((more, "key_trusted"), (wanted(trusted_hub_id="thb_other"), "trusted_hub_unknown")):
        refusal = await refused(attack)
        assert refusal is not None
        assert refusal.code == code
    entries = [*await house.events("trusted_hub.added"), *await house.events("trusted_hub.key_added")]
    assert [each["escalation_id"] for each in entries] == ["esc_1"] * 3
    assert entries[0]["detail"]["audiences"] == ["a", "b"]


async def test_nobody_has_a_key_of_their_own_taken_for_one_of_this_hub(house: StaffedHub) -> None:
    trust: TrustHub = house.hub.keep_trusted_hubs.trust
    with pytest.raises(Invalid, match="its own keys"):
        await house.hub.db.run(lambda tx: trust.refuse_in(tx, house.org_id, wanted(issuer=PUBLIC_URL)))
