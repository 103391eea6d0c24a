""" "Not mine, ask X", over HTTP."""

from __future__ import annotations

from tests.unit.api.web_client import Web


async def test_who_could_be_asked_instead_is_listed_and_one_of_them_is_asked(api: Web) -> None:
    house = api.house
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    path = f"/v1/escalations/{opened.id}/hand-over"
    listed = await api.call("GET", path, who=ada)
    assert listed.json["items"] == [{"person_id": bo.person_id, "name": "Bo"}]
    made = await api.call("POST", path, {"to": bo.person_id}, ada)
    assert (made.status, made.json["by"]["name"], made.json["to"]["name"]) == (200, "Ada", "Bo")
    shown = await api.call("GET", f"/v1/escalations/{opened.id}/presentation", who=bo)
    assert (shown.json["handed_by"], shown.json["handed_to"]) == ("Ada", None)


async def test_a_body_of_another_form_is_refused_with_its_field(api: Web) -> None:
    ada = await api.house.person("Ada")
    opened = (await api.house.bot.ask()).escalation
    for body in ({}, {"to": 7}, {"to": "a b"}, {"to": "x" * 65}, {"to": "per_1", "reason": "x"}):
        given = await api.call("POST", f"/v1/escalations/{opened.id}/hand-over", body, ada)
        assert given.status == 422, body
