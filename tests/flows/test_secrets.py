"""No secret lies in the clear: not in the log of a hub that tells all it has to tell, not in its database."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub, Denied, register
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.statement import reason_commitment, signed_bytes
from tests.flows.commands import Commands
from tests.flows.process import served


@dataclass
class Canaries:
    """What must not be found again, by what it is; `known` may lie in the database, not in the log."""

    secret: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    def made_up(self, what: str) -> str:
        """A text that is found nowhere by chance."""
        self.secret[what] = f"canary-{secrets.token_hex(12)}"
        return self.secret[what]

    def found_in(self, text: bytes, *, log: bool) -> list[str]:
        """Which of them are there, as they are or as hexadecimal digits."""
        looked_for = {**self.secret, **(self.known if log else {})}
        return [
            what for what, word in looked_for.items() if word.encode() in text or word.encode().hex().encode() in text
        ]


@pytest.fixture
def commands(database_place: Path | str, tmp_path: Path) -> Commands:
    """The command line of a hub on a fresh database, which logs everything."""
    elsewhere = {} if isinstance(database_place, Path) else {"APPROVALS_HUB__DATABASE__URL": database_place}
    return Commands(tmp_path / "data", environment={"APPROVALS_HUB__LOG__LEVEL": "debug", **elsewhere})


async def live(commands: Commands, owner: SoftwarePhone, folder: Path) -> Canaries:
    """A day in the life of a hub, with a canary in everything that anybody sends."""
    canaries = Canaries()
    async with AsyncExitStack() as stack:
        email = f"{secrets.token_hex(8)}@example.com"
        invite = {"name": f"Ada {secrets.token_hex(8)}", "email": email}
        canaries.known |= invite
        invited = await owner.call("POST", f"/v1/orgs/{owner.org_id}/member-invites", invite)
        canaries.secret["invitation"] = invited["token"]
        ada = await stack.enter_async_context(SoftwarePhone(commands.url, name=canaries.made_up("user agent")))
        canaries.known["user agent"] = canaries.secret.pop("user agent")
        await ada.enrol(invited["token"])
        canaries.secret["session of the invitation"] = ada._token
        compared = {"digits": ada.digits, "fresh": await owner.fresh()}
        await owner.call("POST", f"/v1/devices/{ada.device_id}/confirmation", compared)
        await ada.sign_in()
        canaries.secret |= {"session": ada._token, "owner's session": owner._token}
        script = await owner.call("POST", f"/v1/orgs/{owner.org_id}/agents", {"name": "script"})
        canaries.secret["api key"] = script["api_key"]
        let_in = await owner.call("POST", f"/v1/orgs/{owner.org_id}/agent-invites", {"name": "bot"})
        canaries.secret["agent's invitation"] = let_in["invite"]
        credential = await register(commands.url, let_in["invite"], folder / "agent.json", allow_http=True)
        assert credential.seed is not None
        canaries.secret["private key"] = b64u(credential.seed)
        agent = await stack.enter_async_context(AsyncHub(credential, allow_http=True))
        await _approve_and_deny(agent, ada, canaries)
        await _attack(commands.url, canaries)
    return canaries


async def _approve_and_deny(agent: AsyncHub, ada: SoftwarePhone, canaries: Canaries) -> None:
    why = canaries.made_up("justification")
    question = await agent.ask("db.drop", {"secret": canaries.made_up("payload")}, justification=why)
    await ada.answer(question.escalation_id, "approve")
    approved = await agent.wait(question)
    canaries.secret["approval token"] = approved.token
    redeemed = await agent.redeem(approved)
    canaries.known["proof token"] = redeemed.proof_token
    await agent.report(redeemed, "failed", canaries.made_up("detail of the report"))
    question = await agent.ask("db.drop", {canaries.made_up("name of a member"): 1})
    reason = canaries.made_up("reason")
    await _deny(ada, question.escalation_id, reason)
    with pytest.raises(Denied) as denied:
        await agent.wait(question)
    assert denied.value.reason == reason


async def _deny(phone: SoftwarePhone, escalation_id: str, reason: str) -> None:
    salt = os.urandom(16)
    statement = {
        **await phone.look(escalation_id),
        "decision": "deny",
        "reason_commitment": reason_commitment(reason, salt),
    }
    body = {
        "statement": b64u(dumps(statement)),
        "signature": b64u(phone.key.sign(signed_bytes(statement))),
        "reason": reason,
        "reason_salt": b64u(salt),
    }
    await phone.call("POST", f"/v1/escalations/{escalation_id}/decisions", body)


async def _attack(url: str, canaries: Canaries) -> None:
    """Secrets where they do not belong, and words that would fake a line of the log."""
    forged = f"{canaries.made_up('forged line')}\r\n2026-01-01T00:00:00.000Z INFO approved \x1b[31mred"
    async with aiohttp.ClientSession(url) as http:
        for where, given in (
            ("path", http.get(f"/v1/{canaries.made_up('unknown path')}")),
            ("query", http.get(f"/v1/inbox?wait={canaries.made_up('query')}")),
            ("bearer", http.get("/v1/inbox", headers={"Authorization": f"Bearer ses_{canaries.made_up('bearer')}"})),
            ("key", http.get("/v1/agent", headers={"Authorization": f"Bearer ahk_{canaries.made_up('key')}"})),
            ("invite", http.post("/v1/invitations/accept", json={"token": canaries.made_up("invite")})),
            ("json", http.post("/v1/invitations/accept", data=f'{{"token": {canaries.made_up("json")}')),
            ("member", http.post("/v1/invitations/accept", json={forged: 1})),
            ("token", http.post("/v1/tokens/verify", json={"token": f"v4.public.{canaries.made_up('token')}"})),
            ("signature", http.get("/v1/agent", headers=_false_signature(canaries))),
        ):
            async with given as response:
                assert response.status < 500, where


def _false_signature(canaries: Canaries) -> dict[str, str]:
    made_up = canaries.made_up("signature")
    return {"Signature-Input": f'sig=("@method");keyid="{made_up}"', "Signature": f"sig=:{made_up}:"}


async def stored(place: Path | str) -> bytes:
    """Every byte of the database, deleted rows that are still in the file included."""
    if isinstance(place, Path):
        files = [path for path in place.rglob("*") if path.is_file() and "keys" not in path.parts]
        return b"".join(path.read_bytes() for path in files)
    connection = await asyncpg.connect(place)
    try:
        await connection.execute("SET hub.org = '*'")
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows: list[Any] = []
        for (table,) in tables:
            rows += await connection.fetch(f"SELECT * FROM {table}")
        values = [value for row in rows for value in row.values()]
        return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    finally:
        await connection.close()


async def test_neither_the_log_nor_the_database_holds_a_secret(
    commands: Commands, database_place: Path | str, tmp_path: Path
) -> None:
    async with SoftwarePhone(commands.url) as owner:
        with commands.serving():  # its announcement of the set-up link is for the terminal, and used up below
            link = await asyncio.to_thread(commands.json, "init")
            await owner.enrol(link["url"].partition("#")[2])
        log = tmp_path / "serve.log"
        async with served(commands, log):
            canaries = await live(commands, owner, tmp_path)
        text = log.read_bytes()
        held = await stored(commands.data if isinstance(database_place, Path) else database_place)
    assert canaries.known["proof token"].encode() in held, "the database was not looked at"
    assert b"The hub answers at" in text, "the log was not looked at"
    assert canaries.found_in(text, log=True) == []
    assert canaries.found_in(held, log=False) == []
    assert b"\x1b" not in text
