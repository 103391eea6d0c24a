"""What clients of a released version rely on stays: its OpenAPI document is compared with the present one.

Each version of the changelog has its document in `docs/released/`. `BREAKS` names what a version broke on purpose.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts.compatible import broken
from tests.house.tree import ROOT

RELEASED = ROOT / "docs" / "released"
BREAKS: dict[str, str] = {}
"""Each break that is meant, as `broken` words it, with the reason; the changelog names it too. Before 1.0 a minor
version may break."""

Document = dict[str, Any]
Changes = Callable[[Document], Any]
TODAY: Document = json.loads((ROOT / "docs" / "openapi.json").read_text())
ASK = ("/v1/escalations", "post")


def versions() -> list[str]:
    """The released versions of the changelog."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_each_released_version_has_its_document_and_no_other_is_there() -> None:
    kept = sorted(file.stem for file in RELEASED.glob("*.json")) if RELEASED.exists() else []
    assert kept == sorted(versions())
    for version in kept:
        assert json.loads((RELEASED / f"{version}.json").read_text())["info"]["version"] == version


def test_the_present_document_breaks_nothing_of_the_newest_released_one() -> None:
    newest = versions()[:1]
    found = [
        each for version in newest for each in broken(json.loads((RELEASED / f"{version}.json").read_text()), TODAY)
    ]
    assert sorted(found) == sorted(BREAKS)


def operation(document: Document, path: str = ASK[0], method: str = ASK[1]) -> Document:
    found: Document = document["paths"][path][method]
    return found


def form(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def changed(change: Changes) -> Document:
    """Today's document, changed."""
    document = copy.deepcopy(TODAY)
    change(document)
    return document


BREAKING: list[tuple[Changes, str]] = [
    (lambda found: found["paths"].pop("/v1/inbox"), "GET /v1/inbox: is gone"),
    (lambda found: found["paths"]["/v1/escalations"].pop("get"), "GET /v1/escalations: is gone"),
    (
        lambda found: operation(found)["responses"].update({"200": operation(found)["responses"].pop("201")}),
        "POST /v1/escalations: does not answer 201 any more",
    ),
    (
        lambda found: operation(found, method="get")["parameters"].pop(0),
        "GET /v1/escalations limit: is not read any more",
    ),
    (
        lambda found: operation(found, method="get")["parameters"][0]["schema"].update(maximum=100),
        "GET /v1/escalations limit: maximum is narrower",
    ),
    (
        lambda found: operation(found, method="get")["parameters"][1].update(required=True),
        "GET /v1/escalations cursor: is required now",
    ),
    (
        lambda found: operation(found)["security"].remove({"api_key": []}),
        "POST /v1/escalations: does not take api_key any more",
    ),
    (
        lambda found: form(found, "NewEscalation")["required"].append("justification"),
        "POST /v1/escalations body.justification: is required now",
    ),
    (
        lambda found: form(found, "NewEscalation")["properties"].pop("callback_url"),
        "POST /v1/escalations body.callback_url: is refused now",
    ),
    (
        lambda found: form(found, "NewEscalation")["properties"].update(expires_in={"type": "integer"}),
        "POST /v1/escalations body.expires_in: takes no null any more",
    ),
    (
        lambda found: form(found, "NameForm")["properties"].update(name={"type": "integer"}),
        "PUT /v1/devices/{id}/name body.name: takes no string any more",
    ),
    (
        lambda found: form(found, "NameForm")["properties"]["name"].update(maxLength=3),
        "PUT /v1/devices/{id}/name body.name: maxLength is narrower",
    ),
    (
        lambda found: form(found, "NameForm")["properties"]["name"].update(pattern="^a$"),
        "PUT /v1/devices/{id}/name body.name: pattern is another one",
    ),
    (
        lambda found: form(found, "RequirementForm")["properties"]["risk"]["enum"].remove("medium"),
        "PUT /v1/orgs/{org}/requirement body.risk: takes fewer words",
    ),
    (
        lambda found: form(found, "EscalationView")["properties"].pop("action_hash"),
        "POST /v1/escalations 201.action_hash: is gone",
    ),
    (
        lambda found: form(found, "EscalationView")["required"].remove("status"),
        "POST /v1/escalations 201.status: may be missing now",
    ),
    (
        lambda found: form(found, "EscalationView")["properties"].update(
            status={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        "POST /v1/escalations 201.status: may be null now",
    ),
    (
        lambda found: form(found, "EscalationView")["properties"].update(version={"type": "string"}),
        "POST /v1/escalations 201.version: may be string now",
    ),
]
ADDING: list[Changes] = [
    lambda found: found["paths"].update({"/v1/new": {"get": operation(found, "/v1/inbox", "get")}}),
    lambda found: operation(found, method="get")["parameters"].append(
        {"in": "query", "name": "new", "required": False, "schema": {"type": "string"}}
    ),
    lambda found: operation(found)["responses"].update({"418": {"description": "Another refusal"}}),
    lambda found: form(found, "NewEscalation")["properties"].update(new={"type": "string"}),
    lambda found: form(found, "NameForm")["properties"]["name"].update(maxLength=100_000),
    lambda found: form(found, "RequirementForm")["properties"]["risk"]["enum"].append("unheard_of"),
    lambda found: form(found, "EscalationView")["properties"].update(new={"type": "string"}),
    lambda found: form(found, "EscalationView")["required"].append("new"),
]


@pytest.mark.parametrize(("change", "said"), BREAKING, ids=[said for _, said in BREAKING])
def test_a_break_is_named_with_its_place(change: Changes, said: str) -> None:
    assert said in broken(TODAY, changed(change))


@pytest.mark.parametrize("change", ADDING)
def test_an_addition_breaks_nothing(change: Changes) -> None:
    assert broken(TODAY, changed(change)) == []


def test_a_document_breaks_nothing_of_itself() -> None:
    assert broken(TODAY, copy.deepcopy(TODAY)) == []
