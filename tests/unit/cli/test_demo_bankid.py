"""BankID's part of the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals_hub.cli.demo_bankid import ORGANISATION, DemoBankID
from approvals_hub.config import load


@pytest.fixture
async def bankid(tmp_path: Path) -> AsyncIterator[DemoBankID]:
    made = await DemoBankID.start(tmp_path)
    yield made
    await made.stop()


async def test_the_hub_that_reads_the_settings_asks_this_bankid(bankid: DemoBankID, tmp_path: Path) -> None:
    bankid.write_settings(tmp_path / "data")
    found = load(None, {"APPROVALS_HUB__DATA": str(tmp_path / "data")})
    assert found.step_up["bankid"] == {"url": bankid.bankid.url, **bankid.bankid.settings_files}
    assert bankid.bankid.url.startswith("https://127.0.0.1:")


async def test_the_person_is_told_that_it_is_a_pretend_one_and_where_its_app_is(bankid: DemoBankID) -> None:
    told: list[str] = []
    bankid.introduce(told.append)
    assert "PRETEND BANKID" in told[0]
    assert bankid.app.url in told[0]


def test_every_page_of_the_demos_hub_names_it() -> None:
    assert "pretend BankID" in ORGANISATION
