"""The guide for AI agents, followed to the letter: its code is run as it is served, and its tables are the hub's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from approvals_hub.authorizations.authorize import ASKS_PEOPLE
from approvals_hub.domain.outcome import OUTCOMES
from approvals_hub.policies import decision
from tests.unit.desk import Desk, served_desk

ROOT = Path(__file__).resolve().parents[2]
PROVEN = (
    "version: 1\ndefault: deny\nrules:\n  - {id: a, effect: allow, action: payment.execute, proof: {required: true}}\n"
)
ASKING = "version: 1\ndefault: require_approval\nrules: []\n"
DENYING = "version: 1\ndefault: deny\nrules: []\n"


@pytest.fixture
async def desk(sqlite_path: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served_desk(sqlite_path, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
async def each_desk(database_place: Path | str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """The same on each engine."""
    async with served_desk(database_place, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


async def read(desk: Desk, path: str) -> tuple[str, str]:
    """Media type and text, as an agent fetches it."""
    async with aiohttp.ClientSession() as session, session.get(desk.url + path) as answer:
        assert answer.status == 200, path
        return answer.content_type, await answer.text()


def blocks(guide: str, kind: str = "python") -> dict[str, str]:
    """The code under each heading, in order; several blocks of one heading are numbered."""
    found: dict[str, str] = {}
    for part in re.split(r"^## ", guide, flags=re.MULTILINE)[1:]:
        heading = part.partition("\n")[0]
        for number, code in enumerate(re.findall(rf"^```{kind}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)):
            found[heading + (f" ({number + 1})" if number else "")] = code
    return found


async def test_an_agent_that_does_what_the_guide_says_registers_signs_asks_waits_spends_and_proves(
    each_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    media_type, guide = await read(each_desk, "/skill.md")
    assert media_type == "text/markdown"
    steps, names, versions = blocks(guide), dict[str, Any](), 0
    monkeypatch.setenv("APPROVALS_HUB_INVITE", await each_desk.invite())
    monkeypatch.chdir(tmp_path)

    async def run(*headings: str) -> None:
        for heading in headings:
            await asyncio.to_thread(exec, compile(steps.pop(heading), heading, "exec"), names)

    async def publish(text: str) -> None:
        nonlocal versions
        await each_desk.world.hub.policies.keep.publish(each_desk.world.operator, "main", text, version=versions)
        versions += 1

    use, prove = steps["4. Use it (2)"], steps["5. Prove it"]
    await publish(PROVEN)
    await run("1. Register, once", "2. Sign every request", "3. Ask", "4. Use it", "4. Use it (2)", "5. Prove it")
    assert (names["answer"]["decision"], names["answer"]["code"]) == ("ALLOW", "rule")
    assert names["answer"]["proof_token"] is not None

    await publish(ASKING)
    steps |= {"use": use, "prove": prove}
    await asyncio.gather(run("use", "prove"), each_desk.answer_next("approved"))
    assert (names["answer"]["decision"], names["answer"]["code"]) == ("ALLOW", "approved")

    steps["use"] = use
    refused, _ = await asyncio.gather(run("use"), each_desk.answer_next("denied"), return_exceptions=True)
    assert (type(refused), "denied" in str(refused)) == (PermissionError, True)

    await run("6. When somebody else carries it out")
    steps["hand over"] = (
        "action = new_action(agent, 'payment.execute', {'amount_minor': 1}, 'bank.example')\n"
        "question = wait(agent, send('POST', '/v1/authorize', {'action': action}, agent)['escalation'])\n"
        "done = redeem(hand_over(agent, question, action))\n"
    )
    await asyncio.gather(run("hand over"), each_desk.answer_next("approved"))
    assert names["done"]["proof_token"].startswith("v4.public.")

    await publish(DENYING)
    steps["use"] = use
    with pytest.raises(PermissionError, match="DENY"):
        await run("use")
    with pytest.raises(names["Refused"]) as problem:
        await asyncio.to_thread(names["send"], "GET", "/v1/agent")
    assert problem.value.args[0]["next_step"]
    assert not [heading for heading in steps if heading[0].isdigit()]


async def test_the_two_calls_of_the_client_do_the_same(
    each_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await each_desk.world.hub.policies.keep.publish(each_desk.world.operator, "main", PROVEN)
    [code] = blocks((await read(each_desk, "/skill.md"))[1], "python client").values()
    monkeypatch.setenv("APPROVALS_HUB_INVITE", await each_desk.invite())
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    await asyncio.to_thread(exec, compile(code, "client", "exec"), names)
    assert (names["allowed"].allowed, names["allowed"].proof["aud"]) == (True, "shop.example")


async def test_everything_that_the_guide_names_is_there(desk: Desk) -> None:
    media_type, llms = await read(desk, "/llms.txt")
    assert (media_type, llms.startswith("# "), "{hub}" in llms) == ("text/plain", True, False)
    guide = (await read(desk, "/skill.md"))[1]
    for link in re.findall(r"\]\((.*?)\)", llms + guide):
        assert link.startswith(desk.url)
        await read(desk, link.removeprefix(desk.url))
    named = set(re.findall(r"`([^`\s]+)`", guide))
    assert {"ALLOW", "DENY", decision.REQUIRE_DEPOSIT, *ASKS_PEOPLE} <= named
    assert set(OUTCOMES) <= named
    table = guide.partition("## When the hub says no")[2]
    codes = {code for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for code in re.findall(r"`(\w+)`", row)}
    source = "".join(path.read_text() for path in (ROOT / "approvals_hub").rglob("*.py"))
    made = {"signature_not_covered"}  # of the reason in BadRequestSignature
    assert {code for code in codes - {"code"} if f'"{code}"' not in source} - made == set()
