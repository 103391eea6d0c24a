"""The provider: begin, collect, the way back to the page, the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from identity.bankid import BankID
from identity.bankid_settings import tls
from identity.errors import (
    Cancelled,
    Malformed,
    Misconfigured,
    NotProven,
    OtherIntent,
    ProviderDown,
    Refused,
    TimedOut,
    TooRisky,
    TooWeak,
    WrongAnswer,
)
from identity.proof import Pending, Proof
from tests.fakes.bankid_orders import NotOpened
from tests.fakes.bankid_scene import DOMAIN, PHONE, Scene, bankid_scene, nonce_of


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with bankid_scene() as found:
        yield found


async def test_the_page_on_a_computer_shows_a_code_that_the_phone_scans(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    assert challenge.collect_every == 2.0
    assert challenge.expires_at == step_up.expires_at
    pending = await scene.collected(step_up, challenge.state)
    assert isinstance(pending, Pending)
    assert pending.shown["message"]["id"] == "RFA1"
    order = scene.open(pending.shown)
    pending = await scene.collected(step_up, pending.state)
    assert isinstance(pending, Pending)
    assert pending.shown["message"]["id"] == "RFA9B"
    scene.fake.approve(order)
    assert isinstance(await scene.collected(step_up, pending.state), Proof)


async def test_the_code_of_any_second_is_told_without_asking_bankid(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up())
    calls = len(scene.fake.calls)
    scene.now += 7_000
    assert scene.fake.scan(scene.provider.qr(challenge.state, scene.now), scene.anna)
    assert len(scene.fake.calls) == calls


async def test_a_code_that_was_photographed_and_sent_on_is_too_old(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up())
    scene.now += 10_000
    with pytest.raises(NotOpened, match="too old"):
        scene.fake.scan(challenge.shown["qr"], scene.anna)


async def test_the_same_phone_starts_the_app_and_brings_the_nonce_back(scene: Scene) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    url = scene.fake.approve(scene.open(challenge.shown))
    proof = await scene.completed(step_up, challenge.state, nonce_of(url))
    assert isinstance(proof, Proof)
    assert proof.facts["same_device"] is True


async def test_a_signature_from_the_same_phone_waits_for_the_nonce(scene: Scene) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    url = scene.fake.approve(scene.open(challenge.shown))
    pending = await scene.collected(step_up, challenge.state)
    assert isinstance(pending, Pending)
    assert pending.shown["awaits_return"] is True
    scene.now += 60_000
    again = await scene.collected(step_up, pending.state)
    assert isinstance(again, Pending)
    proof = await scene.completed(step_up, again.state, nonce_of(url))
    assert isinstance(proof, Proof)
    assert proof.at == scene.now - 60_000


async def test_the_nonce_may_come_back_before_bankid_says_complete(scene: Scene) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    order = scene.open(challenge.shown)
    early = await scene.completed(step_up, challenge.state, nonce_of(order.asked["returnUrl"]))
    assert isinstance(early, Pending)
    scene.fake.approve(order)
    assert isinstance(await scene.collected(step_up, early.state), Proof)


async def test_a_link_sent_to_a_victim_proves_nothing_to_the_sender(scene: Scene) -> None:
    # The attacker's page shows the link; the victim follows it and signs; the nonce goes to the victim's browser.
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    scene.fake.approve(scene.fake.follow(challenge.shown["auto_start"], scene.anna))
    pending = await scene.collected(step_up, challenge.state)
    assert isinstance(pending, Pending)
    for guess in ("", challenge.shown["auto_start"], "A" * 32):
        with pytest.raises(WrongAnswer):
            await scene.completed(step_up, pending.state, {"return_nonce": guess})
    scene.now = step_up.expires_at
    with pytest.raises(TimedOut):
        await scene.collected(step_up, pending.state)


async def test_another_device_has_no_link_that_could_be_sent_on(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up())
    assert "auto_start" not in challenge.shown
    assert "returnUrl" not in scene.fake.newest.asked


async def test_without_a_way_back_the_same_phone_gets_a_code_to_scan(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up(client=PHONE, return_url=None))
    assert set(challenge.shown) & {"qr", "auto_start"} == {"qr"}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        "nonce",
        {"return_nonce": None},
        {"return_nonce": "x" * 129},
        {"return_nonce": "a", "b": 1},
        {"renew": 1},
    ],
)
async def test_an_answer_of_another_form_is_malformed_and_ends_nothing(scene: Scene, answer: Any) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    with pytest.raises(Malformed):
        await scene.completed(step_up, challenge.state, answer)
    assert isinstance(await scene.collected(step_up, challenge.state), Pending)


async def test_a_nonce_for_an_order_that_was_not_started_from_the_page_is_malformed(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    with pytest.raises(Malformed):
        await scene.completed(step_up, challenge.state, {"return_nonce": "None"})


async def test_an_order_of_another_step_up_with_the_same_words_proves_nothing(scene: Scene) -> None:
    first = scene.step_up()
    challenge = await scene.begun(first)
    scene.fake.approve(scene.open(challenge.shown))
    with pytest.raises(OtherIntent):
        await scene.collected(replace(first, id="stp_another"), challenge.state)


@pytest.mark.parametrize(
    ("hint", "error"),
    [
        ("userCancel", Cancelled),
        ("cancelled", Cancelled),
        ("userDeclinedCall", Cancelled),
        ("certificateErr", Refused),
        ("notSupportedByUserApp", TooWeak),
        ("transactionRiskBlocked", TooRisky),
        ("aCodeOfNextYear", Refused),
    ],
)
async def test_a_failed_order_says_why(scene: Scene, hint: str, error: type[NotProven]) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.decline(scene.fake.newest, hint)
    with pytest.raises(error) as refusal:
        await scene.collected(step_up, challenge.state)
    assert type(refusal.value) is error
    assert refusal.value.hint == hint


@pytest.mark.parametrize("hint", ["noClient", "started", "userMrtd", "userSign", "userCallConfirm", "aCodeOfNextYear"])
async def test_a_pending_hint_is_shown_as_it_comes(scene: Scene, hint: str) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.newest.hint = hint
    pending = await scene.collected(step_up, challenge.state)
    assert isinstance(pending, Pending)
    assert pending.shown["hint"] == hint


async def test_a_proof_that_the_hub_lost_before_storing_it_makes_the_person_begin_anew(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.approve(scene.open(challenge.shown))
    await scene.collected(step_up, challenge.state)  # and here the hub stops
    with pytest.raises(TimedOut) as refusal:
        await scene.collected(step_up, challenge.state)
    assert refusal.value.hint == "invalidParameters"
    assert isinstance(await scene.signed(step_up), Proof)


async def test_a_signature_that_nobody_fetched_for_three_minutes_is_gone(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.fake.approve(scene.open(challenge.shown))
    scene.now += 180_001
    with pytest.raises(TimedOut):
        await scene.collected(step_up, challenge.state)


async def test_nothing_is_proven_after_the_end_of_the_step_up(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    scene.now += 200_000
    scene.fake.approve(scene.open((await renewed(scene, step_up, challenge.state)).shown))
    scene.now = step_up.expires_at
    with pytest.raises(TimedOut):
        await scene.collected(step_up, challenge.state)


async def renewed(scene: Scene, step_up: Any, state: Any) -> Pending:
    result = await scene.collected(step_up, state)
    assert isinstance(result, Pending)
    return result


async def test_a_second_order_of_the_same_person_ends_the_first_and_may_be_tried_again(scene: Scene) -> None:
    scene.factor = replace(scene.factor, data={"personal_number": scene.anna.personal_number})
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    with pytest.raises(ProviderDown) as refusal:
        await scene.begun(scene.step_up(intent=b"pay 9000 USD"))
    assert refusal.value.hint == "alreadyInProgress"
    with pytest.raises(Cancelled):
        await scene.collected(step_up, challenge.state)
    assert isinstance(await scene.signed(step_up), Proof)


async def test_cancelling_ends_the_order_at_bankid(scene: Scene) -> None:
    challenge = await scene.begun(scene.step_up())
    await scene.provider.cancel(challenge.state)
    await scene.provider.cancel(challenge.state)
    with pytest.raises(NotOpened):
        scene.open(challenge.shown)


async def test_a_person_who_cancels_on_the_page_ends_the_order_at_bankid(scene: Scene) -> None:
    step_up = scene.step_up()
    challenge = await scene.begun(step_up)
    with pytest.raises(Cancelled):
        await scene.completed(step_up, challenge.state, {"cancel": True})
    with pytest.raises(NotOpened):
        scene.open(challenge.shown)


async def test_cancelling_what_was_signed_already_asks_bankid_nothing(scene: Scene) -> None:
    step_up = scene.step_up(client=PHONE)
    challenge = await scene.begun(step_up)
    scene.fake.approve(scene.open(challenge.shown))
    pending = await renewed(scene, step_up, challenge.state)
    calls = len(scene.fake.calls)
    await scene.provider.cancel(pending.state)
    assert len(scene.fake.calls) == calls


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
async def test_a_provider_without_the_authority_of_people_is_not_made(scene: Scene, tmp_path: Any, pem: bytes) -> None:
    (tmp_path / "people.pem").write_bytes(pem)
    settings = msgspec.structs.replace(scene.settings, people_ca=str(tmp_path / "people.pem"))
    with pytest.raises(Misconfigured):
        BankID(settings, scene.session, tls(settings), domain=DOMAIN)
