"""The page that plays a person's BankID app."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from approvals_hub.cli.pretend_bankid.app import WARNING, PersonsApp
from approvals_hub.cli.pretend_bankid.server import PretendBankID
from tests.fakes.bankid_scene import anna, authorities, bo

WORDS = "Approve <script>alert(1)</script> & pay"
ASKED = {"endUserIp": "192.0.2.1", "userVisibleData": b64encode(WORDS.encode()).decode()}


@pytest.fixture
async def bankid(tmp_path: Path) -> PretendBankID:
    return PretendBankID(authorities(), tmp_path, lambda: 1_800_000_000_000)


@pytest.fixture
async def app(bankid: PretendBankID) -> AsyncIterator[PersonsApp]:
    made = PersonsApp(bankid, [anna(), bo()])
    await made.start()
    yield made
    await made.stop()


async def text(app: PersonsApp) -> str:
    async with ClientSession() as http, http.get(app.url) as answer:
        return await answer.text()


async def act(app: PersonsApp, order: str, headers: dict[str, str] | None = None, **form: Any) -> tuple[int, str]:
    async with ClientSession() as http, http.post(f"{app.url}orders/{order}", data=form, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_every_page_says_that_it_is_no_bankid(app: PersonsApp) -> None:
    assert WARNING in await text(app)
    assert WARNING in (await act(app, "unknown", person="x", do="sign"))[1]


async def test_the_words_are_shown_as_text_and_run_nothing(app: PersonsApp, bankid: PretendBankID) -> None:
    bankid.orders.start("sign", ASKED)
    shown = await text(app)
    assert "Approve &lt;script&gt;alert(1)&lt;/script&gt; &amp; pay" in shown
    assert "<script" not in shown


async def test_the_chosen_person_signs(app: PersonsApp, bankid: PretendBankID) -> None:
    order = bankid.orders.start("sign", ASKED)
    status, shown = await act(app, order.order_ref, person=bo().personal_number, do="sign")
    assert (status, order.status, order.opened_by) == (200, "complete", bo())
    assert "Signed as Bo Öberg" in shown


async def test_whoever_declines_signs_nothing(app: PersonsApp, bankid: PretendBankID) -> None:
    order = bankid.orders.start("sign", ASKED)
    await act(app, order.order_ref, person=anna().personal_number, do="decline")
    assert (order.status, order.hint, order.completion) == ("failed", "userCancel", None)


async def test_the_way_back_to_the_hub_is_a_link(app: PersonsApp, bankid: PretendBankID) -> None:
    back = "http://localhost:1/return#return_nonce=abc"
    order = bankid.orders.start("sign", {**ASKED, "returnUrl": back})
    assert f'href="{back}"' in (await act(app, order.order_ref, person=anna().personal_number, do="sign"))[1]


async def test_a_form_of_another_site_signs_nothing(app: PersonsApp, bankid: PretendBankID) -> None:
    order = bankid.orders.start("sign", ASKED)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    status, _ = await act(app, order.order_ref, elsewhere, person=anna().personal_number, do="sign")
    assert (status, order.status) == (403, "pending")


async def test_an_order_that_has_ended_is_not_signed(app: PersonsApp, bankid: PretendBankID) -> None:
    order = bankid.orders.start("sign", ASKED)
    bankid.orders.fail(order, "cancelled")
    assert (await act(app, order.order_ref, person=anna().personal_number, do="sign"))[0] == 404
