"""Whom agents may trust is not widened by one person where publishing takes two, and is narrowed by one at once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.changes.change_trust import trusted_lines, trusted_so_far_in
from approvals_hub.core.errors import HubError
from approvals_hub.hub import OfferedKey, PolicyDraft, TrustedHub
from approvals_hub.people.who_answers import Waiting
from approvals_hub.policies.relying_party import PARTIES_LIMIT, RelyingParty
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import paserk
from tests.unit.changes.drafted import carried_out, decided
from tests.unit.hub_fixture import Person, StaffedHub


async def two(house: StaffedHub) -> Person:
    """An admin beside the owner, where publishing takes two."""
    ada = await house.person("Ada", "admin")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    return ada


async def asked(house: StaffedHub, made: object) -> PolicyDraft:
    assert isinstance(made, Waiting)
    return (await house.hub.drafts.read.one(house.operator, made.draft_id))[0]


async def lines(house: StaffedHub, draft: PolicyDraft) -> list[str]:
    """What the owner's card says."""
    card = await house.hub.present(house.owner.credential, str(draft.escalation_id))
    assert card.action["action_type"] == f"hub.policy.{draft.change}"
    found: list[str] = card.action["payload"]["changes"]["other_changes"]
    return found


async def registry(house: StaffedHub) -> dict[str, str]:
    parties = await house.hub.policies.relying_parties.list(house.operator)
    return {each.domain: each.trust_profile for each in parties}


async def put(house: StaffedHub, by: Person, domain: str, profile: str | None) -> RelyingParty | Waiting:
    keep, fresh = house.hub.policies.relying_parties, await by.fresh()
    if profile is None:
        return await keep.remove(by.credential, domain, fresh=fresh)
    return await keep.put(by.credential, domain, profile, fresh=fresh)


async def test_an_admin_who_trusts_an_accomplices_host_waits_for_another_signature(house: StaffedHub) -> None:
    ada = await two(house)
    draft = await asked(house, await put(house, ada, "evil.example.com", "REGULATED"))
    with pytest.raises(HubError):
        await ada.answer(str(draft.escalation_id))
    await house.hub.carry_out_drafts()
    assert await registry(house) == {}
    assert await lines(house, draft) == [
        "The counterparty evil.example.com is trusted REGULATED. So far it is trusted LOW."
    ]
    assert (await decided(house, draft, house.owner)).state == "in_force"
    assert await registry(house) == {"evil.example.com": "REGULATED"}
    changed = (await house.events("relying_party.changed"))[-1]
    assert (changed["actor_id"], changed["escalation_id"]) == (ada.person_id, draft.escalation_id)
    # Whoever denies leaves it as it was.
    refused = await asked(house, await put(house, ada, "*.example.com", "HIGH"))
    assert await lines(house, refused) == [
        "Every host below example.com that has no nearer entry is trusted HIGH. So far it is trusted LOW."
    ]
    assert (await decided(house, refused, house.owner, "deny")).state == "refused"
    assert await registry(house) == {"evil.example.com": "REGULATED"}


async def test_no_chain_of_changes_that_one_person_makes_alone_trusts_a_host_more(house: StaffedHub) -> None:
    ada = await two(house)
    await house.change(
        "INSERT INTO relying_parties (org_id, domain, trust_profile, changed_at, changed_by)"
        " VALUES (:org, '*.example.com', 'HIGH', 1, 'x')",
        org=house.org_id,
    )
    # Less is done at once, by one: a name below, and the name itself.
    for domain, profile in (("bad.example.com", "LOW"), ("*.b.example.com", "MEDIUM")):
        assert isinstance(await put(house, ada, domain, profile), RelyingParty)
    # The way back up is the wide name's trust, which took two people for other hosts and not for these.
    up = await asked(house, await put(house, ada, "bad.example.com", None))
    assert await lines(house, up) == ["The counterparty bad.example.com is trusted HIGH. So far it is trusted LOW."]
    assert isinstance(await put(house, ada, "*.b.example.com", None), Waiting)
    assert isinstance(await put(house, ada, "*.example.com", "LOW"), RelyingParty)
    # By now the name above says otherwise than what people were asked about.
    await house.owner.answer(str(up.escalation_id))
    assert (await carried_out(house, up)).state == "stale"
    assert isinstance(await put(house, ada, "bad.example.com", None), RelyingParty)
    assert await registry(house) == {"*.b.example.com": "MEDIUM", "*.example.com": "LOW"}


async def test_what_two_approved_is_taken_out_again_and_a_full_list_takes_nobody(house: StaffedHub) -> None:
    ada = await two(house)
    assert (await decided(house, await asked(house, await put(house, ada, "*.a.example", "MEDIUM")), house.owner)).state
    await put(house, ada, "x.a.example", "LOW")
    up = await asked(house, await put(house, ada, "x.a.example", None))
    assert (await decided(house, up, house.owner)).state == "in_force"
    assert await registry(house) == {"*.a.example": "MEDIUM"}
    full = await asked(house, await put(house, ada, "b.example", "HIGH"))
    await house.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO relying_parties (org_id, domain, trust_profile, changed_at, changed_by)"
        " SELECT :org, 'h' || i, 'LOW', 0, 'x' FROM n",
        most=PARTIES_LIMIT - 1,
        org=house.org_id,
    )
    ended = await decided(house, full, house.owner)
    assert (ended.state, ended.cause) == ("refused", "too_many")


def key() -> OfferedKey:
    return OfferedKey(paserk=paserk(Ed25519SigningKey().public), valid_until=2_000_000_000_000)


async def trust(house: StaffedHub, by: Person, **changes: Any) -> TrustedHub | Waiting:
    given: dict[str, Any] = {"name": 'A "hub"', "issuer": "https://a.example", "keys": [key()], **changes}
    return await house.hub.keep_trusted_hubs.add(by.credential, house.org_id, **given, fresh=await by.fresh())


async def test_an_admin_who_has_a_key_of_their_own_taken_for_another_hubs_waits_for_another_signature(
    house: StaffedHub,
) -> None:
    ada, keep, first = await two(house), house.hub.keep_trusted_hubs, key()
    draft = await asked(house, await trust(house, ada, keys=[first], audiences=["us.example"]))
    assert await lines(house, draft) == [
        'Agents may rely on proofs of the hub "A \\"hub\\"" (https://a.example), also for us.example.',
        f'The key {first.paserk} of the hub "A \\"hub\\"" (https://a.example) counts until 2033-05-18T03:33:20.000Z.',
    ]
    assert await keep.list(house.operator, house.org_id) == []
    assert (await decided(house, draft, house.owner)).state == "in_force"
    [hub] = await keep.list(house.operator, house.org_id)
    assert (hub.added_by, hub.audiences, [one.paserk for one in hub.keys]) == (
        ada.person_id,
        ("us.example",),
        [first.paserk],
    )
    assert (await house.events("trusted_hub.key_added"))[-1]["escalation_id"] == draft.escalation_id

    async def further(offered: OfferedKey) -> PolicyDraft:
        made = await keep.add_keys(ada.credential, house.org_id, hub.hub_id, [offered], await ada.fresh())
        return await asked(house, made)

    second, third = await further(key()), await further(key())
    assert "Agents may rely" not in "".join(await lines(house, second))
    assert (await decided(house, second, house.owner)).state == "in_force"
    assert (await decided(house, third, house.owner)).state == "in_force"
    [hub] = await keep.list(house.operator, house.org_id)
    assert len(hub.keys) == 3
    # Less is done at once, by one person; what was asked about before does not bring it back.
    again = await further(key())
    await keep.remove(ada.credential, house.org_id, hub.hub_id)
    assert await keep.list(house.operator, house.org_id) == []
    assert (await decided(house, again, house.owner)).state == "stale"


async def test_a_key_that_was_revoked_while_people_were_asked_is_not_taken(house: StaffedHub) -> None:
    ada, keep, offered = await two(house), house.hub.keep_trusted_hubs, key()
    one = await asked(house, await trust(house, ada, keys=[offered]))
    other = await asked(house, await trust(house, ada, issuer="https://b.example", keys=[offered]))
    assert (await decided(house, one, house.owner)).state == "in_force"
    [hub] = await keep.list(house.operator, house.org_id)
    await keep.revoke_key(ada.credential, house.org_id, hub.hub_id, hub.keys[0].kid)
    ended = await decided(house, other, house.owner)
    assert (ended.state, ended.cause) == ("refused", "key_revoked")
    so_far = await house.hub.db.read(lambda tx: trusted_so_far_in(tx, one))
    assert len(trusted_lines(one, so_far)) == 2
