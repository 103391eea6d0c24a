"""The page of HTTP operations and the OpenAPI document, written from the route table."""

from __future__ import annotations

import inspect
import itertools
import json
from importlib.metadata import version
from typing import Any, get_args

from approvals_hub.api.endpoint import Route
from approvals_hub.api.openapi import document, refusals_of
from approvals_hub.api.problems import status_of
from approvals_hub.api.routes import ROUTES

HTTP = """# HTTP operations

Every operation. [The OpenAPI document](../openapi.json) has the forms; a running hub gives its own at `/openapi.json`.
Times are RFC 3339 in UTC, ids are prefixed, lists are `{"items": […], "next": cursor}`. A refusal is an RFC 9457
problem with a stable `code` and a `next_step`. Who calls:

- **public**: nothing to prove. **visitor**: signs in, accepts an invitation, registers; paced by address.
- **agent**: RFC 9421 signature over what `/.well-known/approvals-hub` lists, the
  [headers of OpenLeash](../howto/move_an_openleash_agent.md), or `Authorization: Bearer ahk_…`, which is lower trust.
- **person**: the session's cookie, or `Authorization: Bearer ses_…`.
- **executor**: nobody's account; the token in the body is the proof.

An operation marked ⟳ needs an `Idempotency-Key`: the same key and body give the same answer for a day.

Any operation may be answered 503 with `Retry-After`: `database_unavailable` where the database is busy or away and
nothing was done, `outcome_unknown` where the connection broke off in a commit. Ask again with the same key and body.

Written from `approvals_hub/api/routes.py` by `make docs`; do not edit.
"""

SUBJECTS = {
    "public": "What anybody may read",
    "agents": "An agent joins",
    "stream": "An agent follows its questions",
    "authorize": "One call before any risky action",
    "escalations": "Questions",
    "tokens": "Tokens",
    "invitations": "A person joins",
    "sign_ins": "Signing in by other ways",
    "sign_in_links": "Signing in by a link",
    "sessions": "Sessions",
    "memberships": "Several organisations",
    "devices": "Devices",
    "push": "Telling people",
    "hand_overs": "Handing a question over",
    "recoveries": "Lost keys",
    "break_glass": "Break-glass",
    "inbox": "The inbox",
    "decisions": "Answers",
    "receipts": "Receipts",
    "step_ups": "Step-ups",
    "orgs": "Governing",
    "notices": "What owners and admins must know",
    "callbacks": "Calls back",
    "requirement": "What is asked of a question",
    "guide": "The guide for AI agents",
    "policies": "Policies",
    "relying_parties": "Those whom agents deal with",
    "signals": "Signals and the mode",
    "dry_runs": "Dry runs of policies",
    "policy_drafts": "Drafts of policies, and publishing by two",
    "openleash": "What OpenLeash agents ask",
    "openleash_register": "An OpenLeash agent joins",
    "plans": "Groups, routes and schedules",
    "on_call": "Who is on call",
    "absences": "Who is away",
    "quiet_hours": "Quiet hours",
    "least": "How little is said to a person",
    "channels": "Channels of an organisation",
    "disclosure": "What messages say",
    "deliveries": "The delivery log",
    "fatigue": "Against fatigue",
    "trust": "Receipt bundles, and hubs whose proofs count",
    "audit": "The audit log",
    "evidence": "What lies beside the log",
}


def operations_page() -> str:
    """Every row of the route table, by subject, in the table's order."""
    ordered = sorted(ROUTES, key=lambda route: list(SUBJECTS).index(subject(route)))
    parts = [HTTP]
    for name, routes in itertools.groupby(ordered, key=subject):
        parts.append(
            f"\n## {SUBJECTS[name]}\n\n| operation | who | what it does | answers | refuses |\n|---|---|---|---|---|\n"
        )
        parts += [row(route) for route in routes]
    return "".join(parts)


def subject(route: Route) -> str:
    """The file its handler stands in."""
    return route.handler.__module__.rsplit(".", 1)[-1]


def row(route: Route) -> str:
    """One operation."""
    text = " ".join((inspect.getdoc(route.handler) or "").split("\n\n")[0].split())
    refuses = ", ".join(str(status) for status in sorted({status_of(kind) for kind in refusals_of(route)}))
    mark = " ⟳" if route.keyed else ""
    gives = f"{route.status} {form(route.gives)}".strip()
    if route.later is not None:
        gives += f", 202 {form(route.later)}"
    path = f"`{route.method} {route.path}`{mark}"
    return f"| {path} | {route.caller.value} | {text.replace('|', '&#124;')} | {gives} | {refuses} |\n"


def form(gives: Any) -> str:
    """The name of an answer's form."""
    if gives is None or isinstance(gives, str):
        return gives or ""
    if args := get_args(gives):
        return f"`{gives.__name__}[{args[-1].__name__}]`" if gives.__name__ != "dict" else ""
    return f"`{gives.__name__}`"


def openapi_document() -> str:
    """The OpenAPI 3.1 document of this release, laid out for comparing."""
    return json.dumps(document(ROUTES, version("approvals-hub")), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
