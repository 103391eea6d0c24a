"""Policies that OpenLeash agents propose over HTTP: for themselves, each a policy of its own, never in force before."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.api.openleash_drafts import OpenLeashNewDraft, name_of, why_of
from approvals_hub.policies.kept import checked_name
from tests.unit.api.web_client import Web
from tests.unit.openleash_bot import openleash_bot
from tests.unit.policies.kept_policies import ALLOW, DENY, publish

DRAFTS = "/v1/agent/policy-drafts"


async def test_a_draft_is_seen_by_its_agent_alone_and_decides_nothing(api: Web) -> None:
    await publish(api.house, DENY)
    bot, other = await openleash_bot(api.house), await openleash_bot(api.house, "other")
    made = await bot.call(api, "POST", DRAFTS, {"policy_yaml": ALLOW, "justification": "why"})
    assert (made.status, made.json["status"], made.json["state"]) == (201, "PENDING", "open")
    assert (await bot.call(api, "POST", "/v1/authorize", bot.action())).json["result"] == "DENY"
    path = f"{DRAFTS}/{made.json['policy_draft_id']}"
    whole = (await bot.call(api, "GET", path)).json
    assert (whole["policy_yaml"], whole["justification"]) == (ALLOW, "why")
    theirs = await other.call(api, "GET", path)
    assert (theirs.status, theirs.json["error"]["code"]) == (404, "NOT_FOUND")
    assert (await other.call(api, "GET", DRAFTS)).json == {"policy_drafts": []}
    assert (await api.call("GET", path, who=api.house.bot)).code == "policy_draft_unknown"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"policy_yaml": ALLOW, "applies_to_agent_principal_id": None}, 403, "INVALID_AGENT"),
        ({"policy_yaml": ALLOW, "applies_to_agent_principal_id": "agt_1"}, 403, "INVALID_AGENT"),
        ({"policy_yaml": "version: 2"}, 422, "INVALID_POLICY"),
        ({"policy_yaml": ""}, 422, "INVALID_REQUEST"),
        ({}, 422, "INVALID_REQUEST"),
    ],
)
async def test_a_draft_for_others_or_of_no_good_form_is_refused(
    api: Web, body: dict[str, Any], status: int, code: str
) -> None:
    bot = await openleash_bot(api.house)
    reply = await bot.call(api, "POST", DRAFTS, body)
    assert (reply.status, reply.json["error"]["code"]) == (status, code)


async def test_a_draft_for_the_agent_by_either_of_its_names_is_its_own(api: Web) -> None:
    bot = await openleash_bot(api.house)
    for name in (bot.name, bot.agent_id):
        body = {"policy_yaml": ALLOW, "applies_to_agent_principal_id": name}
        reply = await bot.call(api, "POST", DRAFTS, body)
        assert reply.json["applies_to_agent_principal_id"] == bot.agent_id


def test_each_text_is_a_policy_of_its_own_with_a_name_that_policies_may_have() -> None:
    name = name_of("agt_06H1HSQ1709uek83rr5ag1c9ao", ALLOW)
    assert checked_name(name) == name_of("agt_06h1hsq1709uek83rr5ag1c9ao", ALLOW)
    assert name != name_of("agt_06h1hsq1709uek83rr5ag1c9ao", DENY)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({}, None),
        ({"justification": " why "}, "why"),
        ({"name": "n", "description": "", "justification": "j"}, "n j"),
        ({"description": "x" * 300}, "x" * 279 + "…"),
    ],
)
def test_an_agents_words_are_shown_and_cut_where_they_are_too_many(form: dict[str, str], shown: str | None) -> None:
    assert why_of(OpenLeashNewDraft(policy_yaml=ALLOW, **form)) == shown
