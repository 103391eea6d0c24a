"""Recovery codes: made once, kept as hashes, good once each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from identity.errors import Malformed, OtherIntent, Refused, WrongAnswer
from identity.proof import Factor, Proof, Purpose, State
from identity.recovery_codes import ALPHABET, HOW_MANY, RecoveryCodes, index_of, kept, new_code
from tests.contracts.step_up import asked

NOW = asked.START
CODES = [new_code() for _ in range(HOW_MANY)]
PROVIDER = RecoveryCodes()


async def typed(code: str, data: State) -> Proof:
    factor, step_up = Factor(data), asked.step_up(NOW)
    challenge = await PROVIDER.begin(factor, step_up)
    return await PROVIDER.complete(factor, step_up, challenge.state, {"code": code}, now=NOW)


@pytest.mark.parametrize("index", range(HOW_MANY))
async def test_every_code_proves_the_person_and_names_itself(index: int) -> None:
    data = kept(CODES)
    proof = await typed(CODES[index], data)
    assert proof.once == (f"code:{data['salt']}:{index}",)
    assert proof.amr == ("otp",)
    assert proof.facts == {"codes_left": HOW_MANY - 1}


async def test_a_used_code_is_not_in_the_new_data() -> None:
    proof = await typed(CODES[3], kept(CODES))
    assert proof.data is not None
    with pytest.raises(WrongAnswer):
        await typed(CODES[3], proof.data)
    assert (await typed(CODES[4], proof.data)).facts == {"codes_left": HOW_MANY - 2}


async def test_a_code_used_twice_from_the_same_data_names_itself_twice() -> None:
    data = kept(CODES)
    assert (await typed(CODES[0], data)).once == (await typed(CODES[0], data)).once


async def test_the_same_place_in_another_set_has_another_name() -> None:
    assert (await typed(CODES[0], kept(CODES))).once != (await typed(CODES[0], kept(CODES))).once


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")])
async def test_a_code_is_read_however_it_was_typed(change: Any) -> None:
    assert await typed(change(CODES[0]), kept(CODES))


async def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    data = kept(["1010-1010-1010-1010"])
    assert await typed("IOlo-1o1O-L0i0-1010", data)


@pytest.mark.parametrize("code", ["", "1010", "1010-1010-1010-101U", "1010-1010-1010-1010-1", "１010-1010-1010-1010"])
async def test_what_cannot_be_a_code_is_malformed(code: str) -> None:
    with pytest.raises(Malformed):
        await typed(code, kept(CODES))


async def test_nobody_without_codes_is_asked() -> None:
    for data in ({}, {"salt": "", "hashes": [None] * HOW_MANY}):
        with pytest.raises(Refused):
            await PROVIDER.begin(Factor(data), asked.step_up(NOW))


def test_no_code_matches_the_place_of_a_used_one() -> None:
    assert index_of("", {"salt": "x", "hashes": [None, ""]}) is None


def test_what_is_kept_holds_no_code_and_a_salt_of_its_own() -> None:
    data = json.dumps(kept(CODES))
    assert not [code for code in CODES if code in data or code.replace("-", "") in data]
    assert kept(CODES)["hashes"] != kept(CODES)["hashes"]


def test_codes_have_80_random_bits_of_an_alphabet_without_doubles() -> None:
    assert len(set(ALPHABET)) == 32
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code.replace("-", "")) for code in codes} == {16}


async def test_a_new_set_counts_once_a_code_of_it_was_typed_and_none_is_used_up() -> None:
    step_up = asked.step_up(NOW, purpose=Purpose.LINK)
    challenge = await PROVIDER.begin(Factor(), step_up)
    codes = challenge.shown["codes"]
    assert len(codes) == HOW_MANY
    assert not [code for code in codes if code.replace("-", "") in json.dumps(challenge.state)]
    proof = await PROVIDER.complete(Factor(), step_up, challenge.state, {"code": codes[9]}, now=NOW)
    assert proof.data is not None
    assert proof.facts == {"codes_left": HOW_MANY}
    assert [await typed(code, proof.data) for code in codes]


async def test_a_new_set_is_not_confirmed_by_a_code_of_the_old_one() -> None:
    step_up, factor = asked.step_up(NOW, purpose=Purpose.LINK), Factor(kept(CODES))
    challenge = await PROVIDER.begin(factor, step_up)
    with pytest.raises(WrongAnswer):
        await PROVIDER.complete(factor, step_up, challenge.state, {"code": CODES[0]}, now=NOW)


async def test_a_code_typed_for_another_step_ups_challenge_is_refused() -> None:
    factor = Factor(kept(CODES))
    challenge = await PROVIDER.begin(factor, asked.step_up(NOW))
    with pytest.raises(OtherIntent):
        await PROVIDER.complete(factor, asked.step_up(NOW), challenge.state, {"code": CODES[0]}, now=NOW)
