"""Mail over SMTP: TLS, the sign-in, several receivers, and what is never sent in the clear."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from notify.delivery import AddressGone, Cause, Delivered, Failed, TryLater
from notify.smtp import MOST_RECEIVERS, PORTS, Smtp, SmtpSettings
from tests.contracts.channels.numbered import mail
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_smtp import settings
from tests.fakes.smtp_server import PASSWORD, Mode, SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble

AUTHORITY = Authority()


@asynccontextmanager
async def set_up(
    mode: Mode = "starttls",
    *,
    offers_tls: bool = True,
    names: tuple[str, ...] = ("localhost",),
    tls: ssl.SSLContext | None = None,
    **changes: Any,
) -> AsyncIterator[tuple[SmtpServer, Smtp]]:
    server = SmtpServer(AUTHORITY, mode=mode, offers_tls=offers_tls, names=names)
    await server.open()
    client = Smtp(settings(server, mode, **changes), tls=tls or AUTHORITY.trusting(), clock=lambda: START)
    try:
        yield server, client
    finally:
        await client.close()
        await server.close()


async def test_the_result_names_the_servers_queue_id() -> None:
    async with set_up() as (_, smtp):
        assert await smtp.send("anna@example.se", mail()) == Delivered("4F00000001")


async def test_mail_without_tls_goes_without_password() -> None:
    async with set_up("none", username=None, password=None) as (server, smtp):
        assert isinstance(await smtp.send("anna@example.se", mail()), Delivered)
        assert server.arrived[0].headers["Auto-Submitted"] == "auto-generated"


async def test_a_server_that_hides_starttls_gets_neither_password_nor_mail() -> None:
    async with set_up(offers_tls=False) as (server, smtp):
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, Failed)
        assert result.cause is Cause.SETTINGS
        assert (server.sign_ins, server.commands) == (0, [])


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
async def test_a_server_with_a_certificate_of_somebody_elses_authority_gets_nothing(mode: Mode) -> None:
    async with set_up(mode, tls=Authority().trusting()) as (server, smtp):
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, Failed)
        assert (result.cause, "does not verify" in result.why) == (Cause.SETTINGS, True)
        assert server.commands == []


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
async def test_a_server_with_a_certificate_for_another_name_gets_nothing(mode: Mode) -> None:
    async with set_up(mode, names=("mail.evil.example",)) as (server, smtp):
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, Failed)
        assert (result.cause, "does not verify" in result.why) == (Cause.SETTINGS, True)
        assert server.commands == []


@pytest.mark.parametrize("receipt", ["lost", "garbled"])
async def test_a_server_that_took_the_letter_and_did_not_say_so_has_perhaps_sent_it(receipt: Any) -> None:
    async with set_up() as (server, smtp):
        server.receipt = receipt
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, TryLater)
        assert result.perhaps_sent
        assert len(server.arrived) == 1


async def test_a_server_that_hung_up_before_the_letter_has_not_sent_it() -> None:
    async with set_up() as (server, smtp):
        with server.plays(Trouble.HANGS_UP):
            result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, TryLater)
        assert not result.perhaps_sent


async def test_implicit_tls_at_a_port_that_speaks_plain_smtp_is_for_an_operator() -> None:
    async with set_up("none", tls=AUTHORITY.trusting(), username=None, password=None) as (server, _):
        smtp = Smtp(settings(server, "implicit"), tls=AUTHORITY.trusting(), clock=lambda: START, time_limit=2)
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, Failed)
        assert result.cause is Cause.SETTINGS


async def test_a_wrong_password_is_for_an_operator() -> None:
    async with set_up(password="wrong") as (_, smtp):
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, Failed)
        assert result.cause is Cause.SETTINGS
        assert "535" in result.why


async def test_a_sender_that_the_server_does_not_let_us_use_is_for_an_operator() -> None:
    async with set_up(sender="stranger@example.se") as (_, smtp):
        result = await smtp.send("anna@example.se", mail())
        assert isinstance(result, Failed)
        assert (result.cause, result.why) == (Cause.SETTINGS, "the server refuses the sender with 553 5.7.1")


async def test_each_of_several_receivers_has_a_result_of_their_own() -> None:
    async with set_up() as (server, smtp):
        addresses = ["anna@example.se", "nobody@example.se", "greylisted@example.se", "full@example.se"]
        addresses += ["relay@example.se", "eve@evil.example\r\nDATA", "bo@example.se"]
        results = await smtp.send_each(addresses, mail())
        kinds = {address: type(result) for address, result in results.items()}
        assert list(kinds.values()).count(Delivered) == 2
        assert kinds == {
            "anna@example.se": Delivered,
            "bo@example.se": Delivered,
            "nobody@example.se": AddressGone,
            "eve@evil.example\r\nDATA": AddressGone,
            "greylisted@example.se": TryLater,
            "full@example.se": TryLater,
            "relay@example.se": Failed,
        }
        assert [arrival.to for arrival in server.arrived] == ["anna@example.se", "bo@example.se"]
        assert {arrival.headers["To"] for arrival in server.arrived} == {"undisclosed-recipients:;"}


async def test_where_all_are_refused_nothing_is_sent() -> None:
    async with set_up() as (server, smtp):
        results = await smtp.send_each(["nobody@example.se", "greylisted@example.se"], mail())
        assert [type(result) for result in results.values()] == [AddressGone, TryLater]
        assert server.arrived == []


async def test_what_fails_for_all_is_everybodys_result() -> None:
    async with set_up() as (server, smtp):
        addresses = ["anna@example.se", "bo@example.se"]
        with server.plays(Trouble.BROKEN):
            results = await smtp.send_each(addresses, mail())
        assert [type(result) for result in results.values()] == [TryLater, TryLater]
        late = await smtp.send_each(addresses, mail(expires_at=START))
        assert [type(result) for result in late.values()] == [Failed, Failed]
        many = await smtp.send_each([f"a{number}@example.se" for number in range(MOST_RECEIVERS + 1)], mail())
        assert {type(result) for result in many.values()} == {Failed}
        assert server.arrived == []


async def test_a_refused_content_fails_for_good() -> None:
    async with set_up() as (_, smtp):
        result = await smtp.send("anna@example.se", mail(subject="SPAM for you"))
        assert isinstance(result, Failed)
        assert result.cause is Cause.PERMANENT


async def test_connections_are_kept_and_never_more_than_the_settings_say() -> None:
    async with set_up(connections=2) as (server, smtp):
        for _ in range(3):
            await asyncio.gather(*(smtp.send("anna@example.se", mail()) for _ in range(10)))
        assert len(server.arrived) == 30
        assert len(server.sessions) == 2


async def test_a_letter_announces_its_size() -> None:
    async with set_up() as (server, smtp):
        await smtp.send("anna@example.se", mail(text="a" * 5000, html=None))
        (size,) = re.findall(r" SIZE=(\d+)", server.commands[0])
        assert 5000 < int(size) < 6500


async def test_a_receiver_in_another_script_is_written_to_in_ascii() -> None:
    async with set_up() as (server, smtp):
        assert isinstance(await smtp.send("anna@räksmörgås.se", mail()), Delivered)
        assert server.arrived[0].to == "anna@xn--rksmrgs-5wao1o.se"


def table(**changes: Any) -> dict[str, Any]:
    return {"host": "mail.example.se", "sender": "hub@example.se", **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"username": "u"}, "go together"),
        ({"password": "p"}, "go together"),
        ({"username": "u", "password": "p", "tls": "none"}, "not sent without TLS"),
        ({"tls": "opportunistic"}, "Invalid enum value"),
        ({"sender": "hub"}, "stands"),
        ({"sender_name": "a\r\nBcc: b"}, "one line"),
        ({"host": "mail.example.se\r\nX"}, "regex"),
        ({"host": "mail.example.se\n"}, "regex"),
        ({"helo": "a b"}, "regex"),
        ({"helo": "hub.example.se\n"}, "regex"),
        ({"connections": 0}, ">= 1"),
        ({"port": 70000}, "<= 65535"),
        ({"validate_certs": False}, "unknown field"),
    ],
)
def test_settings_that_are_unsafe_or_half_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert(table(**changes), SmtpSettings)


def test_settings_do_not_show_their_password() -> None:
    assert PASSWORD not in repr(msgspec.convert(table(username="u", password=PASSWORD), SmtpSettings))


def test_each_way_of_tls_has_its_port() -> None:
    assert PORTS == {"starttls": 587, "implicit": 465, "none": 25}


def trusting_anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def trusting_any_name() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


def trusting_who_shows_nothing() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


@pytest.mark.parametrize(
    "tls", [None, trusting_anybody(), trusting_any_name(), trusting_who_shows_nothing()], ids=lambda it: None
)
def test_a_context_that_would_trust_anybody_is_refused(tls: ssl.SSLContext | None) -> None:
    with pytest.raises(ValueError, match="verifies"):
        Smtp(msgspec.convert(table(), SmtpSettings), tls=tls, clock=lambda: START)
