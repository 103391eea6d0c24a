"""The demo with BankID: a pretend one beside the hub, the settings that make the hub ask it, and the person's part."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.cli.demo_process import DemoFailed
from approvals_hub.cli.pretend_bankid.app import PersonsApp
from approvals_hub.cli.pretend_bankid.certificates import Authorities, Person
from approvals_hub.cli.pretend_bankid.server import PretendBankID
from approvals_hub.core.clock import system_clock

PATIENCE = 30.0
"""Seconds for the hub to hear of a signature, which takes it some two."""
PACE = 0.2
ORGANISATION = "Demo (pretend BankID)"
"""On every page of the hub, so that nobody takes it for the real one."""


@dataclass(slots=True)
class DemoBankID:
    """BankID's part of one run."""

    bankid: PretendBankID
    app: PersonsApp
    people: list[Person] = field(default_factory=list)

    @classmethod
    async def start(cls, folder: Path) -> DemoBankID:
        """Make authorities and people, which takes a second, and listen; PEM files go into `folder`."""
        authorities = await asyncio.to_thread(Authorities, "Pretend BankID")
        people = [
            await asyncio.to_thread(authorities.person, number, given, surname)
            for number, given, surname in (("199001011239", "Anna", "Ångström"), ("198505052388", "Bo", "Öberg"))
        ]
        bankid = PretendBankID(authorities, folder, system_clock().now)
        await bankid.start()
        app = PersonsApp(bankid, people)
        await app.start()
        return cls(bankid, app, people)

    async def stop(self) -> None:
        """Close both."""
        await self.app.stop()
        await self.bankid.stop()

    def write_settings(self, data: Path) -> None:
        """The hub's settings file: this is whom it asks."""
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        table = {"url": self.bankid.url, **self.bankid.settings_files}
        lines = [f"{name} = {_toml(value)}" for name, value in table.items()]
        text = "\n".join(["[step_up.bankid]", *lines, ""])
        assert tomllib.loads(text)
        (data / "hub.toml").write_text(text, encoding="utf-8")

    def introduce(self, tell: Callable[[str], None]) -> None:
        """Say what this is, and what it is not."""
        tell(
            "PRETEND BANKID: the hub of this demo asks a BankID that this command plays. No bank knows of it.\n"
            "Questions now take BankID. Link it in the browser first: Devices, then «Link: BankID».\n"
            "This page plays your BankID app; open it beside the hub's, which shows a QR code:\n\n"
            f"    {self.app.url}\n\n"
            "(«Open on this device» would look for the real app.)\n"
        )

    async def link(self, phone: SoftwarePhone) -> None:
        """The person's part by itself: Anna's BankID becomes the phone's person's."""
        body = {"method": "bankid", "same_device": False, "fresh": await phone.fresh()}
        await self._sign(phone, await phone.call("POST", "/v1/factors", body))

    async def prove(self, phone: SoftwarePhone, escalation_id: str, statement: dict[str, Any]) -> list[str]:
        """The person's part by itself: sign the intent; the ids of the proofs for the statement."""
        begun = await phone.begin_step_up(escalation_id, statement, "bankid", same_device=False)
        await self._sign(phone, begun)
        return [begun["step_up_id"]]

    async def _sign(self, phone: SoftwarePhone, begun: dict[str, Any]) -> None:
        self.bankid.approve(self.bankid.scan(begun["shown"]["qr"], self.people[0]))
        for _ in range(round(PATIENCE / PACE)):
            state = (await phone.call("GET", f"/v1/step-ups/{begun['step_up_id']}"))["state"]
            if state != "running":
                break
            await asyncio.sleep(PACE)
        if state != "proven":
            raise DemoFailed(f"the pretend BankID's signature is {state} at the hub")


def _toml(value: object) -> str:
    """A string of TOML, whose basic strings escape as JSON's do."""
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
