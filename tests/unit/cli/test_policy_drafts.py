"""Drafts of policies at the command line, and publishing by two."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from approvals_hub.app import OpenHub
from approvals_hub.cli.opening import place_of
from approvals_hub.cli.policy_drafts import said
from approvals_hub.config import Settings
from tests.fakes.front_door import MovableTime
from tests.unit.cli.conftest import Call
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub
from tests.unit.policies.kept_policies import DENY, rules


def two_admins(settings: Settings) -> None:
    """Two people who may publish are there, each with a key."""

    # Devices sign for the URL that they were enrolled at.
    place = replace(place_of(settings), public_url=PUBLIC_URL)

    async def work() -> None:
        async with AsyncExitStack() as stack:
            hub = await stack.enter_async_context(OpenHub(place))
            time = MovableTime()
            time.now = hub.clock.now()
            [org] = await hub.db.read(lambda tx: tx.rows("SELECT id FROM orgs"))
            house = StaffedHub(hub, place, time, org["id"], stack)
            for name in ("Ada", "Bo"):
                await house.person(name, "admin")

    asyncio.run(work())


def test_apply_says_that_it_takes_a_second_person_and_the_draft_says_what_came_of_it(
    call: Call, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "main.yaml"
    file.write_text(DENY)
    two_admins(settings)
    assert call("policies", "second-person", "--plain").out == "Publishing takes one person.\n"
    assert call("policies", "second-person", "on", "--json").json == {"second_person": True, "draft": None}
    asked = call("policies", "apply", str(file), "--json")
    draft = asked.json["draft_id"]
    assert (asked.status, asked.json["state"], asked.json["change"]) == (8, "open", "publish")
    assert [each["draft_id"] for each in call("policies", "drafts", "--json").json["items"]] == [draft]
    assert call("policies", "list", "--json").json["items"] == []
    shown = call("policies", "draft", draft, "--plain").out
    assert ("waits for another person's signature" in shown, DENY.strip() in shown) == (True, True)
    gone = call("policies", "withdraw-draft", draft, "--yes", "--plain")
    assert (gone.status, "was taken back" in gone.out) == (0, True)
    bot = call("agents", "api-key", "old", "--json").json["agent_id"]
    labelled = call("agents", "label", bot, "--team", "lax", "--json")
    assert (labelled.status, labelled.json["change"]) == (8, "label")
    assert call("policies", "second-person", "off", "--json").status == 8


def test_who_joins_the_group_that_a_policy_asks_is_asked_about_first(
    call: Call, settings: Settings, tmp_path: Path
) -> None:
    two_admins(settings)
    ada, bo = (each["person_id"] for each in call("people", "list", "--json").json["items"] if each["name"] != "Owner")
    group, policy = tmp_path / "ops.yaml", tmp_path / "main.yaml"
    group.write_text(f"group: ops\nmembers: [{ada}]\n")
    policy.write_text(rules("id: pay, effect: allow, action: '*', approval: {quorum: {of: ['group:ops']}}"))
    for kind, file in (("groups", group), ("policies", policy)):
        assert call(kind, "apply", str(file), "--json").json["version"] == 1
    call("policies", "second-person", "on")
    group.write_text(f"group: ops\nmembers: [{ada}, {bo}]\n")
    asked = call("groups", "apply", str(group), "--json")
    assert (asked.status, asked.json["state"], asked.json["change"]) == (8, "open", "group")
    assert [each["version"] for each in call("groups", "list", "--json").json["items"]] == [1]
    asked = call("groups", "apply", str(group), "--plain")
    assert "Who joins the group ops waits for another person's signature" in asked.out


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", "about to be asked"),
        ("open", "another person's signature"),
        ("in_force", "with version 3"),
        ("refused", "(denied)"),
        ("withdrawn", "taken back"),
        ("stale", "overtaken"),
    ],
)
def test_every_state_is_said_in_a_sentence(state: str, words: str) -> None:
    found = {"change": "publish", "name": "main", "state": state, "cause": "denied", "version": 3}
    assert words in said({**found, "draft_id": "pdr_1", "escalation_id": "esc_1"})
