"""The engine of codes that are sent: what a code is bound to, how long it lives, how often it may be wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from identity.attempt import WrongTry
from identity.errors import OtherIntent, Refused, TimedOut, WrongAnswer
from identity.one_time_code import CodeSettings, one_line
from identity.proof import Binding, Factor, Proof
from tests.contracts.step_up import asked
from tests.unit.identity.code_desk import MINE, NOW, Desk, Slip, begun, other_than


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_the_code_that_was_sent_proves_the_person(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    proof = await provider.complete(MINE, step_up, challenge.state, {"code": desk.code}, now=NOW + 1)
    assert isinstance(proof, Proof)
    assert (proof.method, proof.amr, proof.binding, proof.at) == ("slip", ("otp",), Binding.SERVER, NOW + 1)
    assert proof.once == (f"code:{step_up.id}",)
    assert proof.data is None


async def test_a_code_has_as_many_digits_as_set_and_is_never_the_same_twice(desk: Desk) -> None:
    codes = []
    for _ in range(20):
        await begun(desk, digits=8)
        codes.append(desk.code)
    assert {len(code) for code in codes} == {8}
    assert len(set(codes)) >= 19


async def test_the_state_holds_no_code_and_no_address(desk: Desk) -> None:
    _, _, challenge = await begun(desk)
    assert desk.code not in json.dumps(challenge.state)
    assert "anna" not in json.dumps(challenge.state)


async def test_the_hash_in_the_state_cannot_be_guessed_without_the_key(desk: Desk) -> None:
    _, step_up, challenge = await begun(desk)
    other = Slip(desk.send, key=bytes([1]) * 32, clock=lambda: NOW, settings=CodeSettings())
    with pytest.raises(WrongAnswer):
        await other.complete(MINE, step_up, challenge.state, {"code": desk.code}, now=NOW)


async def test_a_code_replayed_for_another_intent_is_refused(desk: Desk) -> None:
    provider, _, _ = await begun(desk)
    stolen = desk.code
    other = asked.step_up(NOW, intent=b"pay 9000 USD")
    challenge = await provider.begin(MINE, other)
    with pytest.raises(WrongAnswer):
        await provider.complete(MINE, other, challenge.state, {"code": stolen}, now=NOW)


async def test_a_hash_moved_into_another_step_ups_state_is_refused(desk: Desk) -> None:
    provider, _, challenge = await begun(desk)
    stolen = desk.code
    other = asked.step_up(NOW, intent=b"pay 9000 USD")
    state = {**(await provider.begin(MINE, other)).state, "mac": challenge.state["mac"]}
    with pytest.raises(WrongAnswer):
        await provider.complete(MINE, other, state, {"code": stolen}, now=NOW)


async def test_a_state_with_its_step_up_renamed_is_refused(desk: Desk) -> None:
    provider, _, challenge = await begun(desk)
    other = asked.step_up(NOW, intent=b"pay 9000 USD")
    forged = {**challenge.state, "step_up": other.id, "intent": other.intent_hash}
    with pytest.raises(WrongAnswer):
        await provider.complete(MINE, other, forged, {"code": desk.code}, now=NOW)


async def test_another_persons_state_is_refused_even_with_the_right_code(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    other = Factor({"address": "mallory", "confirmed_at": 1})
    with pytest.raises(WrongAnswer):
        await provider.complete(other, step_up, challenge.state, {"code": desk.code}, now=NOW)


async def test_a_state_of_another_intent_is_refused(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    with pytest.raises(OtherIntent):
        await provider.complete(
            MINE, replace(step_up, intent_hash="sha256:00"), challenge.state, {"code": desk.code}, now=NOW
        )


@pytest.mark.parametrize(
    ("valid_seconds", "step_up_lives", "lives"),
    [
        (300, 3_600_000, 300_000),  # five minutes at most
        (60, 3_600_000, 60_000),
        (300, 120_000, 120_000),  # never longer than the step-up
    ],
)
async def test_a_code_lives_as_long_as_set_and_no_longer_than_its_step_up(
    desk: Desk, valid_seconds: int, step_up_lives: int, lives: int
) -> None:
    provider = desk.provider(valid_seconds=valid_seconds)
    step_up = asked.step_up(NOW, expires_at=NOW + step_up_lives)
    challenge = await provider.begin(MINE, step_up)
    assert challenge.expires_at == NOW + lives
    answer = {"code": desk.code}
    with pytest.raises(TimedOut):
        await provider.complete(MINE, step_up, challenge.state, answer, now=NOW + lives)
    assert await provider.complete(MINE, step_up, challenge.state, answer, now=NOW + lives - 1)


async def test_nothing_is_sent_for_a_step_up_that_has_ended(desk: Desk) -> None:
    step_up = asked.step_up(NOW)
    desk.now = step_up.expires_at
    with pytest.raises(TimedOut):
        await desk.provider().begin(MINE, step_up)
    assert desk.sent == []


async def test_the_sixth_code_is_refused_even_if_it_is_right(desk: Desk) -> None:
    provider, step_up, challenge = await begun(desk)
    state = challenge.state
    for _ in range(5):
        with pytest.raises(WrongTry) as error:
            await provider.complete(MINE, step_up, state, {"code": other_than(desk.code)}, now=NOW)
        state = error.value.state
    with pytest.raises(Refused, match="too many"):
        await provider.complete(MINE, step_up, state, {"code": desk.code}, now=NOW)


def test_a_short_key_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Slip(desk.send, key=bytes(31), clock=lambda: NOW, settings=CodeSettings())


WEAK: list[dict[str, Any]] = [
    {"digits": 5},
    {"digits": 9},
    {"valid_seconds": 301},
    {"valid_seconds": 0},
    {"resends": 6},
    {"resend_after_seconds": 0},
    {"most_wrong": 100},
]


@pytest.mark.parametrize("table", WEAK)
def test_a_setting_that_weakens_or_does_not_exist_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, CodeSettings)


NAMES: list[tuple[str, str]] = [
    ("Acme AB", "Acme AB"),
    ("Acme\r\nBcc: evil@example.com", "Acme Bcc: evil@example.com"),
    ("  a \t b\u2028c\x00 ", "a b c"),
    ("\u202etxt.exe\u200b", "txt.exe"),
    ("x" * 100, "x" * 60),
    ("\ud800", ""),
]


@pytest.mark.parametrize(("name", "written"), NAMES)
def test_a_name_is_one_line_without_signs_that_nobody_sees(name: str, written: str) -> None:
    assert one_line(name) == written
