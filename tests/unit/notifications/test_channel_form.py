"""Settings field by field, and secrets that stay, go and are asked for again. A table for each kind."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.notifications.allowed import OwnChannels
from approvals_hub.notifications.channel_form import (
    DESTINATIONS,
    SECRETS,
    WHOLE,
    Written,
    changed,
    check,
    merged,
    moved,
    split,
)
from approvals_hub.outbound import GuardedMaker
from notify.discreet import Discreet
from notify.smtp import SmtpSettings

SMTP: dict[str, Any] = {"host": "mail.example", "sender": "a@example.com", "username": "u", "password": "p1"}
SMS: dict[str, Any] = {"sender": "Acme", "gateway": {"kind": "46elks", "username": "u", "password": "p1"}}


def test_secrets_are_taken_out_and_put_back_where_they_stood() -> None:
    for kind, settings in (("smtp", SMTP), ("sms", SMS), ("pager", {"server": "x", "key": "y"})):
        written = split(kind, settings)
        assert "p1" not in repr(written.plain)
        assert "p1" not in repr(written)
        assert written.whole() == settings
    assert split("pager", {"key": "y"}) == Written("pager", {}, {WHOLE: {"key": "y"}})


def test_every_setting_that_is_not_printed_is_a_secret_of_its_kind() -> None:
    maker = GuardedMaker(OwnChannels(), lambda: 0, lambda: None, 1.0)  # type: ignore[arg-type,return-value]  # nothing is made
    for kind, places in SECRETS.items():
        form = maker.form(kind)
        assert form is not None
        hidden = form.not_printed if issubclass(form, Discreet) else ()
        assert set(hidden) <= {place.partition(".")[0] for place in places}, kind
    assert SECRETS.keys() == DESTINATIONS.keys()


def test_a_secret_that_is_left_out_stays_and_one_that_is_null_goes() -> None:
    before = split("smtp", SMTP)
    kept = {name: value for name, value in SMTP.items() if name != "password"}
    assert merged(before, "smtp", {**kept, "sender_name": "Ops"}).secrets == {"password": "p1"}
    assert merged(before, "smtp", {**kept, "password": "p2"}).secrets == {"password": "p2"}
    assert merged(before, "smtp", {**kept, "password": None}).secrets == {}
    assert changed(before, merged(before, "smtp", {**kept, "sender_name": "Ops"})) == ["sender_name"]


@pytest.mark.parametrize("change", [{"host": "evil.example"}, {"port": 2525}, {"username": "x"}, {"tls": "implicit"}])
def test_a_secret_is_not_led_elsewhere_by_who_does_not_know_it(change: dict[str, Any]) -> None:
    before = split("smtp", SMTP)
    kept = {name: value for name, value in SMTP.items() if name != "password"}
    with pytest.raises(Invalid) as refused:
        merged(before, "smtp", {**kept, **change})
    assert (refused.value.code, refused.value.field) == ("secret_needed", "$.settings.password")
    assert moved(before, merged(before, "smtp", {**SMTP, **change}))


def test_another_gateway_and_another_webhook_ask_for_every_secret() -> None:
    gateway = {"kind": "46elks", "username": "u", "base_url": "https://evil.example"}
    with pytest.raises(Invalid):
        merged(split("sms", SMS), "sms", {"sender": "Acme", "gateway": gateway})
    hook = split("webhook", {"url": "https://a.example/1", "secrets": ["whsec_a"]})
    with pytest.raises(Invalid):
        merged(hook, "webhook", {"url": "https://b.example/1"})
    assert merged(hook, "webhook", {}) == hook
    # Of an installed package nobody knows which setting is secret: all of them are sent, or none.
    package = split("pager", {"key": "y"})
    assert merged(package, "pager", {}) == package
    assert merged(package, "pager", {"key": "z"}).secrets == {WHOLE: {"key": "z"}}


def test_a_wrong_setting_is_named_with_its_place_and_the_nearest_name() -> None:
    with pytest.raises(Invalid) as refused:
        check(split("smtp", {**SMTP, "hots": "x"}), SmtpSettings)
    assert (refused.value.field, refused.value.next_step) == ("$.settings.hots", "Did you mean host?")
    with pytest.raises(Invalid) as missing:
        check(split("smtp", {"host": "x"}), SmtpSettings)
    assert missing.value.field == "$.settings.sender"
    check(split("pager", {"anything": 1}), None)


def test_no_refusal_quotes_what_was_written() -> None:
    class Form(msgspec.Struct):
        tls: str

    with pytest.raises(Invalid) as refused:
        check(Written("smtp", {"tls": 5}, {}), Form)
    assert "5" not in refused.value.detail
    with pytest.raises(Invalid) as literal:
        check(split("smtp", {**SMTP, "tls": "hunter2"}), SmtpSettings)
    assert "hunter2" not in literal.value.detail
