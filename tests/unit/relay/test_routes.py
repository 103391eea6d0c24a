"""The relay over HTTP, for whoever means well and whoever does not."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar
from structlog.testing import capture_logs

from approvals_hub.api.pace import Pace
from approvals_hub.relay.phones import WORDS
from approvals_hub.relay.routes import (
    GUESSES_PER_MINUTE,
    LARGEST,
    LONGEST_TTL,
    REGISTRATIONS_PER_MINUTE,
    ROUTES,
    WAKES_PER_MINUTE,
)
from approvals_hub.relay.serve import answering
from notify.delivery import AddressGone, Delivered
from notify.relay import Relay, RelaySettings
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_relay import device
from tests.unit.relay.relay_house import FID, TOKEN, RelayHouse, said

FORM = {"platform": "fcm", "address": {"fid": FID}}


async def registered(house: RelayHouse, **changes: Any) -> dict[str, Any]:
    status, given, headers = await house.ask("POST", "/v1/handles", {**FORM, **changes})
    assert (status, headers["Cache-Control"]) == (201, "no-store")
    return dict(given)


async def test_an_app_registers_renews_and_ends_and_its_hub_wakes_it_meanwhile(listening: RelayHouse) -> None:
    app = await registered(listening, language="sv")
    assert (app["handle"][:3], app["owner"][:3], app["renew_within_days"]) == ("rh_", "ro_", 365)
    assert (await listening.ask("POST", "/v1/wakes", said(), carrying=app["handle"]))[:2] == (200, {"id": "0:1%5641"})
    assert listening.google.arrived[0].body["data"]["text"] == WORDS["sv"][1]
    other = {"platform": "fcm", "address": {"token": TOKEN}}
    assert (await listening.ask("PUT", "/v1/handles/own", other, carrying=app["owner"]))[:2] == (200, {})
    await listening.ask("POST", "/v1/wakes", said(), carrying=app["handle"])
    assert [each.to for each in listening.google.arrived] == [FID, TOKEN]
    assert (await listening.ask("DELETE", "/v1/handles/own", carrying=app["owner"]))[:2] == (204, None)
    for method, path, body, carrying in (
        ("POST", "/v1/wakes", said(), app["handle"]),
        ("PUT", "/v1/handles/own", FORM, app["owner"]),
        ("DELETE", "/v1/handles/own", None, app["owner"]),
    ):
        status, told, _ = await listening.ask(method, path, body, carrying=carrying)
        assert (status, told["code"], bool(told["next_step"])) == (410, "handle_gone", True), path


async def test_a_handle_ended_by_its_app_is_gone_for_the_hub(listening: RelayHouse) -> None:
    url, app = listening.settings.public_url, await registered(listening)
    address = device(url, app["handle"])
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        hub = Relay(RelaySettings(url=url), session=session, clock=lambda: START)
        assert isinstance(await hub.send(address, notice()), Delivered)
        await listening.ask("DELETE", "/v1/handles/own", carrying=app["owner"])
        assert isinstance(await hub.send(address, notice()), AddressGone)
        # A relay that never knew it says the same.
        assert isinstance(await hub.send(device(url), notice()), AddressGone)
    [woken] = listening.google.arrived
    assert "Robot" not in repr(vars(woken))


async def test_one_phone_has_another_handle_for_each_hub(listening: RelayHouse) -> None:
    first, second = await registered(listening), await registered(listening)
    assert len({*first.values(), *second.values()}) == 5
    await listening.ask("DELETE", "/v1/handles/own", carrying=first["owner"])
    assert (await listening.ask("POST", "/v1/wakes", said(), carrying=second["handle"]))[0] == 200


async def test_a_stranger_cannot_wake_a_device_by_guessing(listening: RelayHouse) -> None:
    app = await registered(listening)
    guesses = [f"rh_{secrets.token_urlsafe(32)}", f"{app['handle'][:-1]}{'A' if app['handle'][-1] != 'A' else 'B'}"]
    for guess in (*guesses, app["handle"].swapcase().replace("RH_", "rh_")):
        status, told, _ = await listening.ask("POST", "/v1/wakes", said(), carrying=guess)
        assert (status, told["code"]) == (410, "handle_gone")
    for wrong in ("", app["owner"], app["handle"] + "x", f"{app['handle']} {app['handle']}", "rh_*", "rh_" + "%" * 43):
        status, told, _ = await listening.ask("POST", "/v1/wakes", said(), carrying=wrong)
        assert (status, told["code"]) == (401, "capability_missing")
    for _ in range(3 * GUESSES_PER_MINUTE):
        status, told, headers = await listening.ask("POST", "/v1/wakes", said(), carrying=guesses[0])
        if status != 410:
            break
    assert (status, told["code"], int(headers["Retry-After"]) >= 1) == (429, "too_many_attempts", True)
    assert listening.google.arrived == []
    # Whoever knows the handle is kept waiting by none of that.
    assert (await listening.ask("POST", "/v1/wakes", said(), carrying=app["handle"]))[0] == 200


WORDS_OF_A_HUB = ("title", "text", "body", "alert", "notification", "data", "link", "category", "badge", "sealed")


async def test_a_hub_cannot_put_words_through(listening: RelayHouse) -> None:
    app = await registered(listening)
    for name in WORDS_OF_A_HUB:
        status, told, _ = await listening.ask("POST", "/v1/wakes", said(**{name: "canary"}), carrying=app["handle"])
        assert (status, told["code"], told["field"]) == (422, "invalid_request", f"$.{name}")
    wrong: list[dict[str, Any]] = [
        {"id": "two words"},
        {"id": "x" * 65},
        {"topic": "canary words"},
        {"topic": "A" * 64},
        {"collapse": "c" * 33},
        {"priority": "canary"},
        {"ttl": 0},
        {"ttl": LONGEST_TTL + 1},
        {"ttl": "60"},
    ]
    for changes in wrong:
        status, told, _ = await listening.ask("POST", "/v1/wakes", said(**changes), carrying=app["handle"])
        assert (status, told["field"]) == (422, f"$.{next(iter(changes))}"), changes
    assert listening.google.arrived == []


async def test_a_hub_that_was_broken_into_leads_no_wake_elsewhere(listening: RelayHouse) -> None:
    app = await registered(listening)
    for method, body in (("PUT", FORM), ("DELETE", None)):
        status, told, _ = await listening.ask(method, "/v1/handles/own", body, carrying=app["handle"])
        assert (status, told["code"]) == (401, "capability_missing")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"platform": "webpush"}, "$.platform"),
        ({"platform": "apns", "address": {"token": "a1" * 32}}, "$.platform"),  # no keys of Apple here
        ({"address": {"fid": "short"}}, "$.address"),
        ({"address": {"fid": FID, "token": TOKEN}}, "$.address"),
        ({"address": {"topic": "all"}}, "$.address"),
        ({"address": {}}, "$.address"),
        ({"language": "xx"}, "$.language"),
        ({"title": "canary"}, "$.title"),
    ],
)
async def test_what_is_no_phone_gets_no_handle(listening: RelayHouse, changes: dict[str, Any], field: str) -> None:
    status, told, _ = await listening.ask("POST", "/v1/handles", {**FORM, **changes})
    assert (status, told["field"]) == (422, field)
    assert FID not in json.dumps(told)


async def test_bad_input_is_refused_as_such_and_never_fails(listening: RelayHouse) -> None:
    big = b'{"id": "' + b"x" * LARGEST + b'"}'
    handle = (await registered(listening))["handle"]
    asked: list[tuple[int, str, str, Any, dict[str, str]]] = [
        (413, "POST", "/v1/handles", big, {}),
        (413, "POST", "/v1/wakes", big, {}),
        (400, "POST", "/v1/wakes", b"\xff\x00", {}),
        (400, "POST", "/v1/wakes", b'{"id": "a", "id": "b"}', {}),
        (400, "POST", "/v1/wakes", b"[" * 2000, {}),
        (422, "POST", "/v1/wakes", b"null", {}),
        (415, "POST", "/v1/wakes", b"id=a", {"Content-Type": "application/x-www-form-urlencoded"}),
        (422, "POST", "/v1/wakes?handle=x", said(), {}),
        (400, "DELETE", "/v1/handles/own", b"{}", {"Authorization": f"Bearer ro_{'A' * 43}"}),
        (421, "GET", "/healthz/live", None, {"Host": "evil.example"}),
        (404, "GET", "/", None, {}),
        (404, "GET", "/v1/handles/rh_x", None, {}),
        (405, "GET", "/v1/handles", None, {}),
    ]
    for status, method, path, body, headers in asked:
        headers = {"Authorization": f"Bearer {handle}", **headers}
        given, told, _ = await listening.ask(method, path, body, **headers)
        assert (given, told["status"], bool(told["code"] and told["next_step"])) == (status, status, True), (path, told)
    assert (await listening.ask("GET", "/healthz/live"))[:2] == (200, {"status": "ok"})
    assert (await listening.ask("GET", "/healthz/ready"))[:2] == (200, {"status": "ready"})
    assert {(method, path) for method, path, _ in ROUTES} >= {("POST", "/v1/wakes"), ("POST", "/v1/handles")}


async def test_whoever_registers_too_fast_is_told_when_to_come_again(listening: RelayHouse) -> None:
    for _ in range(3 * REGISTRATIONS_PER_MINUTE):
        status, told, headers = await listening.ask("POST", "/v1/handles", FORM)
        if status != 201:
            break
    assert (status, told["code"], "Retry-After" in headers) == (429, "too_many_attempts", True)


async def test_wakes_from_one_address_are_bounded_and_another_address_goes_on(house: RelayHouse) -> None:
    app = await house.app()
    calls = Pace(WAKES_PER_MINUTE, 10, now=lambda: 0.0)
    for _ in range(WAKES_PER_MINUTE):
        calls.take("127.0.0.1")
    proxy = (ip_network("127.0.0.0/8"),)
    relay = replace(house.open.relay, calls=calls, served=replace(house.open.relay.served, trusted_proxies=proxy))
    async with answering(replace(house.open, relay=relay), house.settings):
        status, told, _ = await house.ask("POST", "/v1/wakes", said(), carrying=app.handle)
        assert (status, told["code"]) == (429, "too_many_attempts")
        headers = {"X-Forwarded-For": "192.0.2.7"}
        assert (await house.ask("POST", "/v1/wakes", said(), carrying=app.handle, **headers))[0] == 200


async def test_what_nobody_foresaw_tells_the_caller_nothing_and_the_log_no_token(listening: RelayHouse) -> None:
    app, handles = await listening.app(), listening.open.relay.handles

    async def spoil(tx: Any) -> None:
        await tx.execute("UPDATE handles SET address = :address", address=b"not sealed by this relay")

    await handles._db.run(spoil)
    with capture_logs() as logged:
        status, told, _ = await listening.ask("POST", "/v1/wakes", said(), carrying=app.handle)
    assert (status, told["code"]) == (500, "internal_error")
    assert told["title"] == "The relay failed"
    assert (await listening.ask("GET", "/healthz/ready"))[0] == 503
    assert told["request_id"] in [line.get("request_id") for line in logged]
    assert not any(secret in json.dumps(told) + repr(logged) for secret in (app.handle, FID))
    assert (await listening.ask("GET", "/healthz/live"))[0] == 200
