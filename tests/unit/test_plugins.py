"""What the settings name is made, and nothing else is loaded."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from ssl import CERT_REQUIRED
from typing import Any

import pytest
from aiohttp import ClientSession

from approvals_hub.core.authorities import shared
from approvals_hub.core.errors import Invalid
from approvals_hub.outbound import stranger_session, vendor_session
from approvals_hub.plugins import NOTHING, Given, callbacks_by, outlets, step_up_providers
from approvals_hub.stepup.passkey import relying_party
from tests.fakes.step_up_plugin.installed import installed, with_entry_points


@pytest.fixture
async def opened() -> AsyncIterator[list[ClientSession]]:
    """The sessions for vendors that were asked for."""
    sessions: list[ClientSession] = []
    yield sessions
    for session in sessions:
        await session.close()


def given(folder: Path, opened: list[ClientSession]) -> Given:
    def vendors() -> ClientSession:
        opened.append(vendor_session())
        return opened[-1]

    return Given(relying_party("https://hub.example"), lambda: 1_800_000_000_000, bytes(32), folder, vendors)


def made(tables: dict[str, Any], folder: Path, opened: list[ClientSession]) -> list[str]:
    return sorted(step_up_providers(tables, given(folder, opened)))


async def test_what_needs_no_vendor_is_there_without_settings(tmp_path: Path, opened: list[ClientSession]) -> None:
    assert made({}, tmp_path, opened) == ["totp", "webauthn"]
    assert opened == [], "nobody outside is called, so no session for it is opened"


async def test_what_calls_agents_back_opens_no_session_for_vendors(tmp_path: Path, opened: list[ClientSession]) -> None:
    assert callbacks_by({}, given(tmp_path, opened)).name == "webhook"
    assert opened == [], "a hub that calls nobody loads no HTTP client"


async def test_a_way_is_taken_away_by_its_table(tmp_path: Path, opened: list[ClientSession]) -> None:
    assert made({"totp": {"off": True}}, tmp_path, opened) == ["webauthn"]
    assert made({"totp": {"off": False, "issuer": "Acme"}}, tmp_path, opened) == ["totp", "webauthn"]


@pytest.mark.parametrize("off", ["true", 1, 0, None, []])
async def test_off_that_is_neither_true_nor_false_is_refused(
    tmp_path: Path, opened: list[ClientSession], off: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        made({"totp": {"off": off}}, tmp_path, opened)
    assert refused.value.field == "step_up.totp"


@pytest.mark.parametrize(
    "tables",
    [
        {"totp": {"isuer": "Acme"}},
        {"palm_reading": {}},
        {"recovery_codes": {"fail_open": True}},
        {"bankid": {"url": "http://plain.example"}},
    ],
)
async def test_settings_that_cannot_be_meant_stop_the_start(
    tmp_path: Path, opened: list[ClientSession], tables: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        made(tables, tmp_path, opened)
    assert next(iter(tables)) in str(refused.value)
    assert refused.value.next_step is not None


async def test_a_package_that_the_settings_name_is_loaded(
    tmp_path: Path, opened: list[ClientSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(installed(tmp_path))
    assert made({"spoken_word": {}}, tmp_path, opened) == ["spoken_word", "totp", "webauthn"]


async def test_a_package_that_the_settings_do_not_name_is_not_even_imported(
    tmp_path: Path, opened: list[ClientSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uninvited.py").write_text("raise RuntimeError('nobody asked for this')\n")
    monkeypatch.syspath_prepend(with_entry_points(tmp_path, "uninvited", {"uninvited": "uninvited:make"}))
    assert made({}, tmp_path, opened) == ["totp", "webauthn"]
    assert "uninvited" not in sys.modules


async def test_a_package_that_fails_while_it_is_loaded_stops_the_start_and_is_not_quoted(
    tmp_path: Path, opened: list[ClientSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_way.py").write_text("raise RuntimeError('5ecret')\n")
    monkeypatch.syspath_prepend(with_entry_points(tmp_path, "broken", {"broken": "broken_way:make"}))
    with pytest.raises(Invalid) as refused:
        made({"broken": {}}, tmp_path, opened)
    assert "5ecret" not in str(refused.value)


async def test_a_channel_of_a_package_that_stops_verifying_servers_does_so_for_itself_alone(
    tmp_path: Path, opened: list[ClientSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "careless.py").write_text(
        "from tests.unit.reach_house import Pager\n"
        "def make(settings, given):\n"
        "    given.tls.check_hostname = False\n"
        "    given.tls.verify_mode = 0\n"
        "    return Pager()\n"
    )
    points = {"pager": "careless:make"}
    monkeypatch.syspath_prepend(with_entry_points(tmp_path, "careless", points, group="approvals_hub.channel"))
    outlets({"phone": {"kind": "pager"}}, NOTHING, given(tmp_path, opened))
    assert (shared(None).check_hostname, shared(None).verify_mode) == (True, CERT_REQUIRED)


async def test_a_package_cannot_take_the_name_of_a_way_of_ours(
    tmp_path: Path, opened: list[ClientSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken.py").write_text("raise RuntimeError('loaded in the place of ours')\n")
    monkeypatch.syspath_prepend(with_entry_points(tmp_path, "taken", {"webauthn": "taken:make"}))
    assert made({}, tmp_path, opened) == ["totp", "webauthn"]
    assert "taken" not in sys.modules


@pytest.mark.parametrize("networks", [["nowhere"], "10.0.0.0/8", 7])
async def test_networks_of_a_channel_that_are_none_stop_the_start(
    tmp_path: Path, opened: list[ClientSession], networks: Any
) -> None:
    outside = replace(given(tmp_path, opened), session=lambda tls, inner: stranger_session(inner or (), tls))
    table = {"kind": "slack", "private_networks": networks}
    with pytest.raises(Invalid) as refused:
        outlets({"ops": table}, NOTHING, outside)
    assert refused.value.field == "channels.ops.private_networks"
