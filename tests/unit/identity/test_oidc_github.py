"""Signing in with GitHub, over the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from identity.errors import (
    Cancelled,
    Misconfigured,
    NotProven,
    ProviderDown,
    Refused,
    TimedOut,
    WrongAnswer,
    WrongPerson,
)
from identity.oidc_github import GitHubSettings, claims_of
from identity.proof import Binding, Pending, Purpose
from tests.contracts.step_up import asked
from tests.fakes.github import CLIENT, SECRET
from tests.fakes.github_scene import USER, Scene, github_scene
from tests.fakes.trouble import Trouble


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with github_scene() as found:
        yield found


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.LINK])
async def test_a_person_is_known_by_the_number_of_their_account(scene: Scene, purpose: Purpose) -> None:
    proof = await scene.proven(replace(scene.step_up(), purpose=purpose))
    assert proof.subject == f"{scene.fake.base_url}|583231"
    assert (proof.method, proof.amr, proof.binding, proof.identified) == ("github", ("fed",), Binding.SERVER, "idp")
    assert proof.evidence == {}


async def test_the_address_is_the_accounts_primary_and_confirmed_one(scene: Scene) -> None:
    proof = await scene.proven()
    claims = {"email": "anna@example.se", "email_verified": True, "name": "Anna Ångström", "groups": []}
    assert proof.data == {"claims": claims}
    assert json.loads(json.dumps(proof.data)) == proof.data


@pytest.mark.parametrize(
    "addresses",
    [
        [],
        [{"email": "anna@example.se", "primary": True, "verified": False}],
        [{"email": "anna@example.se", "primary": False, "verified": True}],
        [{"email": "anna@example.se", "primary": 1, "verified": 1}],
        [{"email": "anna", "primary": True, "verified": True}],
        [{"email": 7, "primary": True, "verified": True}],
        [{"email": "a@b", "primary": True, "verified": True}, {"email": "c@d", "primary": True, "verified": True}],
        ["anna@example.se", 7, None],
    ],
)
def test_an_address_that_github_has_not_confirmed_is_none(addresses: list[Any]) -> None:
    found = claims_of(USER, addresses)
    assert (found.email, found.email_verified) == (None, False)


async def test_a_decision_is_not_proven_with_it(scene: Scene) -> None:
    with pytest.raises(Refused, match="not for decisions"):
        await scene.provider().begin(scene.factor, asked.step_up(scene.now))


async def test_another_account_is_the_wrong_one(scene: Scene) -> None:
    scene.fake.signed_in = {**USER, "id": 42}
    with pytest.raises(WrongPerson):
        await scene.proven()


async def test_an_account_that_took_over_the_login_is_the_wrong_one(scene: Scene) -> None:
    scene.fake.signed_in = {**USER, "id": 999, "login": USER["login"]}
    with pytest.raises(WrongPerson):
        await scene.proven()


async def test_pkce_and_a_state_go_along(scene: Scene) -> None:
    challenge = await scene.provider().begin(scene.factor, scene.step_up())
    query = dict(parse_qsl(urlsplit(challenge.shown["redirect"]).query))
    assert query["code_challenge_method"] == "S256"
    assert query["state"] == challenge.state["state"]
    assert challenge.state["verifier"] not in challenge.shown["redirect"]


async def test_a_code_injected_with_another_state_is_refused(scene: Scene) -> None:
    provider, step_up = scene.provider(), scene.step_up()
    mine = await provider.begin(scene.factor, step_up)
    theirs = await scene.came_back(await provider.begin(scene.factor, scene.step_up()))
    with pytest.raises(WrongAnswer):
        await provider.complete(scene.factor, step_up, mine.state, theirs, now=scene.now)
    forged = {**theirs, "state": mine.state["state"]}
    with pytest.raises(Refused) as refusal:
        await provider.complete(scene.factor, step_up, mine.state, forged, now=scene.now)
    assert refusal.value.hint == "bad_verification_code"


async def test_a_mix_up_is_refused(scene: Scene) -> None:
    provider, step_up = scene.provider(), scene.step_up()
    challenge = await provider.begin(scene.factor, step_up)
    answer = {**await scene.came_back(challenge), "iss": "https://evil.example"}
    with pytest.raises(Refused) as refusal:
        await provider.complete(scene.factor, step_up, challenge.state, answer, now=scene.now)
    assert refusal.value.hint == "mix_up"


async def test_a_wrong_secret_is_told_as_a_wrong_setting_though_github_answers_200(scene: Scene) -> None:
    with pytest.raises(Misconfigured) as refusal:
        await scene.proven(client_secret="another")
    assert refusal.value.hint == "incorrect_client_credentials"


async def test_an_error_of_github_is_told_without_its_description(scene: Scene) -> None:
    scene.fake.error = "redirect_uri_mismatch"
    with pytest.raises(Misconfigured) as refusal:
        await scene.proven()
    assert "secret-of-github" not in str(refusal.value)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Refused), (403, Refused), (404, Misconfigured), (429, ProviderDown), (502, ProviderDown)]
)
async def test_a_refusal_of_the_interface_has_its_meaning(scene: Scene, status: int, kind: type[NotProven]) -> None:
    scene.fake.status = status
    with pytest.raises(NotProven) as refusal:
        await scene.proven()
    assert type(refusal.value) is kind


@pytest.mark.parametrize("token", [None, 7, "", "a\nb", "é", "x" * 2000])
async def test_an_access_token_that_is_none_is_told_as_an_outage(scene: Scene, token: Any) -> None:
    scene.fake.bent["access_token"] = token
    with pytest.raises(ProviderDown):
        await scene.proven()


async def test_a_silent_github_is_down_within_the_time_limit(scene: Scene) -> None:
    provider, step_up = scene.provider(time_limit=0.05), scene.step_up()
    challenge = await provider.begin(scene.factor, step_up)
    answer = await scene.came_back(challenge)
    with scene.fake.plays(Trouble.SILENT), pytest.raises(ProviderDown, match="in time"):
        await provider.complete(scene.factor, step_up, challenge.state, answer, now=scene.now)


@pytest.mark.parametrize("number", [None, "583231", True, 0, -1, 1.5, 1 << 70])
async def test_an_account_without_a_number_is_told_as_an_outage(scene: Scene, number: Any) -> None:
    scene.fake.signed_in = {**USER, "id": number}
    with pytest.raises(ProviderDown):
        await scene.proven()


async def test_addresses_that_are_no_list_are_told_as_an_outage(scene: Scene) -> None:
    scene.fake.addresses = {"email": "anna@example.se"}
    with pytest.raises(ProviderDown):
        await scene.proven()


@pytest.mark.parametrize("trouble", [Trouble.GARBLES, Trouble.HANGS_UP, Trouble.FLOODS, Trouble.THROTTLED])
async def test_an_outage_in_between_loses_nothing(scene: Scene, trouble: Trouble) -> None:
    provider, step_up = scene.provider(), scene.step_up()
    challenge = await provider.begin(scene.factor, step_up)
    answer = await scene.came_back(challenge)
    with scene.fake.plays(trouble), pytest.raises(ProviderDown):
        await provider.complete(scene.factor, step_up, challenge.state, answer, now=scene.now)
    assert await provider.complete(scene.factor, step_up, challenge.state, answer, now=scene.now)


async def test_a_no_and_a_late_answer_are_told(scene: Scene) -> None:
    provider, step_up = scene.provider(), scene.step_up()
    challenge = await provider.begin(scene.factor, step_up)
    said_no = {"error": "access_denied", "state": challenge.state["state"]}
    for answer in (said_no, {"cancel": True}):
        with pytest.raises(Cancelled):
            await provider.complete(scene.factor, step_up, challenge.state, answer, now=scene.now)
    with pytest.raises(TimedOut):
        await provider.complete(scene.factor, step_up, challenge.state, said_no, now=step_up.expires_at)


async def test_nothing_can_be_collected_and_cancelling_does_nothing(scene: Scene) -> None:
    provider, step_up = scene.provider(), scene.step_up()
    challenge = await provider.begin(scene.factor, step_up)
    assert isinstance(await provider.collect(scene.factor, step_up, challenge.state, now=scene.now), Pending)
    await provider.cancel(challenge.state)


@pytest.mark.parametrize("url", ["http://github.com", "https://github.com/", "https://github.com?x=1", "github.com"])
def test_an_address_that_secrets_must_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="https"):
        msgspec.convert({"client_id": "a", "client_secret": "b", "url": url}, GitHubSettings)


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(GitHubSettings(CLIENT, SECRET))
