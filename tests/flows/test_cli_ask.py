"""`ask` as a script or a CI job uses it: its status says approved or not, whatever happens."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.cli.local import call
from approvals_hub.config import load
from approvals_hub_client import Credential, register
from tests.flows.commands import Commands, Process, wait_for_line
from tests.flows.world import free_port
from tests.house.tree import ROOT

QUESTION = ("ask", "--action-type", "db.drop", "--payload", '{"database":"orders"}')


@dataclass
class Served:
    """A hub that serves all tests of this file, and its owner's phone."""

    commands: Commands
    phone: SoftwarePhone

    def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """What surrounds a test costs no process of its own."""
        return call(load(None, {}, {"data": self.commands.data}), command, arguments)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    commands = Commands(tmp_path_factory.mktemp("served") / "data")
    with commands.serving():
        phone = SoftwarePhone(commands.url)
        link = call(load(None, {}, {"data": commands.data}), "hub.set_up", {})

        async def enrol() -> None:
            async with phone:
                await phone.enrol(link["token"])

        asyncio.run(enrol())
        yield Served(commands, phone)


class Desk:
    """The phone, and an agent of the test's own with a credential file."""

    def __init__(self, served: Served, phone: SoftwarePhone, credential: Path) -> None:
        self.commands = served.commands
        self.call = served.call
        self.phone = phone
        self.credential = credential

    @property
    def agent_id(self) -> str:
        return Credential.load(self.credential).agent_id

    def asking(self, *words: str) -> Process:
        return self.commands.start(*QUESTION, "--credential", str(self.credential), *words)

    def questions(self, inbox: dict[str, Any]) -> list[str]:
        return [item["escalation_id"] for item in inbox["items"] if item["agent"]["agent_id"] == self.agent_id]

    async def question(self) -> str:
        async with asyncio.timeout(30):
            inbox = await self.phone.inbox()
            while not (mine := self.questions(inbox)):
                inbox = await self.phone.inbox(wait=5, since=inbox["version"])
            return mine[0]

    async def ends(self, process: Process) -> tuple[int, str, str]:
        out, err = await asyncio.to_thread(process.communicate, timeout=30)
        return process.returncode, out, err


@pytest.fixture
async def desk(served: Served, tmp_path: Path) -> AsyncIterator[Desk]:
    invite = served.call("agents.invite", name="ci")["invite"]
    await register(served.commands.url, invite, tmp_path / "agent.json")
    async with served.phone as phone:
        yield Desk(served, phone, tmp_path / "agent.json")


async def test_an_approval_is_status_0_and_can_be_handed_over(desk: Desk) -> None:
    process = desk.asking("--wait", "--json", "--justification", "moved on Friday", "--expires-in", "60")
    await desk.phone.answer(await desk.question(), "approve")
    status, out, _ = await desk.ends(process)
    told = json.loads(out)
    assert (status, told["outcome"], told["redeemed"]) == (0, "approved", False)
    assert told["hand_over"]["token"].startswith("v4.public.")


@pytest.mark.needs("node")
async def test_a_proof_of_a_redeemed_approval_verifies_offline_by_both_commands(desk: Desk, tmp_path: Path) -> None:
    process = desk.asking("--wait", "--json", "--redeem", "--relying-party", "db1.example.com")
    await desk.phone.answer(await desk.question(), "approve")
    status, out, _ = await desk.ends(process)
    told = json.loads(out)
    assert (status, told["redeemed"]) == (0, True)
    (tmp_path / "keys.json").write_bytes(desk.commands.get("/v1/public-keys")[1])
    (tmp_path / "action.json").write_text(json.dumps(told["action"]))
    (tmp_path / "proof").write_text(told["proof_token"])
    words = ["verify", f"@{tmp_path}/proof", "--keys", str(tmp_path / "keys.json"), "--audience", "db1.example.com"]
    words += ["--action", str(tmp_path / "action.json")]
    verified = desk.commands.json(*words)
    copied = ["node", str(ROOT / "sdks/javascript/verify_proof.mjs"), *words[2:]]
    script = subprocess.run(copied, input=told["proof_token"], capture_output=True, text=True, timeout=60)
    assert (verified["valid"], json.loads(script.stdout)) == (True, verified["claims"])
    (tmp_path / "action.json").write_text(json.dumps({**told["action"], "payload": {"database": "customers"}}))
    refused = desk.commands.run(*words)
    assert refused.status == 1
    assert "another action" in refused.out


async def test_the_number_that_an_approver_types_is_on_the_terminal_that_asked(desk: Desk) -> None:
    process = desk.asking("--wait", "--number-match", "6")
    code = re.search(r"code ([0-9]{6})", wait_for_line(process, "code "))
    assert code is not None
    escalation_id = await desk.question()
    statement = await desk.phone.look(escalation_id)
    await desk.phone.send(escalation_id, {**statement, "match_code": code[1]}, "approve")
    assert (await desk.ends(process))[0] == 0


@pytest.mark.parametrize("decision", ["deny", "not_me"])
async def test_a_no_is_status_3(desk: Desk, decision: str) -> None:
    process = desk.asking("--wait", "--json")
    await desk.phone.answer(await desk.question(), decision, reason_code="wrong_target" if decision == "deny" else None)
    status, out, _ = await desk.ends(process)
    assert (status, json.loads(out)["outcome"]) == (3, "denied" if decision == "deny" else "not_me")


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_takes_the_question_back_on_the_hub(desk: Desk, number: signal.Signals, expected: int) -> None:
    process = desk.asking("--wait")
    escalation_id = await desk.question()
    wait_for_line(process, "waiting")
    process.send_signal(number)
    status, _, err = await desk.ends(process)
    assert status == expected
    assert f"Taken back: {escalation_id} is withdrawn" in err
    assert desk.questions(await desk.phone.inbox()) == []


async def test_a_question_that_the_operator_ends_is_no_approval(desk: Desk) -> None:
    process = desk.asking("--wait", "--json")
    await desk.question()
    desk.call("org.stop")
    desk.call("org.resume")
    status, out, _ = await desk.ends(process)
    assert (status, json.loads(out)["outcome"]) == (3, "denied")


async def test_asking_without_waiting_is_not_status_0(desk: Desk) -> None:
    status, out, _ = await desk.ends(desk.asking("--json"))
    told = json.loads(out)
    assert (status, told["outcome"]) == (8, None)
    assert told["escalation_id"] == await desk.question()


async def test_a_question_whose_process_was_killed_is_waited_for_by_another(desk: Desk) -> None:
    process = desk.asking("--wait", "--json")
    escalation_id = await desk.question()
    process.kill()
    await desk.ends(process)
    again = desk.commands.start("ask", "--resume", escalation_id, "--json", "--credential", str(desk.credential))
    await desk.phone.answer(escalation_id, "approve")
    status, out, _ = await desk.ends(again)
    told = json.loads(out)
    assert (status, told["escalation_id"], told["outcome"]) == (0, escalation_id, "approved")
    assert told["link"] == f"{desk.commands.url}/app/escalations/{escalation_id}"


async def test_an_agent_that_was_revoked_is_status_6_with_the_way_out(desk: Desk) -> None:
    desk.call("agents.revoke", agent_id=desk.agent_id)
    status, _, err = await desk.ends(desk.asking("--wait"))
    assert status == 6
    assert "Request: req_" in err


async def test_an_api_key_asks_too_and_reads_what_the_readme_shows(desk: Desk, tmp_path: Path) -> None:
    desk.commands.json("agents", "api-key", "tool", "--credential", str(tmp_path / "low.json"))
    desk.credential = tmp_path / "low.json"
    process = desk.asking("--wait", "--redeem")
    await desk.phone.answer(await desk.question(), "approve")
    status, out, err = await desk.ends(process)
    assert status == 0
    told = [re.sub(r"esc_\w+", "esc_", line).replace(desk.commands.url, "URL") for line in (err + out).splitlines()]
    assert [told[0], told[1], told[2], told[-1]] == readme()


def readme() -> list[str]:
    """What follows `ask` there."""
    _, _, after = (ROOT / "README.md").read_text().partition("--redeem && ./drop.sh\n")
    lines = after.partition("```")[0].splitlines()
    return [re.sub(r"esc_\w+", "esc_", line).replace("http://localhost:8420", "URL") for line in lines]


async def test_an_agent_registers_with_an_invite_from_standard_input(desk: Desk, tmp_path: Path) -> None:
    invite = desk.call("agents.invite", name="other")["invite"]
    path = tmp_path / "other.json"
    words = ["agents", "register", "--hub", desk.commands.url, "--credential", str(path)]
    done = desk.commands.run(*words, text=f"{invite}\n")
    assert (done.status, Credential.load(path).agent_id in done.out) == (0, True)
    again = desk.commands.run(*words, text=f"{invite}\n")
    assert again.status != 0


def test_an_invite_on_the_command_line_is_refused(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    words = ["agents", "register", "--hub", commands.url, "--credential", "agent.json", "--invite", "inv_secret"]
    done = commands.run(*words)
    assert done.status == 2
    assert "from a file" in done.err


def test_a_hub_that_does_not_answer_is_status_7(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    save_credential(tmp_path / "agent.json", f"http://localhost:{free_port()}")
    done = commands.run(*QUESTION, "--timeout", "1", "--credential", str(tmp_path / "agent.json"))
    assert done.status == 7
    assert "Traceback" not in done.err


def test_a_credential_that_others_can_read_is_status_6(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "data")
    save_credential(tmp_path / "agent.json", commands.url)
    (tmp_path / "agent.json").chmod(0o644)
    done = commands.run(*QUESTION, "--credential", str(tmp_path / "agent.json"))
    assert done.status == 6
    assert "chmod 600" in done.err


@pytest.mark.parametrize("payload", ["{", "[1]", '{"a":1,"a":2}', '{"a":NaN}'])
def test_a_payload_that_is_no_strict_object_is_status_2(tmp_path: Path, payload: str) -> None:
    done = Commands(tmp_path / "data").run("ask", "--action-type", "db.drop", "--payload", payload)
    assert done.status == 2


def save_credential(path: Path, hub: str) -> None:
    members: dict[str, Any] = {"agent_id": "agt_1", "org_id": "org_1", "key_id": "key_1", "seed": b"\x01" * 32}
    Credential(hub, issuer=hub, **members).save(path)
