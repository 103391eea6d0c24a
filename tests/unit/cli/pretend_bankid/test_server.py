"""The pretend BankID over real mutual TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from approvals_hub.cli.pretend_bankid.server import PretendBankID
from tests.fakes.bankid_scene import anna, authorities

ORDER = {"endUserIp": "192.0.2.1", "userVisibleData": "R29kaw==", "userNonVisibleData": "MDA="}


@pytest.fixture
async def bankid(tmp_path: Path) -> AsyncIterator[PretendBankID]:
    made = PretendBankID(authorities(), tmp_path, lambda: 1_800_000_000_000)
    await made.start()
    yield made
    await made.stop()


def client(bankid: PretendBankID, *, certificate: bool = True) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=bankid.settings_files["server_ca"])
    if certificate:
        context.load_cert_chain(bankid.settings_files["certificate"], bankid.settings_files["key"])
    return context


async def test_an_order_is_started_signed_and_collected(bankid: PretendBankID) -> None:
    async with ClientSession() as http:
        started = await (await http.post(f"{bankid.url}/sign", json=ORDER, ssl=client(bankid))).json()
        bankid.approve(bankid.orders.take_up(bankid.newest, anna()))
        body = {"orderRef": started["orderRef"]}
        told = await (await http.post(f"{bankid.url}/collect", json=body, ssl=client(bankid))).json()
    assert told["status"] == "complete"
    assert told["completionData"]["user"]["personalNumber"] == anna().personal_number


async def test_whoever_has_no_certificate_gets_no_further_than_the_handshake(bankid: PretendBankID) -> None:
    async with ClientSession() as http:
        with pytest.raises((ClientError, OSError)):
            await http.post(f"{bankid.url}/sign", json=ORDER, ssl=client(bankid, certificate=False))
    assert bankid.calls == []


async def test_a_signature_without_words_is_refused_as_bankid_does(bankid: PretendBankID) -> None:
    without = {name: value for name, value in ORDER.items() if name != "userVisibleData"}
    async with ClientSession() as http:
        answer = await http.post(f"{bankid.url}/sign", json=without, ssl=client(bankid))
        assert (answer.status, (await answer.json())["errorCode"]) == (400, "invalidParameters")
