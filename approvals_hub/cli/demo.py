"""`approvals-hub demo`: the whole main job with real parts: a hub, an agent in its own process, a signature, a token
that works once, a log that verifies.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import aiohttp

from approvals_hub.audit.verify import verify
from approvals_hub.cli.demo_bankid import ORGANISATION, DemoBankID
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.cli.demo_process import AgentProcess, DemoFailed, free_port, jti_of
from approvals_hub.cli.local import call
from approvals_hub.config import load
from approvals_hub.core.clock import system_clock, to_text
from approvals_hub_client import Credential
from approvals_hub_client.canonical import b64u
from approvals_hub_client.statement import action_hash, redeem_pop_bytes

T = TypeVar("T")

READY_SECONDS = 120.0
PERSON_SECONDS = 900.0


@dataclass(slots=True)
class Demo:
    """One run. `tell` shows progress to a person; the result is one JSON object."""

    auto: bool
    tell: Callable[[str], None]
    folder: Path
    port: int
    bankid: DemoBankID | None = None
    """Where questions take a BankID too."""
    look_around: Callable[[str], Awaitable[None]] | None = None
    """Called with the hub's address when all is shown, before the hub stops."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(repr=False, default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where the demo's hub serves."""
        return f"http://localhost:{self.port}"

    async def run(self) -> dict[str, Any]:
        """Go through the main job. Raises DemoFailed at the first step that does not hold."""
        if self.bankid is not None:
            self.bankid.write_settings(self.folder / "data")
            await self._timed("name_the_organisation", self._command("init", "--json", "--org-name", ORGANISATION))
        async with self._hub(), SoftwarePhone(self.base_url, name="Demo phone") as phone:
            link = await self._timed("make_set_up_link", self._command("init", "--json"))
            await self._set_up(phone, link["url"])
            await self._take_bankid(phone)
            await self._ask_and_answer(phone)
            await self._audit(phone)
            if self.look_around is not None:
                await self.look_around(self.base_url)
        return self.result()

    def result(self) -> dict[str, Any]:
        """What `--json` prints."""
        names = ("outcome", "redeemed", "second_redemption", "audit_verified")
        return {**{name: self.facts.get(name) for name in names}, **self.facts, "steps": self.steps}

    def held(self) -> bool:
        """Whether everything the demo shows was true."""
        return (
            self.facts.get("outcome") == "approved"
            and self.facts.get("redeemed") is True
            and self.facts.get("second_redemption") == 409
            and self.facts.get("audit_verified") is True
        )

    async def _set_up(self, phone: SoftwarePhone, url: str) -> None:
        if self.auto:
            await self._timed("enrol_device_key", phone.enrol(url.partition("#")[2]))
            return
        self.tell(f"Open this page in a browser on this computer and set up your key:\n\n    {url}\n")
        await self._timed("person_sets_up_a_key", self._until_set_up())

    async def _take_bankid(self, phone: SoftwarePhone) -> None:
        if self.bankid is None:
            return
        asked = {"requirement": {"min_assurance": "SUBSTANTIAL", "methods": ["bankid"]}}
        settings = load(None, self._environment())
        await self._timed("require_bankid", asyncio.to_thread(call, settings, "org.requirement", asked))
        if self.auto:
            await self._timed("link_bankid", self.bankid.link(phone))
        else:
            self.bankid.introduce(self.tell)

    async def _until_set_up(self) -> None:
        """A person takes as long as a person takes."""
        for _ in range(int(PERSON_SECONDS)):
            people = await self._command("people", "list", "--json")
            if any(person.get("devices", 0) for person in people.get("items", [])):
                return
            await asyncio.sleep(1)
        raise DemoFailed("nobody set up a key")

    async def _ask_and_answer(self, phone: SoftwarePhone) -> None:
        invited = await self._timed("invite_agent", self._command("agents", "invite", "demo-agent", "--json"))
        async with self._agent(invited["invite"]) as agent:
            registered = await self._timed("agent_registers", agent.expect("registered"))
            asked = await self._timed("agent_asks", agent.expect("asked"))
            self.facts["agent_id"], self.facts["escalation_id"] = registered["agent_id"], asked["escalation_id"]
            if self.auto:
                statement = await self._timed("phone_views", phone.look(asked["escalation_id"]))
                proofs = []
                if self.bankid is not None:
                    proving = self.bankid.prove(phone, asked["escalation_id"], statement)
                    proofs = await self._timed("person_signs_with_bankid", proving)
                sending = phone.send(asked["escalation_id"], statement, "approve", step_up=proofs)
                receipt = await self._timed("phone_signs_and_decides", sending)
                self.facts["decision_id"] = receipt["decision_id"]
            else:
                self.tell(
                    "An agent (its own process) now asks to drop a table in production and waits.\n"
                    f"Answer it in the browser: {self.base_url}/app/"
                )
            answered = await agent.expect("approved", "refused")
            self.facts["outcome"] = "approved" if answered["step"] == "approved" else answered["outcome"]
            if answered["step"] != "approved":
                raise DemoFailed(f"the answer was {self.facts['outcome']}: the agent may not act")
            self.steps.append({"step": "agent_collects_the_token", "milliseconds": agent.waited})
            self.tell(f"The agent has its token:\n\n    {answered['token'][:72]}…\n")
            await self._redeem(answered["handed_over"])

    async def _redeem(self, handed_over: dict[str, Any]) -> None:
        async with aiohttp.ClientSession(self.base_url) as http:
            status, redeemed = await self._timed("executor_redeems", _post(http, handed_over))
            self.facts["redeemed"] = status == 200
            self.facts["proof_token"] = redeemed.get("proof_token")
            another = {**handed_over, "idempotency_key": "demo-thief"}
            status, _ = await self._timed("same_token_for_somebody_else", _post(http, another))
            self.facts["stolen_token"] = status
            agent_again = await self._second_hand_over(handed_over)
            status, second = await self._timed("second_redemption", _post(http, agent_again))
            self.facts["second_redemption"] = status
            self.facts["second_redemption_code"] = second.get("code")
        self.tell(f"The executor redeemed it once. A second redemption: {status} {second.get('code')}.")

    async def _second_hand_over(self, handed_over: dict[str, Any]) -> dict[str, Any]:
        """The agent itself tries to use the token again: everything is right, but it is spent."""
        credential = Credential.load(self.folder / "agent.json")
        assert credential.key is not None
        iat = to_text(system_clock().now())
        message = redeem_pop_bytes(
            jti=jti_of(handed_over["token"]),
            audience=handed_over["audience"],
            action_hash=action_hash(handed_over["action"]),
            idempotency_key="demo-again",
            iat=iat,
        )
        pop = {"iat": iat, "signature": b64u(credential.key.sign(message))}
        return {**handed_over, "idempotency_key": "demo-again", "pop": pop}

    async def _audit(self, phone: SoftwarePhone) -> None:
        export = self.folder / "audit.jsonl"
        await self._timed("export_audit", self._command("audit", "export", "--output", str(export), "--json"))
        started = perf_counter()
        with export.open("rb") as file:
            report = verify(file)
        self._note("verify_audit_offline", started)
        self.facts["audit_verified"] = report.ok
        self.facts["audit_entries"] = report.entries
        self.tell(f"The audit log was exported and verified offline: {report.entries} entries.")

    async def _timed(self, step: str, work: Awaitable[T]) -> T:
        started = perf_counter()
        try:
            result = await work
        except (RuntimeError, OSError, aiohttp.ClientError) as error:
            raise DemoFailed(f"{step}: {error}") from error
        self._note(step, started)
        return result

    def _note(self, step: str, started: float) -> None:
        self.steps.append({"step": step, "milliseconds": round((perf_counter() - started) * 1000, 1)})

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "APPROVALS_HUB__PUBLIC_URL": self.base_url,
            "APPROVALS_HUB__LISTEN__PORT": str(self.port),
            "APPROVALS_HUB__DATA": str(self.folder / "data"),
        }

    async def _command(self, *words: str) -> dict[str, Any]:
        """Run one command of ours as its own process; what it printed as JSON."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "approvals_hub",
            *words,
            env=self._environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise DemoFailed(f"{' '.join(words)}: {err.decode(errors='replace').strip()}")
        return dict(json.loads(out or b"{}"))

    @contextlib.asynccontextmanager
    async def _hub(self) -> AsyncIterator[None]:
        """The hub as its own process, from ready to ended."""
        started = perf_counter()
        log = (self.folder / "hub.log").open("wb")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "approvals_hub", "serve", env=self._environment(), stdout=log, stderr=log
        )
        try:
            await self._until_ready(process)
            self._note("start_hub", started)
            yield
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            log.close()

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        end = perf_counter() + READY_SECONDS
        async with aiohttp.ClientSession(self.base_url) as http:
            while perf_counter() < end and process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get("/healthz/ready") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.05)
        raise DemoFailed(f"the hub did not start: {(self.folder / 'hub.log').read_text(errors='replace')[-2000:]}")

    @contextlib.asynccontextmanager
    async def _agent(self, invite: str) -> AsyncIterator[AgentProcess]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "approvals_hub.cli.demo_agent",
            self.base_url,
            str(self.folder / "agent.json"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(invite.encode() + b"\n")
        await process.stdin.drain()
        try:
            yield AgentProcess(process)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _post(http: aiohttp.ClientSession, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    async with http.post("/v1/tokens/redeem", json=body) as response:
        return response.status, await response.json(content_type=None)


async def demo(
    *,
    auto: bool,
    tell: Callable[[str], None],
    with_bankid: bool = False,
    look_around: Callable[[str], Awaitable[None]] | None = None,
) -> tuple[dict[str, Any], bool]:
    """Run the demo in a folder that is thrown away; the result, and whether all of it held.

    `with_bankid`: its question takes a BankID, which is a pretend one. The hub stops when `look_around` returns.
    """
    folder = Path(tempfile.mkdtemp(prefix="approvals-hub-demo-"))
    run = Demo(auto=auto, tell=tell, folder=folder, port=free_port(), look_around=look_around)
    try:
        if with_bankid:
            run.bankid = await DemoBankID.start(folder)
        await run.run()
    except DemoFailed as failure:
        run.facts["failed"] = str(failure)
        return run.result(), False
    finally:
        if run.bankid is not None:
            await run.bankid.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return run.result(), run.held()
