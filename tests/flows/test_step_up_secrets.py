"""Nothing that proves somebody is printed, answered or stored in the clear: over real HTTP, with an app and BankID."""

from __future__ import annotations

import json
from typing import Any

from structlog.testing import capture_logs

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from tests.fakes.bankid_scene import anna
from tests.flows.test_step_up import gives_up, require, waiting_question
from tests.flows.test_step_up_bankid import Country, country
from tests.flows.world import World

__all__ = ["country"]


async def stored(world: World) -> bytes:
    """Every value of every table."""
    lite = world.hub.db.__class__.__name__.startswith("Sqlite")
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not lite:
        names = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    values: list[bytes] = []
    for table in await world.hub.db.read(lambda tx: tx.rows(names)):
        for row in await world.hub.db.read(lambda tx, name=table["name"]: tx.rows(f"SELECT * FROM {name}")):  # type: ignore[misc]  # the name is bound above
            values += [value if isinstance(value, bytes) else str(value).encode() for value in dict(row).values()]
    return b"\n".join(values)


async def answered(phone: SoftwarePhone, answers: list[Any], method: str, path: str, body: Any = None) -> Any:
    """What the hub answers, kept."""
    try:
        answers.append(await phone.call(method, path, body))
    except Refused as refused:
        answers.append(refused.problem)
    return answers[-1]


async def test_no_code_key_personal_number_or_evidence_is_printed_answered_or_stored_in_the_clear(
    country: Country,
) -> None:
    world, bankid, owner = country.world, country.bankid, country.world.owner
    answers: list[Any] = []
    with capture_logs() as said:
        begun = await owner.call("POST", "/v1/factors", {"method": "totp", "fresh": await owner.fresh()})
        key = begun["shown"]["key"].replace(" ", "")
        code = world.time.code(key)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        for given in (wrong, code):
            await answered(owner, answers, "POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": {"code": given}})
        await country.link(anna())
        await require(world, methods=["bankid"])
        asking, name = await waiting_question(world, await world.agent())
        statement = await owner.look(name)
        step = await owner.begin_step_up(name, statement, "bankid", same_device=False)
        answers.append(step)
        bankid.approve(bankid.scan(step["shown"]["qr"], anna()))
        answers.append(await country.until(step["step_up_id"], "proven"))
        answers.append(await owner.send(name, statement, "approve", step_up=[step["step_up_id"]]))
        await gives_up(asking)
        for path in ("/v1/factors", f"/v1/step-ups/{begun['step_up_id']}", f"/v1/step-ups/{step['step_up_id']}"):
            await answered(owner, answers, "GET", path)
        log = await world.export()
    orders = bankid.orders.all
    secrets = {
        "the app's key": key,
        "a personal number": anna().personal_number,
        "a name": anna().surname,
        **{f"secret of QR code {place}": order.qr_start_secret for place, order in enumerate(orders)},
        **{f"signature {place}": order.completion["signature"][:60] for place, order in enumerate(orders)},
    }
    in_answers, in_log, in_database = json.dumps(answers), str(said) + str(log), await stored(world)
    assert step["step_up_id"].encode() in in_database, "the database was not looked at"
    assert [what for what, text in secrets.items() if text in in_answers] == []
    assert [what for what, text in secrets.items() if text in in_log] == []
    assert [what for what, text in secrets.items() if text.encode() in in_database] == []
    codes = {f'"{code}"', f'"{wrong}"', f"'{code}'", f"'{wrong}'"}
    assert [text for text in codes if text in in_answers or text in in_log] == []
    assert not {code.encode(), wrong.encode()} & set(in_database.split(b"\n"))
