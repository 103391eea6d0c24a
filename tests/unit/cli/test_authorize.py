"""`approvals-hub authorize`: status 0 says allowed, and nothing else does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.authorize import decide
from approvals_hub.cli.output import Output
from approvals_hub_client import AsyncHub, verify_proof_offline
from tests.unit.cli.conftest import Call
from tests.unit.desk import Desk, served_desk

POLICY = """
version: 1
default: deny
rules:
  - {id: small, effect: allow, action: pay, constraints: {amount_max: 100}, proof: {required: true}}
  - {id: large, effect: allow, action: pay, approval: {quorum: 1}}
"""


@pytest.fixture
async def desk(sqlite_path: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served_desk(sqlite_path, tmp_path_factory.mktemp("desk")) as desk:
        await desk.world.hub.policies.keep.publish(desk.world.operator, "main", POLICY)
        yield desk


async def test_a_script_goes_on_where_policies_or_people_allow_it_and_nowhere_else(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    async with AsyncHub(desk.credential) as hub:

        async def run(kind: str, amount: int, *, wait: bool = False, as_json: bool = True) -> tuple[int, Any]:
            about = {"relying_party": "shop.example"}
            status = await decide(
                hub, Output(as_json), kind, {"amount_minor": amount}, about, [], wait=wait, trace=kind == "erase"
            )
            out = capsys.readouterr().out
            return status, json.loads(out) if as_json else out

        status, allowed = await run("pay", 1)
        assert (status, allowed["decision"], allowed["decided_by"]["rule_id"]) == (0, "ALLOW", "small")
        keys = await hub.public_keys()
        assert verify_proof_offline(allowed["proof_token"], keys, "shop.example", allowed["action"])
        status, denied = await run("erase", 1)
        assert (status, denied["decision"], denied["trace"]) == (3, "DENY", [])
        assert (await run("erase", 1, as_json=False))[1] == "Not allowed: no rule matches, and the default denies.\n"
        status, asked = await run("pay", 500)
        assert (status, asked["decision"], asked["outcome"]) == (8, "REQUIRE_APPROVAL", None)
        await desk.end(asked["escalation_id"], "denied")
        (status, spent), _ = await asyncio.gather(run("pay", 501, wait=True), desk.answer_next("approved"))
        assert (status, spent["decision"], spent["outcome"]) == (0, "ALLOW", "approved")
        assert verify_proof_offline(spent["proof_token"], keys, "shop.example", spent["action"])
        (status, refused), _ = await asyncio.gather(run("pay", 502, wait=True), desk.answer_next("denied"))
        assert (status, refused["outcome"], refused["decision"]) == (3, "denied", "REQUIRE_APPROVAL")


async def test_a_job_that_died_goes_on_with_its_note_and_spends_once(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "job.note"
    async with AsyncHub(desk.credential) as hub:

        async def run(*, wait: bool) -> tuple[int, Any]:
            status = await decide(hub, Output(True), "pay", {"amount_minor": 500}, {}, [], wait=wait, note=note)
            return status, json.loads(capsys.readouterr().out)

        (first, asked), (second, again) = await run(wait=False), await run(wait=False)
        assert (first, second, again["escalation_id"]) == (8, 8, asked["escalation_id"])
        await desk.end(asked["escalation_id"], "approved")
        status, spent = await run(wait=True)
        assert (status, spent["decision"]) == (0, "ALLOW")
        status, same = await run(wait=False)
        assert (status, same["proof_token"], same["action"]) == (0, spent["proof_token"], spent["action"])


def test_a_payload_that_is_no_object_and_a_missing_credential_end_before_anything_is_asked(
    free_call: Call, tmp_path: Path
) -> None:
    words = ["authorize", "--action-type", "pay", "--credential", str(tmp_path / "none.json")]
    assert free_call(*words, "--payload", "[]").status == 2
    assert free_call(*words, "--payload", "{}").status == 6
