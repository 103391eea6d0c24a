"""Ask people before acting: the agent's client, and the strict formats that the hub shares with it.

```python
from approvals_hub_client import Hub

with Hub.from_file("agent.json") as hub:
    approved = hub.approval("payment.execute", {"amount_minor": 125000, "currency": "SEK", "to": "SE45…"})
    redemption = hub.redeem(approved)   # once; the payment follows, then hub.report(redemption, "done")
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from approvals_hub_client.asking import Asking
    from approvals_hub_client.assurance import Proven
    from approvals_hub_client.authorization import Authorization, NotAllowed, PeopleAsked
    from approvals_hub_client.bundle import BundleReport, verify_bundle
    from approvals_hub_client.chain import ChainReport, verify_chain, write_chain
    from approvals_hub_client.client import AsyncHub
    from approvals_hub_client.credential import Credential
    from approvals_hub_client.discovery import FoundHub, find_hub
    from approvals_hub_client.errors import (
        BadAnswer,
        BadCredential,
        BadNote,
        Changed,
        ClientError,
        Closed,
        Conflict,
        Denied,
        Expired,
        NoConnection,
        NoHub,
        NotApproved,
        NotAuthorised,
        NotMe,
        Refused,
        Spent,
        StillOpen,
        Superseded,
        Undeliverable,
        Unreachable,
        Withdrawn,
    )
    from approvals_hub_client.executor import AsyncExecutor, Redemption
    from approvals_hub_client.guarding import acting, acting_now, guard
    from approvals_hub_client.proof import BadProof, verify_proof_offline
    from approvals_hub_client.question import Approved, Question
    from approvals_hub_client.registration import register, rotate_key
    from approvals_hub_client.signalling import Signal
    from approvals_hub_client.stream import Change
    from approvals_hub_client.sync import Hub, find_hub_now, register_now
    from approvals_hub_client.transport import Transport

_names = {
    "asking": ("Asking",),
    "assurance": ("Proven",),
    "authorization": (
        "Authorization",
        "NotAllowed",
        "PeopleAsked",
    ),
    "bundle": (
        "BundleReport",
        "verify_bundle",
    ),
    "chain": (
        "ChainReport",
        "verify_chain",
        "write_chain",
    ),
    "client": ("AsyncHub",),
    "credential": ("Credential",),
    "errors": (
        "BadAnswer",
        "BadCredential",
        "BadNote",
        "Changed",
        "ClientError",
        "Closed",
        "Conflict",
        "Denied",
        "Expired",
        "NoConnection",
        "NoHub",
        "NotApproved",
        "NotAuthorised",
        "NotMe",
        "Refused",
        "Spent",
        "StillOpen",
        "Superseded",
        "Undeliverable",
        "Unreachable",
        "Withdrawn",
    ),
    "discovery": (
        "FoundHub",
        "find_hub",
    ),
    "executor": (
        "AsyncExecutor",
        "Redemption",
    ),
    "guarding": (
        "acting",
        "acting_now",
        "guard",
    ),
    "proof": (
        "BadProof",
        "verify_proof_offline",
    ),
    "question": (
        "Approved",
        "Question",
    ),
    "registration": (
        "register",
        "rotate_key",
    ),
    "sync": (
        "Hub",
        "find_hub_now",
        "register_now",
    ),
    "signalling": ("Signal",),
    "stream": ("Change",),
    "transport": ("Transport",),
}
_homes = {name: home for home, names in _names.items() for name in names}

__all__ = [
    "Approved",
    "Asking",
    "AsyncExecutor",
    "AsyncHub",
    "Authorization",
    "BadAnswer",
    "BadCredential",
    "BadNote",
    "BadProof",
    "BundleReport",
    "ChainReport",
    "Change",
    "Changed",
    "ClientError",
    "Closed",
    "Conflict",
    "Credential",
    "Denied",
    "Expired",
    "FoundHub",
    "Hub",
    "NoConnection",
    "NoHub",
    "NotAllowed",
    "NotApproved",
    "NotAuthorised",
    "NotMe",
    "PeopleAsked",
    "Proven",
    "Question",
    "Redemption",
    "Refused",
    "Signal",
    "Spent",
    "StillOpen",
    "Superseded",
    "Transport",
    "Undeliverable",
    "Unreachable",
    "Withdrawn",
    "acting",
    "acting_now",
    "find_hub",
    "find_hub_now",
    "guard",
    "register",
    "register_now",
    "rotate_key",
    "verify_bundle",
    "verify_chain",
    "verify_proof_offline",
    "write_chain",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for: the hub needs the formats alone, and aiohttp costs half a second."""
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_homes[name]}"), name)
