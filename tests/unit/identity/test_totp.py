"""Codes of an authenticator app: the RFCs' vectors, time steps, enrolment."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from base64 import b32encode
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import msgspec
import pyotp
import pytest

from identity.attempt import WrongTry
from identity.errors import OtherIntent, Refused, TimedOut, WrongAnswer
from identity.proof import Binding, Challenge, Factor, Proof, Purpose, StepUp
from identity.totp import STEP, Totp, TotpSettings, otpauth_uri, qr_svg
from tests.contracts.step_up import asked

RFC_SECRET = b32encode(b"12345678901234567890").decode()
# Seconds, and the last six of the eight digits for SHA-1, RFC 6238 appendix B.
RFC_6238 = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
# All eight digits for SHA-1, SHA-256 and SHA-512, of the same appendix.
RFC_6238_FULL = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]
# RFC 4226 appendix D: counters 0 to 9.
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
MINE = Factor({"secret": RFC_SECRET})


def step_of(proof: Proof) -> int:
    """The time step that a proof used up."""
    [name] = proof.once
    word, _, step = name.split(":")
    assert word == "step"
    return int(step)


async def typed(
    code: str, *, now: int, provider: Totp | None = None, factor: Factor = MINE, step_up: StepUp | None = None
) -> Proof:
    """Begin at `now`, and type a code at once."""
    provider = provider or Totp()
    step_up = step_up or asked.step_up(now)
    challenge = await provider.begin(factor, step_up)
    return await provider.complete(factor, step_up, challenge.state, {"code": code}, now=now)


@pytest.mark.parametrize(("second", "code"), RFC_6238)
async def test_a_code_of_rfc_6238_is_taken_at_its_time(second: int, code: str) -> None:
    proof = await typed(code, now=second * 1000)
    assert step_of(proof) == second // 30
    assert (proof.amr, proof.binding, proof.at) == (("otp",), Binding.SERVER, second * 1000)


@pytest.mark.parametrize(("second", "sha1", "sha256", "sha512"), RFC_6238_FULL)
def test_the_generator_keeps_the_vectors_of_rfc_6238(second: int, sha1: str, sha256: str, sha512: str) -> None:
    for size, name, code in ((20, "sha1", sha1), (32, "sha256", sha256), (64, "sha512", sha512)):
        secret = b32encode((b"1234567890" * 7)[:size]).decode()
        assert pyotp.TOTP(secret, digits=8, digest=getattr(hashlib, name)).at(second) == code


@pytest.mark.parametrize(("counter", "code"), list(enumerate(RFC_4226)))
async def test_a_code_of_rfc_4226_is_the_one_of_that_step(counter: int, code: str) -> None:
    assert step_of(await typed(code, now=counter * STEP)) == counter


@pytest.mark.parametrize(
    ("steps_off", "typed_step", "taken"),
    [
        (0, -2, False),
        (0, -1, False),
        (0, 0, True),
        (0, 1, False),
        (1, -2, False),
        (1, -1, True),
        (1, 0, True),
        (1, 1, True),
        (1, 2, False),
    ],
)
async def test_a_code_of_another_step_is_taken_only_where_that_is_set(
    steps_off: Any, typed_step: int, taken: bool
) -> None:
    provider = Totp(TotpSettings(steps_off=steps_off))
    code = pyotp.TOTP(RFC_SECRET).at((asked.START + typed_step * STEP) // 1000)
    if not taken:
        with pytest.raises(WrongAnswer):
            await typed(code, now=asked.START, provider=provider)
        return
    proof = await typed(code, now=asked.START, provider=provider)
    assert step_of(proof) == asked.START // STEP + typed_step
    assert proof.facts == {"steps_off": typed_step}


async def test_a_code_ends_with_the_last_millisecond_of_its_step() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(30)
    assert step_of(await typed(code, now=2 * STEP - 1)) == 1
    with pytest.raises(WrongAnswer):
        await typed(code, now=2 * STEP)


async def test_a_code_replayed_in_its_step_names_the_same_step() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(asked.START // 1000)
    first = await typed(code, now=asked.START)
    again = await typed(code, now=asked.START + 1000)
    assert first.once == again.once


async def test_the_sixth_code_is_refused_even_if_it_is_right() -> None:
    provider, step_up = Totp(), asked.step_up(59_000)
    state = (await provider.begin(MINE, step_up)).state
    for _ in range(5):
        with pytest.raises(WrongTry) as error:
            await provider.complete(MINE, step_up, state, {"code": "000000"}, now=59_000)
        state = error.value.state
    with pytest.raises(Refused, match="too many"):
        await provider.complete(MINE, step_up, state, {"code": "287082"}, now=59_000)


async def test_nobody_without_an_app_is_asked() -> None:
    with pytest.raises(Refused):
        await Totp().begin(Factor(), asked.step_up(asked.START))


async def test_an_app_removed_meanwhile_proves_nothing() -> None:
    step_up = asked.step_up(59_000)
    challenge = await Totp().begin(MINE, step_up)
    with pytest.raises(Refused):
        await Totp().complete(Factor(), step_up, challenge.state, {"code": "287082"}, now=59_000)


def link(**changes: Any) -> StepUp:
    return asked.step_up(asked.START, purpose=Purpose.LINK, **changes)


async def linked(factor: Factor, step_up: StepUp) -> tuple[Challenge, str]:
    """A key that was shown and not confirmed, and its present code."""
    challenge = await Totp().begin(factor, step_up)
    secret = challenge.shown["key"].replace(" ", "")
    return challenge, pyotp.TOTP(secret).at(asked.START // 1000)


async def test_a_new_key_counts_once_a_code_of_it_was_typed() -> None:
    step_up = link()
    challenge, code = await linked(Factor(), step_up)
    proof = await Totp().complete(Factor(), step_up, challenge.state, {"code": code}, now=asked.START)
    assert proof.data == {"secret": challenge.shown["key"].replace(" ", "")}
    assert (await typed(code, now=asked.START, factor=Factor(proof.data))).once == proof.once


async def test_a_new_key_is_not_confirmed_by_the_old_ones_code() -> None:
    step_up = link()
    challenge, _ = await linked(MINE, step_up)
    old = pyotp.TOTP(RFC_SECRET).at(asked.START // 1000)
    with pytest.raises(WrongAnswer):
        await Totp().complete(MINE, step_up, challenge.state, {"code": old}, now=asked.START)


async def test_a_decision_is_not_proven_with_the_state_of_an_enrolment() -> None:
    challenge, code = await linked(Factor(), link())
    with pytest.raises(OtherIntent):
        await Totp().complete(MINE, asked.step_up(asked.START), challenge.state, {"code": code}, now=asked.START)


async def test_a_new_key_is_160_random_bits() -> None:
    keys = {(await linked(Factor(), link()))[0].shown["key"].replace(" ", "") for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}


async def test_an_enrolment_not_confirmed_in_time_is_void() -> None:
    step_up = link()
    challenge, code = await linked(Factor(), step_up)
    with pytest.raises(TimedOut):
        await Totp().complete(Factor(), step_up, challenge.state, {"code": code}, now=step_up.expires_at)


async def test_the_page_is_shown_a_key_only_while_it_is_being_enrolled() -> None:
    challenge = await Totp().begin(MINE, asked.step_up(asked.START))
    assert challenge.shown == {"digits": 6}


async def test_the_uri_names_the_issuer_and_the_account() -> None:
    challenge, _ = await linked(Factor({"account": "anna:x@example.se"}), link())
    parts = urlsplit(challenge.shown["uri"])
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Approvals Hub:anna x@example.se"
    assert parse_qs(parts.query)["issuer"] == ["Approvals Hub"]


def test_the_qr_code_is_one_svg_element_without_script_or_link() -> None:
    root = ElementTree.fromstring(qr_svg(otpauth_uri(RFC_SECRET, account="anna@example.se", issuer="Hub")))
    assert root.tag == "svg"
    assert {element.tag for element in root.iter()} <= {"svg", "g", "path"}


@pytest.mark.parametrize(
    "table", [{"steps_off": 2}, {"steps_off": -1}, {"issuer": ""}, {"issuer": "a:b"}, {"issuer": "a\n"}, {"skew": 1}]
)
def test_a_setting_that_weakens_or_does_not_exist_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, TotpSettings)


def test_the_packages_for_codes_and_pictures_are_not_imported_before_they_are_needed() -> None:
    code = "import sys, identity.totp; sys.exit(bool({'pyotp', 'segno'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
