"""Signing in with an identity provider over HTTP, where a hub offers none, and what is never taken."""

from __future__ import annotations

import pytest

from approvals_hub.api.sign_ins import AnswerSignIn, BegunSignInView
from tests.unit.api.web_client import Web


async def test_a_hub_without_ways_says_so(api: Web) -> None:
    assert (await api.call("GET", "/v1/sign-in-ways")).json == {"items": [], "next": None}
    begun = await api.call("POST", "/v1/sign-ins", {"method": "google"})
    assert (begun.status, begun.code) == (404, "method_unknown")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_attempt_that_is_not_there_is_one_of_somebody_else(api: Web, method: str) -> None:
    body = None if method == "GET" else {"secret": "sgn_x"}
    reply = await api.call(method, "/v1/sign-ins/sgn_0", body, headers={"Sign-In-Secret": "sgn_x"})
    assert (reply.status, reply.code) == (404, "sign_in_unknown")


async def test_where_a_person_comes_back_to_is_not_the_callers_to_choose(api: Web) -> None:
    body = {"method": "google", "return_url": "https://evil.example"}
    assert (await api.call("POST", "/v1/sign-ins", body)).status == 422


def test_neither_secret_nor_answer_is_printed() -> None:
    view = BegunSignInView(sign_in_id="sgn_1", secret="sgn_s3cret", shown={}, expires_at="")
    form = AnswerSignIn(secret="sgn_s3cret", answer={"code": "c0de"})
    assert "s3cret" not in repr(view) + repr(form)
    assert "c0de" not in repr(form)
