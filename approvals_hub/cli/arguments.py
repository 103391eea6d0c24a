"""What the operator's commands take and give. An unknown member or a value of another type is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec

from approvals_hub.audit.filter import Filter
from approvals_hub.core.discreet import Discreet
from approvals_hub.decisions.evidence_format import Wanted as WantedAnswers
from approvals_hub.people.sign_in_report import WantedSignIns

Answer = dict[str, Any] | AsyncIterator[bytes]
"""One JSON object, or bytes that do not fit into memory."""


class Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every command takes: the organisation, needed only where the hub has several."""

    org: str | None = None


class Nothing(Arguments, frozen=True):
    """A command about the whole organisation, or the hub."""


class NewAgent(Arguments, frozen=True):
    """An invitation, or an agent with an API key; `expires_in` is in seconds."""

    name: str
    role: str = "agent"
    owner: str | None = None
    expires_in: int = 24 * 3600


class OneAgent(Arguments, frozen=True):
    """A command about one agent."""

    agent_id: str


class AgentCallbacks(OneAgent, frozen=True):
    """Where an agent may be called; `hosts` None leaves them, `rotate` makes another secret."""

    hosts: list[str] | None = None
    rotate: bool = False


class NewPerson(Arguments, frozen=True):
    """Whom to invite and as what; `expires_in` is in seconds. `by_mail`: the hub sends the link."""

    name: str = ""
    email: str | None = None
    roles: list[str] = []
    expires_in: int = 24 * 3600
    person_id: str | None = None
    by_mail: bool = False
    language: str = "en"


class OnePerson(Arguments, frozen=True):
    """A command about one person."""

    person_id: str


class ExpectedNumber(Discreet, OnePerson, frozen=True):
    """Whose eID a person's must be."""

    not_printed = ("number",)

    method: str
    number: str


class Required(Arguments, frozen=True):
    """What the organisation asks of every new question, whole."""

    requirement: dict[str, Any]


class NewHub(Arguments, frozen=True):
    """The first organisation and its owner."""

    org_name: str = "Personal"
    owner_name: str = "Owner"


class LostKeys(Arguments, frozen=True):
    """Somebody who lost every key; `colleagues`: others decide about the new one."""

    person_id: str
    colleagues: bool = False


class OneKey(Arguments, frozen=True):
    """A command about one signing key."""

    kid: str


class Wanted(Filter, frozen=True, forbid_unknown_fields=True):
    """A filter whose misspelt member is refused: left out, it would export everything."""


class Exported(Arguments, frozen=True):
    """Which entries, and how they are written."""

    format: Literal["jsonl", "csv"] = "jsonl"
    filter: Wanted = Wanted()


class OneQuestion(Arguments, frozen=True):
    """A command about one question."""

    escalation_id: str


class ExportedSignIns(Arguments, frozen=True):
    """Which sign-ins, and how they are written."""

    format: Literal["jsonl", "csv"] = "jsonl"
    filter: WantedSignIns = WantedSignIns()


class ExportedEvidence(Arguments, frozen=True):
    """Which answers."""

    filter: WantedAnswers = WantedAnswers()
