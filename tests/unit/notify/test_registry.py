"""Which channels there are, how they are made, and what packages from outside may and may not do."""

from __future__ import annotations

import ssl
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from notify.delivery import Delivered
from notify.message import ShortText
from notify.registry import CHANNELS, GROUP, BadSettings, Given, load
from tests.contracts.channels.stage_apns import PEM
from tests.fakes.google_push import service_account

SAMPLE = Path(__file__).parents[2] / "fakes" / "channel_plugin"

TABLES: dict[str, dict[str, Any]] = {
    "smtp": {"host": "mail.example.se", "sender": "hub@example.se"},
    "sendgrid": {"api_key": "SG.key", "sender": "hub@example.se"},
    "sms": {"sender": "Acme", "gateway": {"kind": "46elks", "username": "u", "password": "p"}},
    "webpush": {"private_key": "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "contact": "mailto:drift@example.se"},
    "fcm": {"service_account": service_account("https://oauth2.googleapis.com")},
    "relay": {"url": "https://push.example.com"},
    "webhook": {},
    "slack": {},
    "teams": {},
    "apns": {"key": PEM, "key_id": "KEYID12345", "team_id": "TEAMID1234", "topic": "example.hub.app"},
}


@pytest.fixture
async def given() -> AsyncIterator[Given]:
    async with ClientSession() as session:
        yield Given(vendors=lambda: session, tls=ssl.create_default_context(), clock=lambda: 0, time_limit=1.0)


async def test_every_channel_is_made_from_its_settings_under_its_own_name(given: Given) -> None:
    channels = load(TABLES, given)
    assert {name: channel.name for name, channel in channels.items()} == {name: name for name in CHANNELS}


async def test_only_what_the_settings_name_is_made(given: Given) -> None:
    assert load({}, given) == {}
    assert list(load({"smtp": TABLES["smtp"]}, given)) == ["smtp"]


@pytest.mark.parametrize("name", TABLES)
async def test_an_unknown_setting_is_refused_by_name(name: str, given: Given) -> None:
    with pytest.raises(BadSettings, match=f"channel {name}: .*verify_tls"):
        load({name: {**TABLES[name], "verify_tls": False}}, given)


async def test_a_setting_of_the_wrong_kind_is_told_with_its_place_and_no_secret(given: Given) -> None:
    gateway = {"kind": "46elks", "username": "u", "password": "s3cret\n"}
    with pytest.raises(BadSettings, match=r"channel sms: .*\$\.gateway\.password") as refusal:
        load({"sms": {"sender": "Acme", "gateway": gateway}}, given)
    assert "s3cret" not in str(refusal.value)


async def test_an_unknown_channel_is_refused_with_those_that_there_are(given: Given) -> None:
    with pytest.raises(BadSettings, match="no channel is called pigeon: there are smtp, "):
        load({"pigeon": {}}, given)


@pytest.mark.parametrize("name", ["", "SMTP", "a", "a-b", "../smtp", "a" * 33])
async def test_a_name_that_is_no_word_is_refused(name: str, given: Given) -> None:
    with pytest.raises(BadSettings, match="one word"):
        load({name: {}}, given)


def package(folder: Path, name: str, code: str, points: dict[str, str]) -> str:
    """Install a package of one module as pip would lay it out, and return the folder for the path."""
    place = folder / name
    info = place / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (place / f"{name}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{point} = {target}" for point, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
    return str(place)


PIGEON = """
from notify.delivery import Delivered
from notify.message import ShortText
from notify.registry import BadSettings
class Pigeon:
    name, takes = "pigeon", ShortText
    def __init__(self, loft): self._loft = loft
    async def send(self, address, message): return Delivered(f"{self._loft}-1")
    async def close(self): ...
    def masked(self, address): return "…"
def make(settings, given):
    if set(settings) != {"loft"}:
        raise BadSettings("it has one setting, loft")
    return Pigeon(settings["loft"])
"""


async def test_an_installed_packages_channel_is_made_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    monkeypatch.syspath_prepend(package(tmp_path, "pigeon_one", PIGEON, {"pigeon": "pigeon_one:make"}))
    pigeon = load({"pigeon": {"loft": "north"}}, given)["pigeon"]
    assert await pigeon.send("anna", ShortText(id="msg_1", text="A text")) == Delivered("north-1")
    with pytest.raises(BadSettings, match="channel pigeon: it has one setting"):
        load({"pigeon": {}}, given)


async def test_the_sample_package_is_made_by_its_entry_point_and_refuses_unknown_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    project = tomllib.loads((SAMPLE / "pyproject.toml").read_text())["project"]
    points = project["entry-points"][GROUP]
    code = (SAMPLE / "ntfy_channel.py").read_text()
    monkeypatch.syspath_prepend(package(tmp_path, "ntfy_channel", code, points))
    table = {"base_url": "https://ntfy.example", "token": "tk_secret"}
    assert load({"ntfy": table}, given)["ntfy"].name == "ntfy"
    with pytest.raises(BadSettings, match=r"channel ntfy: .*unknown field `keep`"):
        load({"ntfy": {**table, "keep": True}}, given)


async def test_a_package_that_the_settings_do_not_name_is_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    code = "raise SystemExit('it was loaded')"
    monkeypatch.syspath_prepend(package(tmp_path, "loud_channel", code, {"loud": "loud_channel:make"}))
    assert list(load({"smtp": TABLES["smtp"]}, given)) == ["smtp"]
    assert "loud_channel" not in sys.modules


async def test_a_package_cannot_take_the_name_of_a_channel_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    code = "raise SystemExit('it was loaded')"
    monkeypatch.syspath_prepend(package(tmp_path, "thief_channel", code, {"smtp": "thief_channel:make"}))
    assert type(load({"smtp": TABLES["smtp"]}, given)["smtp"]).__module__ == "notify.smtp"


async def test_two_packages_that_offer_the_same_name_are_refused_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    for name in ("twin_three", "twin_four"):
        monkeypatch.syspath_prepend(package(tmp_path, name, "", {"twin": f"{name}:make"}))
    with pytest.raises(BadSettings, match="twin_four and twin_three both offer"):
        load({"twin": {}}, given)


async def test_a_package_found_twice_on_the_path_is_one_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    for folder in ("one", "two"):
        place = package(tmp_path / folder, "pigeon_two", PIGEON, {"pigeon": "pigeon_two:make"})
        monkeypatch.syspath_prepend(place)
    assert load({"pigeon": {"loft": "north"}}, given)


HALF = """
from notify.message import ShortText
class Half:
    name, takes = "broken", ShortText
    async def send(self, address, message): ...
    def close(self): ...
def make(settings, given): return Half()
"""
BROKEN = {
    "a module that is not there": ("", "missing_module:make", "cannot be loaded: ModuleNotFoundError"),
    "a module that fails": ("raise KeyError('s3cret')", "broken_channel:make", "cannot be loaded: KeyError$"),
    "a name that is not there": ("", "broken_channel:make", "cannot be loaded: AttributeError"),
    "no function": ("make = 7", "broken_channel:make", "is no function"),
    "no channel": ("def make(settings, given): return None", "broken_channel:make", "does not call itself so"),
    "half a channel": (HALF, "broken_channel:make", "no coroutine close"),
    "one that masks nothing": (
        HALF.replace("def close", "async def close"),
        "broken_channel:make",
        "how an address is shown",
    ),
    "one that takes nothing": (
        HALF.replace("def close", "def masked(self, address): ...\n    async def close").replace(
            ", ShortText\n", ", str\n"
        ),
        "broken_channel:make",
        "what it takes",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_package_stops_the_start_and_says_which(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    code, target, told = BROKEN[fault]
    sys.modules.pop("broken_channel", None)
    monkeypatch.syspath_prepend(package(tmp_path, "broken_channel", code, {"broken": target}))
    with pytest.raises(BadSettings, match=f"channel broken: .*{told}"):
        load({"broken": {}}, given)
    sys.modules.pop("broken_channel", None)


CLIENTS = "{'aiohttp', 'aiosmtplib', 'aioapns', 'h2', 'firebase_admin'}"
HEAVY = f"({CLIENTS} | {{'cryptography'}} | {{'notify.' + name for name in {sorted(CHANNELS)}}})"


def test_no_channel_and_no_http_is_imported_before_it_is_named() -> None:
    code = f"import sys, notify.registry; sys.exit(bool({HEAVY} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", [f"notify.{name}" for name in CHANNELS])
def test_a_channels_module_loads_its_client_at_the_first_message_alone(module: str) -> None:
    code = f"import sys, {module}; sys.exit(bool({CLIENTS} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_channel_whose_extra_is_not_installed_says_what_to_install() -> None:
    code = (
        "import sys, ssl; sys.modules['firebase_admin'] = None\n"
        "from notify.registry import BadSettings, Given, load\n"
        "given = Given(vendors=lambda: None, tls=ssl.create_default_context(), clock=lambda: 0)\n"
        "try: load({'fcm': {'service_account': sys.argv[1]}}, given)\n"
        "except BadSettings as error: sys.exit(str(error))"
    )
    account = service_account("https://oauth2.googleapis.com")
    done = subprocess.run([sys.executable, "-c", code, account], check=False, capture_output=True, text=True)
    assert done.stderr.strip() == "channel fcm: install approvals-hub[fcm]: firebase_admin.credentials is missing"
