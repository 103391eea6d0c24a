"""No secret lies in the clear: not in the database, not in the log, not in what the hub prints."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from approvals_hub.audit.filter import EVERYTHING
from approvals_hub.core.errors import HubError
from approvals_hub.people.invite import Invitation
from approvals_hub_client.canonical import dumps, sha256_text, unb64u
from approvals_hub_client.statement import similarity_hash
from tests.unit.hub_fixture import HERE, StaffedHub

CANARY = "canary-7f3a"


async def everything_stored(house: StaffedHub) -> bytes:
    """Every value of every table, one after the other."""
    if house.place.database.startswith("sqlite:"):
        names = await house.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        names = await house.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    values: list[bytes] = []
    for name in names:
        for row in await house.rows(f"SELECT * FROM {name['name']}"):
            for value in dict(row).values():
                values.append(value if isinstance(value, bytes) else str(value).encode())
    assert len(values) > 500
    return b"\n".join(values)


async def used(house: StaffedHub) -> dict[str, str]:
    """Put a canary everywhere, do everything once, and give back every secret that was handed out."""
    secrets: dict[str, str] = {}
    bea = await house.person("Beatrixia")
    invited = await house.hub.invite_person(house.operator, Invitation(name="Adalbertina"))
    secrets["invitation of a person"] = invited.token
    opened = await house.hub.accept_invitation(invited.token, HERE)
    secrets["session"] = opened.session.token
    secrets["invitation of an agent"] = (await house.hub.invite_agent(house.operator, house.org_id, name="bot")).token
    script = await house.api_key_agent()
    secrets["API key"] = str(script.api_key)
    payload = {"note": CANARY, CANARY: 1}
    token = await house.bot.approved(house.bot.action(payload=payload), by=bea, justification=f"please {CANARY}")
    secrets["approval token"] = token.text
    redeemed = await token.redeem()
    await house.hub.report(token.jti, status="done", detail=f"did {CANARY}", proof_token=redeemed.proof_token)
    asked = await house.bot.ask(house.bot.action(payload=payload))
    await bea.answer(asked.escalation.id, "deny", reason=f"no {CANARY}")
    other = await house.bot.approved(house.bot.action(payload=payload), by=bea)
    with pytest.raises(HubError):
        await other.redeem(action={**other.action, "payload": {"note": CANARY + "!"}})
    while await house.hub.sealer.seal_all():
        pass
    return secrets


async def test_what_was_asked_and_written_is_not_in_the_database_in_the_clear(house: StaffedHub) -> None:
    await used(house)
    assert CANARY.encode() not in await everything_stored(house)


async def test_no_token_that_was_handed_out_is_in_the_database(house: StaffedHub) -> None:
    secrets = await used(house)
    stored = await everything_stored(house)
    assert [name for name, secret in secrets.items() if secret.encode() in stored] == []
    assert [name for name, secret in secrets.items() if (secret.partition("_")[2] or secret).encode() in stored] == []


async def test_a_payload_guessed_right_is_confirmed_by_nothing_in_the_database_or_the_export(
    house: StaffedHub,
) -> None:
    await house.person("Bea")
    action = house.bot.action()
    asking = house.bot.asking(action)
    opened = (await house.hub.escalate(house.bot.credential(), asking)).escalation
    while await house.hub.sealer.seal_all():
        pass
    guessed = [sha256_text(dumps(action)), similarity_hash(action), asking.request_hash.decode(), opened.salt]
    lines = [piece async for piece in house.hub.read_audit.export.lines(house.org_id, EVERYTHING)]
    held = await everything_stored(house) + b"".join(lines)
    assert opened.action_hash.encode() in held, "what is stored was not looked at"
    assert [text for text in guessed if text.encode() in held] == []


async def test_no_private_key_is_in_the_database(house: StaffedHub) -> None:
    await used(house)
    stored = await everything_stored(house)
    for key in house.hub.ring.all("token") + house.hub.ring.all("log"):
        assert key.seed is not None
        assert key.seed not in stored
    for kek in house.hub.vault.keks.keys.values():
        assert kek not in stored


async def test_the_export_names_nobody_and_holds_no_payload(house: StaffedHub) -> None:
    await used(house)
    lines = b"".join([piece async for piece in house.hub.read_audit.export.lines(house.org_id, EVERYTHING)])
    assert b'"token.reported"' in lines
    # Long enough that no hash spells them by chance.
    for word in (CANARY, "Adalbertina", "Beatrixia", "192.0.2.1", "customers", "please", "Owner"):
        assert word.encode() not in lines


async def test_nothing_of_it_is_printed(house: StaffedHub) -> None:
    with capture_logs() as said:
        secrets = await used(house)
    text = str(said)
    assert CANARY not in text
    assert [name for name, secret in secrets.items() if secret in text] == []


async def test_the_sealed_question_opens_with_the_organisations_key_alone(house: StaffedHub) -> None:
    asked = await house.bot.ask(house.bot.action(payload={"note": CANARY}))
    [row] = await house.rows("SELECT sealed FROM escalations")
    context = f"escalation:{asked.escalation.id}"
    plain = await house.hub.db.run(lambda tx: house.hub.vault.unseal_in(tx, house.org_id, row["sealed"], context))
    assert CANARY.encode() in plain
    assert unb64u(asked.escalation.salt) not in row["sealed"]
