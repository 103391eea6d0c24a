"""What a provider is asked, what it shows meanwhile, and what it proves in the end. Plain values, nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

State = Mapping[str, Any]
"""What a provider must remember between two calls: JSON values. The caller keeps it sealed and shows it to nobody."""


class Purpose(Enum):
    """What somebody proves themselves for."""

    DECISION = "decision"
    SIGN_IN = "sign_in"
    LINK = "link"
    """Tie this way of proving to the person: the factor is empty until it is complete."""


class Binding(Enum):
    """How a proof is tied to what it was asked for, the strongest first."""

    SIGNED = "signed"
    """The person signed the very words and the hash."""
    NONCE = "nonce"
    """The hash is inside what the provider signed."""
    SERVER = "server"
    """Only the hub's own record ties them."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where the person's browser or app is, as the server saw it, never as the browser says."""

    address: str
    """IP address, for providers that want to know it."""
    user_agent: str = ""
    same_device: bool = True
    """Whether the app that proves it runs on the device that shows the page."""


@dataclass(frozen=True, slots=True)
class StepUp:
    """One proof that is asked for: who, for what, until when. Times are milliseconds since 1970 UTC."""

    id: str
    intent_hash: str
    """`sha256:` and hex: what the person is about to sign. For a sign-in, the hash of the sign-in's own challenge."""
    challenge: bytes
    """32 bytes: SHA-256 over the step-up's id and the intent hash; a nonce for providers that sign one."""
    purpose: Purpose
    visible: str
    """The presentation in words, in `language`; plain text."""
    language: str
    """`sv` or `en`."""
    client: Client
    began_at: int
    expires_at: int
    return_url: str | None = None
    """Where a person comes back to after leaving the page; https, or a loopback address."""
    most_risk: str | None = None
    """`low` or `moderate`: the most risk that is accepted from providers that report it, and one that could not be told
    is too much; None: any but `high`."""
    passkeys: str = "any"
    """Which passkeys count: `any`, `not_synced` (on no other device by now), `device_bound` (on none ever)."""
    acr_wanted: tuple[str, ...] = ()
    """What an OpenID provider must report; empty: as its settings say."""
    organisation: str = ""
    """Whose question it is, by name, for messages."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What is kept of one person for one provider. `data` is the provider's own, opened for this call alone."""

    data: State = field(repr=False, default_factory=dict)
    is_mine: Callable[[str], bool] = lambda subject: False
    """Whether this provider's name for a person (a personal number, an issuer's subject) is this very person.

    The caller compares keyed hashes in constant time. For `LINK` and for a sign-in that looks people up it says yes.
    """


@dataclass(frozen=True, slots=True)
class Challenge:
    """A proof was begun."""

    state: State = field(repr=False)
    shown: Mapping[str, Any]
    """What the person's browser may see. No secret of the provider, no code."""
    expires_at: int
    """Milliseconds since 1970 UTC, never later than the step-up's own."""
    collect_every: float | None = None
    """Seconds between two calls of `collect`; None where only the person's answer completes it."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing is proven yet. `state` replaces what was kept."""

    state: State = field(repr=False)
    shown: Mapping[str, Any]
    collect_every: float | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody proved who they are, for this step-up alone."""

    method: str
    """The provider's name, as it stands in a token's `methods`."""
    amr: tuple[str, ...]
    """RFC 8176 words."""
    binding: Binding
    at: int
    """When the person did it, milliseconds since 1970 UTC."""
    subject: str | None = field(default=None, repr=False)
    """The provider's name for the person. Personal data: sealed by the caller, never logged."""
    identified: str | None = None
    """How well the person is known: `eid`, `idp`, or None."""
    acr_reported: str | None = None
    """The level that the provider itself vouches for, as it said it. What that is worth, the caller decides."""
    once: tuple[str, ...] = ()
    """Names of what was used up (`step:…:59138`). The caller keeps them; one that is there already is a replay."""
    data: State | None = field(default=None, repr=False)
    """What is to be kept of the person from now on, where it changed or was made (`LINK`)."""
    evidence: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    """What an auditor can verify later, by name; sealed with the person's own key."""
    auth_ref: str | None = None
    """The provider's public reference of this one act, for the token's claim of that name."""
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)
    """What else a policy may ask about (`synced`, `counter_regressed`, `risk`); nothing personal."""
