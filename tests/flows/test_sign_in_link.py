"""Signing in by a link by mail over real HTTP and SMTP, and what the mail or the address alone is good for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.workers import Workers
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.test_step_up_codes import mail_table
from tests.flows.world import Given, World, serve, set_up

ADA = "Ada@example.com"


@dataclass
class Letters:
    """A hub that lets people in by links, and the mail server."""

    world: World
    mails: SmtpServer

    async def ask(self, email: str = ADA) -> Given:
        return await self.world.send("POST", "/v1/sign-in-links", body={"email": email})

    async def asked(self, email: str = ADA) -> tuple[dict[str, Any], str]:
        """What the asking page got, and the token of the link that came."""
        before = len(self.mails.arrived)
        page = (await self.ask(email)).json()
        async with asyncio.timeout(20):
            while True:
                # News of the account come by mail too.
                texts = "\n".join(mail.text for mail in self.mails.arrived[before:])
                found = re.search(r"/app/sign-in#link=(lnk_\S+)", texts)
                if found is not None:
                    return page, found[1]
                await asyncio.sleep(0.02)

    async def use(self, token: str, **proof: Any) -> Given:
        body = {"token": token, "transport": "bearer", **proof}
        return await self.world.send("POST", "/v1/sessions/by-link", body=body)

    async def one(self, sql: str) -> Any:
        """The only value of the only row."""
        [row] = await self.world.hub.db.read(lambda tx: tx.rows(sql))
        return dict(row).popitem()[1]

    async def change(self, sql: str) -> None:
        await self.world.hub.db.run(lambda tx: tx.execute(sql))


@pytest.fixture
async def letters(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Letters]:
    authority = Authority()
    mails = SmtpServer(authority)
    (tmp_path / "ca.pem").write_text(authority.pem())
    await mails.open()
    try:
        async with serve(
            tmp_path, url_of(database_place), sign_in={"email_link": {}}, mail=mail_table(mails, tmp_path)
        ) as world:
            workers = Workers((await set_up(world)).hub, pace=0.05)
            workers.start()
            found = Letters(world, mails)
            await found.change("UPDATE people SET email = 'ada@example.com'")
            yield found
            await workers.stop()
    finally:
        await mails.close()


async def test_a_link_opens_a_low_session_in_the_browser_that_asked_and_verifies_the_address(letters: Letters) -> None:
    page, token = await letters.asked()
    assert await letters.one("SELECT email_verified_at FROM people") is None
    given = await letters.use(token, secret=page["secret"])
    assert given.status == 201, given
    assert given.json()["person"]["person_id"] == letters.world.owner.person_id
    assert (given.json()["session"]["scope"], given.json()["session"]["acr"]) == ("full", "LOW")
    assert await letters.one("SELECT email_verified_at FROM people") is not None
    assert await letters.one("SELECT device_id FROM sessions WHERE method = 'email_link'") is None


async def test_a_link_that_is_opened_elsewhere_asks_for_the_digits_of_the_page_that_asked(letters: Letters) -> None:
    page, token = await letters.asked()
    alone = await letters.use(token)
    assert (alone.status, alone.json()["code"]) == (403, "code_needed")
    assert (await letters.use(token, code=page["code"])).status == 201


async def test_a_mail_scanner_that_follows_the_link_uses_nothing_up(letters: Letters) -> None:
    page, token = await letters.asked()
    for method in ("GET", "HEAD"):
        await letters.world.send(method, "/app/sign-in")
        await letters.world.send(method, f"/v1/sessions/by-link?token={token}")
    assert (await letters.use(token, secret=page["secret"])).status == 201


async def test_a_stolen_mail_alone_signs_nobody_in_and_its_guesses_end_the_link(letters: Letters) -> None:
    page, token = await letters.asked()
    wrong = f"{(int(page['code']) + 1) % 1_000_000:06d}"
    codes = [(await letters.use(token, code=wrong)).json()["code"] for _ in range(6)]
    assert codes == ["code_wrong"] * 5 + ["link_invalid"]
    assert (await letters.use(token, code=page["code"])).json()["code"] == "link_invalid"


async def test_a_stolen_link_that_was_used_works_no_second_time_and_that_is_recorded(letters: Letters) -> None:
    page, token = await letters.asked()
    assert (await letters.use(token, secret=page["secret"])).status == 201
    again = await letters.use(token, secret=page["secret"])
    assert (again.status, again.json()["code"]) == (401, "link_invalid")
    sql = "SELECT COUNT(*) AS n FROM audit_entries WHERE kind = 'session.refused'"
    assert await letters.one(sql) == 1


async def test_two_uses_at_once_open_one_session(letters: Letters) -> None:
    page, token = await letters.asked()
    given = await asyncio.gather(*(letters.use(token, secret=page["secret"]) for _ in range(8)))
    assert sorted(one.status for one in given) == [201] + [401] * 7


async def test_a_link_of_a_person_who_was_disabled_meanwhile_gets_the_answer_of_an_unknown_one(
    letters: Letters,
) -> None:
    page, token = await letters.asked()
    await letters.change("UPDATE people SET state = 'disabled'")
    disabled, unknown = await letters.use(token, secret=page["secret"]), await letters.use("lnk_nobody", secret="x")
    bodies = [{**given.json(), "request_id": ""} for given in (disabled, unknown)]
    assert bodies[0] == bodies[1]
    assert disabled.status == 401


async def test_a_link_lives_fifteen_minutes(letters: Letters) -> None:
    page, token = await letters.asked()
    letters.world.time.pass_seconds(15 * 60)
    assert (await letters.use(token, secret=page["secret"])).json()["code"] == "link_invalid"


async def test_an_address_that_nobody_has_gets_the_same_answer_and_no_mail(letters: Letters) -> None:
    unknown = await letters.ask("nobody-here@example.com")
    known = await letters.ask()
    assert unknown.status == known.status == 202
    shapes = [{name: (type(value), len(value)) for name, value in given.json().items()} for given in (unknown, known)]
    assert shapes[0] == shapes[1]
    async with asyncio.timeout(20):
        while not letters.mails.arrived:
            await asyncio.sleep(0.02)
    assert [letter.to for letter in letters.mails.arrived] == ["ada@example.com"]


async def test_the_answer_to_a_known_address_does_not_wait_for_the_mail_server(letters: Letters) -> None:
    """Otherwise its time would tell who has an account."""
    with letters.mails.plays(Trouble.SILENT):
        async with asyncio.timeout(5):
            assert (await letters.ask()).status == 202
        assert letters.mails.arrived == []
        letters.mails.hung_up_on.set()


async def test_a_link_that_could_not_be_sent_is_sent_later_with_another_token(letters: Letters) -> None:
    with letters.mails.plays(Trouble.BROKEN):
        page = (await letters.ask()).json()
        async with asyncio.timeout(20):
            while await letters.one("SELECT COUNT(*) AS n FROM sign_in_links WHERE token_hash IS NOT NULL") == 0:
                await asyncio.sleep(0.02)
    async with asyncio.timeout(20):
        while not letters.mails.arrived:
            letters.world.time.pass_seconds(10)
            await asyncio.sleep(0.05)
    found = re.search(r"#link=(lnk_\S+)", letters.mails.arrived[-1].text)
    assert found is not None
    assert (await letters.use(found[1], secret=page["secret"])).status == 201


async def test_neither_token_nor_secret_nor_code_lies_in_the_database(letters: Letters) -> None:
    page, token = await letters.asked()
    rows = str(
        [dict(row) for row in await letters.world.hub.db.read(lambda tx: tx.rows("SELECT * FROM sign_in_links"))]
    )
    assert not any(text in rows for text in (token, page["secret"], f"'{page['code']}'"))


async def test_a_person_is_sent_three_links_within_their_life_and_the_fourth_answer_is_the_same(
    letters: Letters,
) -> None:
    for _ in range(3):
        await letters.asked()
    assert (await letters.ask()).status == 202
    assert await letters.one("SELECT COUNT(*) AS n FROM sign_in_links WHERE person_id IS NOT NULL") == 3


async def test_too_many_links_from_one_address_are_refused_whoever_they_are_for(letters: Letters) -> None:
    for number in range(20):
        await letters.ask(f"nobody-{number}@example.com")
    refused = await letters.ask()
    assert (refused.status, refused.json()["code"]) == (429, "too_many_links")


async def test_a_page_of_another_site_signs_nobody_in_by_a_link(letters: Letters) -> None:
    page, token = await letters.asked()
    body = {"token": token, "secret": page["secret"]}
    given = await letters.world.send(
        "POST", "/v1/sessions/by-link", body=body, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (given.status, given.json()["code"]) == (403, "cross_site")


async def test_a_session_by_a_link_is_news_to_its_person(letters: Letters) -> None:
    page, token = await letters.asked()
    await letters.use(token, secret=page["secret"])
    async with asyncio.timeout(10):
        while not any("/app/devices" in mail.text for mail in letters.mails.arrived):
            await asyncio.sleep(0.02)
    assert await letters.one("SELECT kind FROM tellings") == "session.new"
