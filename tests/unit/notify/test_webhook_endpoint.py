"""Endpoints that somebody typed, and those that would lead inside."""

from __future__ import annotations

import json

import pytest

from notify.address import BadAddress
from notify.networks import networks
from notify.webhook_endpoint import WebhookEndpoint
from tests.contracts.channels.stage_webhook import OTHER_SECRET, SECRET, endpoint

PORTS = (443, 8443)
INSIDE = networks(["127.0.0.0/8", "::1/128"])


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a/b?c=d",
        "https://hooks.example.com",
        "https://hooks.example.com:8443/",
        "https://HOOKS.example.com/",
        "https://xn--bcher-kva.example/",
        "https://8.8.8.8/",
        "https://[2a00::1]/",
    ],
)
def test_a_public_https_url_is_an_endpoint(url: str) -> None:
    assert WebhookEndpoint.read(endpoint(url), ports=PORTS).url == url


def test_an_endpoint_of_openleash_has_a_secret_of_any_form_and_a_token_that_adds_no_header() -> None:
    members = {"url": "https://a.example/h", "secrets": ["any words"], "scheme": "openleash"}
    found = WebhookEndpoint.read(json.dumps({**members, "bearer": "token"}), ports=PORTS)
    assert found.signed(id_="cbk_1", at=0, body=b"{}")["Authorization"] == "Bearer token"
    assert "token" not in repr(found)
    for bearer in ("two\r\nX-Other: 1", "with space", "é", "x" * 2049):
        with pytest.raises(BadAddress):
            WebhookEndpoint.read(json.dumps({**members, "bearer": bearer}), ports=PORTS)
    with pytest.raises(BadAddress):
        WebhookEndpoint.read(json.dumps({**members, "scheme": "standard"}), ports=PORTS)


def test_an_endpoint_has_one_secret_or_two() -> None:
    assert WebhookEndpoint.read(endpoint("https://a.example", SECRET, OTHER_SECRET), ports=PORTS).secrets
    for secrets in ((), (SECRET,) * 3):
        with pytest.raises(BadAddress):
            WebhookEndpoint.read(json.dumps({"url": "https://a.example", "secrets": secrets}), ports=PORTS)


ATTACKS = {
    "http": "http://hooks.example.com/",
    "http of this machine": "http://127.0.0.1:8443/",
    "this machine": "https://127.0.0.1/",
    "this machine by IPv6": "https://[::1]/",
    "this machine, mapped": "https://[::ffff:127.0.0.1]/",
    "a cloud's metadata": "https://169.254.169.254/",
    "this machine as one number": "https://2130706433/",
    "this machine in hexadecimal": "https://0x7f000001/",
    "this machine in octal": "https://0177.0.0.1/",
    "this machine in short": "https://127.1/",
    "an inner network": "https://192.168.1.1/",
    "a port of another service": "https://hooks.example.com:6379/",
    "the port of http": "https://hooks.example.com:80/",
    "a port that overflows": "https://hooks.example.com:65979/",
    "a user": "https://user@hooks.example.com/",
    "a user that looks like the host": "https://hooks.example.com@evil.example/",
    "a password": "https://user:word@hooks.example.com/",
    "a fragment": "https://hooks.example.com/#x",
    "a backslash": "https://hooks.example.com\\@evil.example/",
    "a percent sign in the host": "https://hooks%2eexample.com/",
    "a zone": "https://[fe80::1%25eth0]/",
    "a dot at the end": "https://hooks.example.com./",
    "letters beyond ASCII": "https://h\u00f6\u00f6ks.example/",
    "a line break": "https://hooks.example.com/\r\nX-Evil: 1",
    "a space": "https://hooks.example.com/ x",
    "another scheme": "ftp://hooks.example.com/",
    "no host": "https:///path",
    "too long": f"https://hooks.example.com/{'a' * 2048}",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_url_that_leads_inside_or_hides_its_host_is_refused(attack: str) -> None:
    with pytest.raises(BadAddress, match="the endpoint") as refusal:
        WebhookEndpoint.read(endpoint(ATTACKS[attack]), ports=PORTS)
    assert "example" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8443/", "http://localhost:8443/", "https://[::1]:8443/"])
def test_this_machine_is_an_endpoint_where_the_settings_allow_it(url: str) -> None:
    assert WebhookEndpoint.read(endpoint(url), ports=PORTS, allowed=INSIDE)


def test_http_to_another_machine_is_refused_whatever_is_allowed() -> None:
    with pytest.raises(BadAddress, match="https"):
        WebhookEndpoint.read(endpoint("http://10.0.0.1:8443/"), ports=PORTS, allowed=networks(["10.0.0.0/8"]))


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://hooks.example.com/in/T00000000f3a1", "hooks.example.com…f3a1"),
        ("https://hooks.example.com/short", "hooks.example.com…"),
        ("https://hooks.example.com/?token=secret", "hooks.example.com…"),
    ],
)
def test_a_masked_endpoint_is_its_host_and_at_most_four_letters(url: str, masked: str) -> None:
    found = WebhookEndpoint.read(endpoint(url), ports=PORTS)
    assert found.masked() == masked
    assert url not in repr(found)
