"""Which providers there are, how they are made, and what packages from outside may and may not do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from identity.code_mail import Mail
from identity.one_time_code import Sent
from identity.proof import Factor
from identity.registry import PROVIDERS, BadSettings, Given, load
from identity.webauthn import RelyingParty
from tests.contracts.step_up import asked
from tests.fakes.step_up_plugin.installed import installed, with_entry_points


async def send_mail(address: str, message: Mail) -> Sent:
    return Sent()


async def send_text(address: str, message: str) -> Sent:
    return Sent()


def given(**changes: Any) -> Given:
    members: dict[str, Any] = {"send_mail": send_mail, "send_text": send_text, **changes}
    party = RelyingParty("hub.example", "Hub", ("https://hub.example",))
    return Given(relying_party=party, clock=lambda: asked.START, code_key=bytes(32), **members)


TABLES: dict[str, dict[str, Any]] = {
    "totp": {"issuer": "Acme", "steps_off": 1},
    "recovery_codes": {},
    "email_otp": {"digits": 8},
    "sms_otp": {"allowed_prefixes": ["+467"]},
    "webauthn": {},
}


def test_every_provider_is_made_from_its_settings_under_its_own_name() -> None:
    providers = load(TABLES, given())
    assert {name: provider.name for name, provider in providers.items()} == {name: name for name in TABLES}
    assert set(TABLES) <= set(PROVIDERS)


def test_only_what_the_settings_name_is_made() -> None:
    assert load({}, given()) == {}
    assert list(load({"totp": {}}, given())) == ["totp"]


@pytest.mark.parametrize("name", TABLES)
def test_an_unknown_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadSettings, match=f"{name}: .*fail_open"):
        load({name: {**TABLES[name], "fail_open": True}}, given())


def test_a_setting_of_the_wrong_kind_is_told_with_its_place() -> None:
    with pytest.raises(BadSettings, match=r"email_otp: .*int.*\$\.digits"):
        load({"email_otp": {"digits": "eight"}}, given())


@pytest.mark.parametrize(("name", "sender"), [("email_otp", "send_mail"), ("sms_otp", "send_text")])
def test_a_provider_that_sends_is_not_made_without_a_sender(name: str, sender: str) -> None:
    with pytest.raises(BadSettings, match="no way to send"):
        load({name: TABLES[name]}, given(**{sender: None}))


@pytest.mark.parametrize("kind", ["totp", "spoken_word", 7, None])
def test_a_name_of_ours_given_to_another_kind_is_refused(kind: Any) -> None:
    with pytest.raises(BadSettings, match="webauthn: this name is of its own kind"):
        load({"webauthn": {"kind": kind}}, given())


def test_a_kind_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadSettings, match="mine: its kind is no text"):
        load({"mine": {"kind": ["totp"]}}, given())


def test_a_kind_that_has_one_name_takes_no_other() -> None:
    with pytest.raises(BadSettings, match="app: what was made does not call itself so"):
        load({"app": {"kind": "totp"}}, given())


def test_a_provider_that_asks_a_vendor_is_not_made_without_a_session() -> None:
    files = dict.fromkeys(("certificate", "key", "server_ca", "people_ca"), "missing.pem")
    with pytest.raises(BadSettings, match=r"bankid: .*calls a vendor"):
        load({"bankid": files}, given())


async def test_certificates_that_cannot_be_read_stop_the_start() -> None:
    files = dict.fromkeys(("certificate", "key", "server_ca", "people_ca"), "missing.pem")
    async with ClientSession() as session:
        with pytest.raises(BadSettings, match=r"bankid: .*cannot be loaded"):
            load({"bankid": files}, given(vendors=lambda: session))


def test_an_unknown_provider_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadSettings, match="no step-up provider is called bank_id: there are totp, "):
        load({"bank_id": {}}, given())


async def test_an_installed_packages_provider_is_made_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(installed(tmp_path))
    provider = load({"spoken_word": {"words": {"anna": ["00" * 32]}}}, given())["spoken_word"]
    challenge = await provider.begin(Factor({"person": "anna"}), asked.step_up(asked.START))
    assert challenge.shown == {}


def test_one_package_may_be_asked_for_under_several_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed(tmp_path))
    found = load({"north": {"kind": "spoken_word"}, "south": {"kind": "spoken_word"}}, given())
    assert [provider.name for provider in found.values()] == ["north", "south"]


def test_a_setting_that_an_outside_provider_does_not_know_is_told_as_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(installed(tmp_path))
    for wrong, told in (
        ({"fail_open": True}, "there is no setting fail_open"),
        ({"words": {"anna": ["juniper"]}}, "words: for each name a list of SHA-256 in hex"),
        ({"most_letters": True}, "most_letters: a number above 0"),
    ):
        with pytest.raises(BadSettings, match=f"step-up provider spoken_word: {told}"):
            load({"spoken_word": wrong}, given())


def package(folder: Path, name: str, code: str, points: dict[str, str]) -> str:
    """Install a package of one module, and return the folder for the path."""
    place = folder / name
    place.mkdir()
    (place / f"{name}.py").write_text(code)
    return str(with_entry_points(place, name, points))


def test_a_package_that_the_settings_do_not_name_is_never_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = package(tmp_path, "loud_one", "raise SystemExit('it was loaded')", {"loud": "loud_one:make"})
    monkeypatch.syspath_prepend(loud)
    assert list(load({"totp": {}}, given())) == ["totp"]
    assert "loud_one" not in sys.modules


def test_a_package_cannot_take_the_name_of_a_provider_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thief = package(tmp_path, "thief_one", "raise SystemExit('it was loaded')", {"webauthn": "thief_one:make"})
    monkeypatch.syspath_prepend(thief)
    assert type(load({"webauthn": {}}, given())["webauthn"]).__module__ == "identity.passkey_step_up"


def test_a_provider_that_calls_its_proofs_by_a_stronger_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "def make(name, settings, given):\n    return type('Liar', (), {'name': 'webauthn'})()\n"
    monkeypatch.syspath_prepend(package(tmp_path, "liar_one", code, {"liar": "liar_one:make"}))
    with pytest.raises(BadSettings, match="does not call itself so"):
        load({"liar": {}}, given())


def test_two_packages_that_offer_the_same_name_are_refused_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("twin_one", "twin_two"):
        monkeypatch.syspath_prepend(package(tmp_path, name, "", {"twin": f"{name}:make"}))
    with pytest.raises(BadSettings, match="twin_one and twin_two both offer"):
        load({"twin": {}}, given())


def test_a_package_found_twice_on_the_path_is_one_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        monkeypatch.syspath_prepend(installed(tmp_path / folder))
    assert load({"spoken_word": {}}, given())


HALF = """
class P:
    name = "broken"
    async def begin(self): ...
    def collect(self): ...
def make(name, settings, given): return P()
"""
BROKEN = {
    "a module that is not there": ("", "missing_module:make", "cannot be loaded: ModuleNotFoundError"),
    "a module that fails": ("raise KeyError('s3cret')", "broken_one:make", "cannot be loaded: KeyError"),
    "a name that is not there": ("", "broken_one:make", "cannot be loaded: AttributeError"),
    "no function": ("make = 7", "broken_one:make", "is no function"),
    "no provider": ("def make(name, settings, given): return None", "broken_one:make", "does not call itself so"),
    "half a provider": (
        HALF,
        "broken_one:make",
        "no coroutine collect, complete, cancel",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_package_stops_the_start_and_says_which(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, target, told = BROKEN[fault]
    monkeypatch.delitem(sys.modules, "broken_one", raising=False)
    monkeypatch.syspath_prepend(package(tmp_path, "broken_one", code, {"broken": target}))
    with pytest.raises(BadSettings, match=f"step-up provider broken: .*{told}"):
        load({"broken": {}}, given())
    sys.modules.pop("broken_one", None)


def test_no_provider_is_imported_before_it_is_named() -> None:
    code = "import sys, identity.registry; sys.exit(bool({'identity.totp', 'identity.sms_otp'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
