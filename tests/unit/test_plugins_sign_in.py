"""What the settings say about signing in and about sending, and how a wrong setting is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from approvals_hub.core.errors import Invalid
from approvals_hub.plugins import Given, channels, links_by, sign_in_ways, step_up_providers
from approvals_hub.stepup.passkey import relying_party

COMPANY = {"kind": "company", "issuer": "https://login.example.com", "client_id": "hub", "client_secret": "s3cret"}
MAIL = {"kind": "smtp", "host": "mail.example.com", "sender": "hub@example.com"}


@pytest.fixture
async def given(tmp_path: Path) -> AsyncIterator[Given]:
    async with ClientSession() as session:
        yield Given(relying_party("https://hub.example"), lambda: 0, bytes(32), tmp_path, lambda: session)


def ways(given: Given, step_up: dict[str, Any] | None = None, **tables: Any) -> Any:
    providers = step_up_providers(step_up or {}, given)
    return sign_in_ways(tables, providers, given)


async def test_a_table_makes_a_way_with_its_own_provider(given: Given) -> None:
    table = {**COMPANY, "org": "org_1", "roles": {"it": ["admin"]}, "join": "mapped", "title": "Our login"}
    providers, found = ways(given, company=table)
    way = found["company"]
    assert (list(providers), way.title, way.org_id, way.join) == (["company"], "Our login", "org_1", "mapped")
    assert way.roles == {"it": frozenset({"admin"})}


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("google", {"client_id": "hub", "client_secret": "x"}),
        ("microsoft", {"client_id": "hub", "client_secret": "x", "tenants": ["t"]}),
        ("github", {"client_id": "hub", "client_secret": "x"}),
        ("our_github", {"kind": "github", "client_id": "hub", "client_secret": "x"}),
    ],
)
async def test_the_public_providers_need_their_client_alone(given: Given, name: str, table: dict[str, Any]) -> None:
    providers, found = ways(given, **{name: table})
    assert list(providers) == list(found) == [name]
    assert found[name].org_id is None


async def test_a_step_up_provider_that_knows_who_somebody_is_is_a_way_unless_it_is_off(given: Given) -> None:
    step_up = {"company": {**COMPANY, "kind": "oidc"}}
    step_up["company"].pop("kind")
    step_up = {"broker": {**step_up["company"], "kind": "oidc"}}
    assert list(ways(given, step_up)[1]) == ["broker"]
    assert ways(given, step_up, broker={"title": "Broker"})[1]["broker"].title == "Broker"
    assert ways(given, step_up, broker={"off": True})[1] == {}


async def test_a_secret_may_stand_in_a_file(given: Given, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    table = {name: value for name, value in COMPANY.items() if name != "client_secret"}
    providers, _ = ways(given, company={**table, "client_secret_file": "secret"})
    assert list(providers) == ["company"]


@pytest.mark.parametrize(
    ("tables", "field"),
    [
        ({"company": {**COMPANY, "org": 7}}, "sign_in.company.org"),
        ({"company": {**COMPANY, "join": "everybody"}}, "sign_in.company.join"),
        ({"company": {**COMPANY, "title": "a\nb"}}, "sign_in.company.title"),
        ({"company": {**COMPANY, "org": "org_1", "roles": {"it": ["root"]}}}, "sign_in.company.roles"),
        ({"company": {**COMPANY, "org": "org_1", "roles": {"it": "admin"}}}, "sign_in.company.roles"),
        ({"company": {**COMPANY, "roles": {"it": ["admin"]}}}, "sign_in.company"),  # whose roles?
        ({"company": {**COMPANY, "org": "org_1", "join": "mapped"}}, "sign_in.company"),  # which roles?
        ({"company": {**COMPANY, "off": "yes"}}, "sign_in.company"),
        ({"company": {}}, "sign_in.company"),  # no provider
        ({"totp": {}}, "sign_in.totp"),  # a code names nobody
        ({"webauthn": COMPANY}, "sign_in.webauthn"),  # the name of a step-up provider
        ({"company": {**COMPANY, "client_secret_file": "s"}}, "sign_in.company.client_secret_file"),
        ({"company": {**COMPANY, "no_such": 1}}, "sign_in"),
    ],
)
async def test_a_wrong_table_is_told_by_its_place_and_without_its_secret(
    given: Given, tables: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        ways(given, **tables)
    assert wrong.value.field == field
    assert "s3cret" not in str(wrong.value)


async def test_links_by_mail_have_to_be_asked_for_and_need_mail(given: Given) -> None:
    mail = channels(MAIL, {}, given)
    assert links_by({}, given, mail) is None
    assert links_by({"email_link": {"off": True}}, given, mail) is None
    assert links_by({"email_link": {}}, given, mail) is not None
    for table, sending in (({}, channels({}, {}, given)), ({"life": 5}, mail)):
        with pytest.raises(Invalid):
            links_by({"email_link": table}, given, sending)


async def test_a_password_may_stand_in_a_file_also_within_a_table(given: Given, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    gateway = {"kind": "46elks", "username": "u", "password_file": "pw"}
    found = channels({**MAIL, "username": "u", "password_file": "pw"}, {"sender": "Hub", "gateway": gateway}, given)
    assert (found.mail is None, found.sms is None) == (False, False)
    await found.close()


@pytest.mark.parametrize(
    ("mail", "sms", "field"),
    [
        ({"host": "mail.example.com"}, {}, "mail"),  # no kind
        ({**MAIL, "kind": "pigeon"}, {}, "mail"),
        ({**MAIL, "kind": "sms", "gateway": {}}, {}, "mail"),
        ({**MAIL, "prot": 25}, {}, "mail"),
        ({**MAIL, "ca_file": "none.pem"}, {}, "mail.ca_file"),
        ({**MAIL, "username": "u", "password_file": "none"}, {}, "mail.password_file"),
        ({}, {"sender": "Hub"}, "sms"),
    ],
)
async def test_a_wrong_way_to_send_is_told_by_its_place(
    given: Given, mail: dict[str, Any], sms: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        channels(mail, sms, given)
    assert wrong.value.field == field


async def test_codes_by_mail_need_a_way_to_send_mail(given: Given) -> None:
    with pytest.raises(Invalid, match="no way to send mail"):
        step_up_providers({"email_otp": {}}, given)
    assert "email_otp" in step_up_providers({"email_otp": {}}, given, channels(MAIL, {}, given))
