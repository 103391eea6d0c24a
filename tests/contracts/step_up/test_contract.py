"""What every step-up provider owes (`identity/provider.py`), on every stage."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from identity.errors import Cancelled, NotProven, OtherIntent, Refused, TimedOut, WrongAnswer, WrongPerson
from identity.proof import Binding, Pending, Proof
from identity.provider import proofs_expire
from identity.registry import PROVIDERS
from tests.contracts.step_up.play import begin, cancel, collect, complete, finish, prove, stored, tried
from tests.contracts.step_up.stage import Stage
from tests.contracts.step_up.stages import STAGES

DEEP: list[object] = []
for _ in range(200):
    DEEP = [DEEP]
NOBODY_SENDS: tuple[Any, ...] = (
    7,
    -1,
    1.5,
    True,
    "",
    "text",
    "x" * 100_000,
    [],
    [[]],
    DEEP,
    {},
    {"": None},
    {"code": {"code": "1"}},
)


def test_every_provider_of_this_package_is_on_a_stage() -> None:
    assert set(PROVIDERS) <= set(STAGES)


async def test_the_right_person_is_proven(stage: Stage) -> None:
    step_up = stage.step_up()
    proof = await prove(stage, step_up)
    assert proof.method == stage.provider.name
    assert proof.amr
    assert isinstance(proof.binding, Binding)
    assert step_up.began_at <= proof.at <= stage.now


async def test_the_name_is_one_lower_case_word(stage: Stage) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", stage.provider.name)


async def test_what_is_kept_and_shown_is_json(stage: Stage) -> None:
    challenge = await begin(stage, stage.step_up())
    assert stored(challenge.state) == challenge.state
    assert json.loads(json.dumps(challenge.shown)) == challenge.shown


async def test_new_data_of_the_person_is_json_and_evidence_is_bytes(stage: Stage) -> None:
    proof = await prove(stage, stage.step_up())
    assert proof.data is None or stored(proof.data) == proof.data
    assert all(type(value) is bytes for value in proof.evidence.values())
    assert all(type(value) in (str, int, bool) for value in proof.facts.values())


async def test_a_challenge_lives_no_longer_than_its_step_up(stage: Stage) -> None:
    short = stage.step_up()
    long = stage.step_up(expires_at=stage.now + 3_600_000)
    assert stage.now < (await begin(stage, short)).expires_at <= short.expires_at
    assert stage.now < (await begin(stage, long)).expires_at <= long.expires_at


async def test_another_person_proves_nothing_for_this_one(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.person_proves(challenge, other_person=True)
    with pytest.raises((WrongPerson, WrongAnswer)):
        await finish(stage, step_up, challenge.state, answer)


async def test_a_proof_that_comes_too_late_is_refused_for_good(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    # Where the provider collects, nobody did anything: what was signed in time may still be fetched.
    answer = None if challenge.collect_every is not None else await stage.person_proves(challenge)
    stage.now = challenge.expires_at
    with pytest.raises(TimedOut) as refusal:
        await finish(stage, step_up, challenge.state, answer)
    assert refusal.value.final


async def test_a_replayed_proof_is_refused_or_names_what_was_used_already(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.person_proves(challenge)
    first = await finish(stage, step_up, challenge.state, answer)
    second = await tried(finish(stage, step_up, challenge.state, answer))
    assert isinstance(second, NotProven) or second.once == first.once != ()


async def test_an_answer_replayed_in_another_step_up_of_the_same_intent_proves_nothing_new(stage: Stage) -> None:
    first_step_up, second_step_up = stage.step_up(), stage.step_up()
    first_challenge = await begin(stage, first_step_up)
    answer = await stage.person_proves(first_challenge)
    first = await finish(stage, first_step_up, first_challenge.state, answer)
    if answer is None:
        # There is no answer to replay; the state stands for it, and is of another step-up.
        with pytest.raises(NotProven):
            await finish(stage, second_step_up, first_challenge.state, None)
        return
    second_challenge = await begin(stage, second_step_up)
    second = await tried(finish(stage, second_step_up, second_challenge.state, answer))
    assert isinstance(second, NotProven) or second.once == first.once != ()


async def test_where_proofs_expire_nothing_proves_the_same_an_hour_later(stage: Stage) -> None:
    if not proofs_expire(stage.provider):
        # What it names is kept for ever.
        return
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.person_proves(challenge)
    first = await finish(stage, step_up, challenge.state, answer)
    stage.now += 3_600_000
    late = stage.step_up()
    late_challenge = await begin(stage, late)
    for asked, state in ((step_up, challenge.state), (late, challenge.state), (late, late_challenge.state)):
        if answer is None and state == late_challenge.state:
            # Nobody did anything at the vendor this time.
            continue
        again = await tried(finish(stage, asked, state, answer))
        assert isinstance(again, NotProven) or not set(again.once) & set(first.once)


async def test_a_proof_given_for_another_intent_is_refused_or_names_what_was_used_already(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.answer_for_another_intent(step_up)
    proof = await tried(finish(stage, step_up, challenge.state, answer))
    if isinstance(proof, NotProven):
        assert isinstance(proof, OtherIntent | WrongAnswer)
        return
    other = stage.step_up(intent=b"pay 9000 USD")
    other_challenge = await begin(stage, other)
    used = await finish(stage, other, other_challenge.state, answer)
    assert (proof.binding, proof.once) == (Binding.SERVER, used.once)
    assert proof.once


async def test_the_state_of_another_step_up_is_refused(stage: Stage) -> None:
    first, second = stage.step_up(), stage.step_up(intent=b"pay 9000 USD")
    challenge = await begin(stage, first)
    answer = await stage.person_proves(challenge)
    with pytest.raises(NotProven):
        await finish(stage, second, challenge.state, answer)


async def test_a_second_beginning_is_completed_like_the_first(stage: Stage) -> None:
    step_up = stage.step_up()
    await begin(stage, step_up)
    assert (await prove(stage, step_up)).method == stage.provider.name


async def test_malformed_answers_end_nothing_and_prove_nothing(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    for answer in (*NOBODY_SENDS, *stage.malformed_answers()):
        result = await tried(complete(stage, step_up, challenge.state, answer))
        assert not isinstance(result, Proof)
        assert isinstance(result, Pending) or not result.final
    assert await finish(stage, step_up, challenge.state, await stage.person_proves(challenge))


async def test_no_answer_at_all_is_malformed_or_pending(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    result = await tried(complete(stage, step_up, challenge.state, None))
    assert not isinstance(result, Proof)
    assert isinstance(result, Pending) or not result.final


async def test_a_provider_that_waits_for_an_answer_collects_nothing(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    result = await collect(stage, step_up, challenge.state)
    assert isinstance(result, Pending)
    assert result.collect_every == challenge.collect_every


async def test_a_person_who_says_no_is_told_from_a_fault(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.person_cancels(challenge)
    with pytest.raises(Cancelled) as refusal:
        await finish(stage, step_up, challenge.state, answer)
    assert refusal.value.final


async def test_cancelling_twice_raises_nothing(stage: Stage) -> None:
    challenge = await begin(stage, stage.step_up())
    await cancel(stage, challenge)
    await cancel(stage, challenge)


async def test_cancelling_what_is_over_raises_nothing(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    await finish(stage, step_up, challenge.state, await stage.person_proves(challenge))
    await cancel(stage, challenge)


async def test_what_was_cancelled_at_the_vendor_proves_nothing_any_more(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    await cancel(stage, challenge)
    if challenge.collect_every is None:
        # Nothing runs at a vendor: forgetting the state is all that cancelling is.
        return
    with pytest.raises(Refused):
        await finish(stage, step_up, challenge.state, None)
