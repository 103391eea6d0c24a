"""Nothing secret in a log, in an error's text, or on the person's page, whatever happens."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable

import pytest

from identity.errors import NotProven
from identity.proof import Proof
from tests.contracts.step_up.play import begin, complete, finish, prove, secrets, texts_in, texts_of, tried
from tests.contracts.step_up.stage import Stage

OF_FAKES = ("aiohttp.access", "aiohttp.server", "mail.log")
"""Loggers of the fake vendors' servers: what they write is the vendor's."""


def found_in(text: str, stage: Stage) -> list[str]:
    """Secrets that stand in a text as words of their own; six digits within a longer number are chance."""
    return [secret for secret in secrets(stage) if re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)]


async def error_of(call: Awaitable[object]) -> str:
    """What a log would hold of a refusal; empty where there was none."""
    result = await tried(call)
    return texts_of(result) if isinstance(result, NotProven) else ""


async def test_no_log_holds_a_secret(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    proof = await prove(stage, stage.step_up())
    await everything_that_goes_wrong(stage)
    own = [record for record in caplog.records if not record.name.startswith(OF_FAKES)]
    text = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in own)
    assert found_in(text, stage) == []
    assert proof.subject is None or proof.subject not in text


async def test_no_error_quotes_a_secret(stage: Stage) -> None:
    assert found_in(await everything_that_goes_wrong(stage), stage) == []


async def test_no_error_quotes_what_somebody_typed(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    for answer in ({"code": "hunter2"}, {"word": "hunter2"}, *stage.malformed_answers()):
        error = await error_of(complete(stage, step_up, challenge.state, answer))
        assert [text for text in texts_in(answer) if text in error] == []


async def test_the_page_is_shown_no_secret(stage: Stage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    proof = await finish(stage, step_up, challenge.state, await stage.person_proves(challenge))
    shown = json.dumps(challenge.shown, ensure_ascii=False)
    assert found_in(shown, stage) == []
    assert proof.subject is None or proof.subject not in shown


async def test_the_public_parts_of_a_proof_hold_no_secret(stage: Stage) -> None:
    proof: Proof = await prove(stage, stage.step_up())
    public = f"{proof.method} {proof.amr} {proof.once} {proof.auth_ref} {proof.acr_reported} {dict(proof.facts)}"
    assert found_in(public, stage) == []


async def everything_that_goes_wrong(stage: Stage) -> str:
    """All error texts of a wrong person, another intent, a no, malformed answers, a late one, and the outages."""
    texts = []
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    for answer in ([], {"code": "x"}, *stage.malformed_answers()):
        texts.append(await error_of(complete(stage, step_up, challenge.state, answer)))
    for happens in ("another person", "another intent", "a no", "too late"):
        step_up = stage.step_up()
        challenge = await begin(stage, step_up)
        if happens == "another person":
            answer = await stage.person_proves(challenge, other_person=True)
        elif happens == "another intent":
            answer = await stage.answer_for_another_intent(step_up)
        elif happens == "a no":
            answer = await stage.person_cancels(challenge)
        else:
            answer = None if challenge.collect_every is not None else await stage.person_proves(challenge)
            stage.now = challenge.expires_at
        texts.append(await error_of(finish(stage, step_up, challenge.state, answer)))
    return "\n".join([*texts, *await outages(stage)])


async def outages(stage: Stage) -> list[str]:
    """The error texts of a vendor that is down, silent, or garbles."""
    texts: list[str] = []
    for outage in (stage.vendor_is_down, stage.vendor_is_silent, stage.vendor_garbles) if stage.has_vendor else ():
        step_up = stage.step_up()
        challenge = await begin(stage, step_up)
        answer = await stage.person_proves(challenge)
        async with outage():
            texts.append(await error_of(begin(stage, stage.step_up())))
            texts.append(await error_of(finish(stage, step_up, challenge.state, answer)))
    return texts
