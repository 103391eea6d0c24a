"""Levels that a client claims: their names are noticed, their values are nobody's business."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from approvals_hub.api.body import decode
from approvals_hub.api.claimed import CLAIMS, COUNTED, claimed, claimed_in_vain
from approvals_hub.api.decisions import AnswerForm
from approvals_hub.api.limits import CLAIMS_PER_MINUTE
from approvals_hub.api.step_ups import AnswerStepUp, StepUpForm
from approvals_hub.core.errors import Invalid
from tests.unit.api.web_client import Web, serving
from tests.unit.hub_fixture import StaffedHub

FORMS = pytest.mark.parametrize(
    ("form", "needed"),
    [
        (AnswerForm, {"statement": "AA"}),
        (StepUpForm, {"method": "totp", "intent": "AA"}),
        (AnswerStepUp, {"answer": {}}),
    ],
)


def read(form: type[Any], members: dict[str, Any]) -> Any:
    return decode(msgspec.json.encode(members), form)


@FORMS
@pytest.mark.parametrize("value", [None, "HIGH", 4, ["hwk"], {"x": 1}])
@pytest.mark.parametrize("name", CLAIMS)
def test_whatever_is_claimed_is_taken_and_named(form: type[Any], needed: dict[str, Any], name: str, value: Any) -> None:
    assert claimed(read(form, {**needed, name: value})) == (name,)


@FORMS
def test_who_claims_nothing_is_not_said_to_have_claimed(form: type[Any], needed: dict[str, Any]) -> None:
    assert claimed(read(form, needed)) == ()


@FORMS
def test_a_claim_under_another_name_is_refused(form: type[Any], needed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        read(form, {**needed, "loa": "high"})
    assert refused.value.field == "$.loa"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_level_claimed_within_an_answer_is_named_too(name: str) -> None:
    assert claimed(read(AnswerStepUp, {"answer": {"code": "1", name: "HIGH"}})) == (name,)


@pytest.mark.parametrize(
    ("raw", "query", "field", "names"),
    [
        (b'{"amr":["hwk"],"acr":"HIGH"}', "", "$.acr", ("acr", "amr")),
        (b'{"a\\u0063r":1}', "", "$.acr", ("acr",)),
        (b"", "limit=1&assurance_level=HIGH", "$.assurance_level", ("assurance_level",)),
        (b"", "a%63r=HIGH", "$.acr", ("acr",)),
        (b'{"fresh":{"acr":"HIGH"}}', "", "$.fresh.acr", ("acr",)),
        (b'{"acr_values":"HIGH"}', "", "$.acr_values", ()),
        (b'{"payload":{"acr":"HIGH"}}', "", "$.action", ()),
        (b'["acr"]', "", "$", ()),
        (b"no JSON", "", None, ()),
    ],
)
def test_what_a_refused_request_claims_is_found_however_it_is_written(
    raw: bytes, query: str, field: str | None, names: tuple[str, ...]
) -> None:
    assert claimed_in_vain(raw, query, field) == names


async def test_a_level_claimed_where_no_form_takes_one_is_refused_and_recorded_of_whom_is_known(api: Web) -> None:
    house = api.house
    org, owner, bot = f"/v1/orgs/{house.org_id}", house.owner, house.bot
    claims = {"acr": "HIGH", "amr": ["hwk"], "assurance_level": 4}
    script = await house.api_key_agent()
    known: list[tuple[str, str, Any, Any]] = [
        ("POST", "/v1/factors", {"method": "totp", **claims}, owner),
        ("POST", "/v1/devices", claims, owner),
        ("POST", "/v1/joinings", {"token": "x", **claims}, owner),
        ("DELETE", "/v1/sessions", claims, owner),
        ("PUT", f"{org}/requirement", {"min_assurance": "LOW", **claims}, owner),
        ("POST", "/v1/escalations/esc_1/views", {"device_id": owner.device_id, **claims}, owner),
        ("GET", "/v1/inbox?acr=HIGH&amr=hwk&assurance_level=4", None, owner),
        ("POST", "/v1/authorize", {"action": bot.action(), **claims}, bot),
        ("POST", "/v1/escalations", {"action": bot.action(), **claims}, bot),
        ("POST", "/v1/escalations", {"action": script.action(), **claims}, script),
    ]
    for method, path, body, who in known:
        reply = await api.call(method, path, body, who, key="k")
        assert (reply.status, reply.code) == (422, "invalid_request"), (path, reply)
    events = await house.events("request.refused")
    assert [event["detail"]["claimed"] for event in events] == [list(CLAIMS)] * len(known)
    assert [event["actor_id"] for event in events] == [owner.person_id] * 7 + [bot.agent_id] * 2 + [script.agent_id]
    assert {event["decision"] for event in events} == {"invalid_request"}
    assert [event["detail"]["request"].partition(" ")[2] for event in events][7:] == [
        "/v1/authorize",
        "/v1/escalations",
        "/v1/escalations",
    ]


async def test_levels_that_strangers_claim_fill_no_log_and_are_counted(house: StaffedHub) -> None:
    strangers: list[tuple[str, dict[str, Any]]] = [
        ("/v1/sessions", {"challenge_id": "chl_1", "acr": "HIGH"}),
        ("/v1/challenges", {"purpose": "sign_in", "assurance_level": "HIGH"}),
        ("/v1/sign-ins", {"method": "company", "amr": ["hwk"]}),
        ("/v1/sign-ins/sgn_1", {"secret": "x", "answer": {}, "acr": "HIGH"}),
        ("/v1/tokens/redeem", {"token": "x", "acr": "HIGH"}),
    ]
    with capture_logs() as logs:
        async with serving(house) as api:
            for path, body in strangers:
                assert (await api.call("POST", path, body, key="k")).status == 422, path
    assert await house.events("request.refused") == []
    assert [line["count"] for line in logs if line.get("code") == COUNTED] == [len(strangers)]


async def test_a_stolen_session_or_a_replayed_request_that_claims_for_ever_fills_no_log(api: Web) -> None:
    house = api.house
    for _ in range(CLAIMS_PER_MINUTE + 3):
        assert (await api.call("GET", "/v1/inbox?acr=HIGH", who=house.owner)).status == 422
    assert len(await house.events("request.refused")) == CLAIMS_PER_MINUTE
    replayed = api.signature(house.bot, "GET", "/v1/agent?acr=HIGH")
    for _ in range(2):
        assert (await api.send("GET", "/v1/agent?acr=HIGH", headers=replayed)).status == 422
    assert len(await house.events("request.refused")) == CLAIMS_PER_MINUTE + 1
