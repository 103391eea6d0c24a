"""The publisher's keys, and the words that are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from approvals_hub.core.clock import system_clock
from approvals_hub.core.errors import Invalid
from approvals_hub.outbound import vendor_session
from approvals_hub.plugins import TELLING_SECONDS
from approvals_hub.relay.phones import NOWHERE, SENDING_SECONDS, WORDS, channels, notice
from approvals_hub.relay.settings import Settings
from notify.message import Urgency
from tests.contracts.channels.stage_apns import PEM
from tests.fakes.google_push import service_account
from tests.fakes.tls import Authority
from tests.unit.relay.relay_house import a_wake

APPLE = {"key": PEM, "key_id": "KEYID12345", "team_id": "TEAMID1234", "topic": "example.hub.app"}


async def made(**tables: Any) -> dict[str, Any]:
    async with vendor_session() as session:
        return dict(channels(Settings(public_url="https://push.example.com", **tables), session, system_clock()))


async def test_a_relay_has_the_vendors_that_its_settings_have_keys_for(tmp_path: Path) -> None:
    google = {"service_account": service_account("https://oauth2.googleapis.com")}
    (tmp_path / "ca.pem").write_text(Authority().pem())
    assert list(await made(apns={**APPLE, "ca_file": tmp_path / "ca.pem"})) == ["apns"]
    assert list(await made(apns=APPLE, fcm=google)) == ["apns", "fcm"]


@pytest.mark.parametrize(
    ("tables", "field"),
    [
        ({"apns": {**APPLE, "key": "none"}}, "apns"),
        ({"apns": {**APPLE, "words": "x"}}, "apns"),
        ({"apns": {**APPLE, "ca_file": Path("not-there.pem")}}, "apns.ca_file"),
        ({"fcm": {"service_account": "{}"}}, "fcm"),
        ({"fcm": {"service_account": "{}", "ca_file": Path("x")}}, "fcm"),
    ],
)
async def test_keys_that_are_none_keep_the_relay_from_starting(tables: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await made(**tables)
    assert refused.value.field == field


def test_a_phone_is_shown_something_and_told_only_what_the_hub_may_say() -> None:
    for language, (title, text) in WORDS.items():
        shown = notice(a_wake(id="tel_1", ttl=60), language, now=1000)
        assert (shown.title, shown.text, shown.language) == (title, text, language)
        assert (shown.id, shown.reference, shown.collapse_key) == ("tel_1", "a" * 64, "b" * 32)
        assert (shown.link, shown.expires_at, shown.woken, shown.buttons) == (NOWHERE, 61_000, True, ())
    assert notice(a_wake(high=False), "en", now=0).urgency is Urgency.NORMAL


def test_a_relay_answers_before_a_hub_stops_waiting() -> None:
    assert SENDING_SECONDS < TELLING_SECONDS
