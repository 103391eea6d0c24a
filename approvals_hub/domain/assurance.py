"""How strongly a person authenticated for one decision. Only the hub computes it, from what it verified itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

LOW: Final = "LOW"
SUBSTANTIAL: Final = "SUBSTANTIAL"
HIGH: Final = "HIGH"
LEVELS: Final = {LOW: 1, SUBSTANTIAL: 2, HIGH: 3}

FRAUD_RISKS: Final = ("low", "moderate", "high")
"""What a provider may report of the risk that it sees in one proof, in BankID's words."""

SIGNED: Final = "signed"
NONCE: Final = "nonce"
SERVER: Final = "server"
_BINDINGS: Final = {SERVER: 1, NONCE: 2, SIGNED: 3}

_WORTH: Final = {
    "totp": LOW,
    "email_otp": LOW,
    "sms_otp": LOW,
    "recovery_codes": LOW,
    "webauthn": SUBSTANTIAL,
    "bankid": SUBSTANTIAL,
    "freja": SUBSTANTIAL,
}
"""What a proof of a provider of ours is worth (design table "Assurance"). No policy changes it."""

NAMES: Final = {"webauthn": "passkey"}
"""Where tokens and policies have another word than the provider: a passkey is a passkey, whichever way it proves."""


class Assurance(msgspec.Struct, frozen=True):
    """`acr` ranks it (design table "Assurance"); `methods` names the providers, `binding` how the proof is tied."""

    acr: str
    amr: tuple[str, ...]
    methods: tuple[str, ...]
    binding: str


class Evidence(msgspec.Struct, frozen=True):
    """One verified proof of a step-up. `reported` is the level that the provider itself vouches for, or None."""

    method: str
    amr: tuple[str, ...]
    binding: str
    reported: str | None = None


SENT: Final = frozenset({"email_otp", "sms_otp"})
"""Codes that pass through other people's networks and mailboxes (OWASP ASVS 6.6.1)."""
BARE: Final = frozenset({"device_key", "copied_passkey"})
"""Keys that whoever holds the unlocked device, or the account that copies them, can use: they show no person."""

PASSKEYS: Final = ("any", "not_synced", "device_bound")
"""Which passkeys a requirement takes for passkeys, the strictest last."""
SYNCED: Final = "synced"
BACKUP_ELIGIBLE: Final = "backup_eligible"
DEVICE_BOUND: Final = "device_bound"
_COPIES: Final = {SYNCED: 0, BACKUP_ELIGIBLE: 1, DEVICE_BOUND: 2}

DEVICE_KEY: Final = Assurance(LOW, ("pop",), ("device_key",), SIGNED)
PASSKEY: Final = Assurance(SUBSTANTIAL, ("mfa", "pop", "user"), ("passkey",), SIGNED)
COPIED_PASSKEY: Final = Assurance(LOW, ("pop", "user"), ("copied_passkey",), SIGNED)
"""A passkey where the requirement takes none that lies, or may lie, on other devices too: whoever holds the account
that copies it holds the key."""


def of_device(kind: str, copies: str | None = None, passkeys: str = "any") -> Assurance:
    """What a verified signature of this kind of device is worth, where a requirement takes these `passkeys`.

    A passkey assertion counts only with user verification, which its verifier has required already. `copies` is what
    `copies_of` says of it.
    """
    if kind == "passkey" and not takes_passkey(passkeys, copies):
        return COPIED_PASSKEY
    return {"device_key": DEVICE_KEY, "passkey": PASSKEY}[kind]


def copies_of(*, backup_eligible: bool, backed_up: bool) -> str:
    """Where a passkey lies, by the two flags that its authenticator signs (WebAuthn Level 3, section 6.1.3).

    `synced`: on other devices too. `backup_eligible`: on this one alone, today. `device_bound`: for ever.
    """
    return SYNCED if backed_up else BACKUP_ELIGIBLE if backup_eligible else DEVICE_BOUND


def takes_passkey(passkeys: str, copies: str | None) -> bool:
    """Whether a requirement that says `passkeys` takes one of which `copies_of` says this; a word not known, never."""
    if passkeys == "any":
        return True
    return passkeys in PASSKEYS and _COPIES.get(copies or "", -1) >= PASSKEYS.index(passkeys)


def level_of(evidence: Evidence) -> str:
    """What one proof is worth.

    What a provider of ours reports can only lower its worth: Freja of a person whom it knows less well than Freja+.
    Another provider's word (an eID broker's) counts where its proof is tied to the intent by a nonce or a signature:
    whoever could carry a proof over to another intent would carry its level along.
    """
    known = _WORTH.get(evidence.method)
    if known is not None:
        return known if evidence.reported not in LEVELS else lowest([known, evidence.reported])
    tied = _BINDINGS.get(evidence.binding, 0) >= _BINDINGS[NONCE]
    return evidence.reported if tied and evidence.reported in LEVELS else LOW


def combined(device: Assurance, proofs: Sequence[Evidence]) -> Assurance:
    """A device's signature together with the proofs that its statement lists.

    The highest level counts; `binding` is that of the best-tied evidence which reaches it.
    """
    each = [(device.acr, device.binding), *((level_of(proof), proof.binding) for proof in proofs)]
    acr = max((level for level, _ in each), key=lambda level: LEVELS[level])
    return Assurance(
        acr=acr,
        amr=tuple(sorted({*device.amr, *(word for proof in proofs for word in proof.amr)})),
        methods=tuple(dict.fromkeys((*device.methods, *(named(proof.method) for proof in proofs)))),
        binding=max((binding for level, binding in each if level == acr), key=lambda name: _BINDINGS[name]),
    )


def named(method: str) -> str:
    """How tokens and policies call a provider."""
    return NAMES.get(method, method)


def satisfies(acr: str, minimum: str) -> bool:
    """Whether `acr` ranks at or above `minimum`; an unknown level never does."""
    return LEVELS.get(acr, 0) >= LEVELS.get(minimum, len(LEVELS) + 1)


def shows_person(methods: Iterable[str]) -> bool:
    """Whether any of these ways shows the person and not their device alone: a passkey with user verification, or a
    step-up by anything but a code that others can read on its way."""
    return any(method not in BARE and method not in SENT for method in methods)


def is_too_risky(reported: str | int | bool | None, most: str | None) -> bool:
    """Whether a provider sees more risk in a proof than `most`, or cannot tell where there is a limit.

    `reported` is None for a provider that never tells, like a passkey: there is nothing to compare.
    """
    if most is None or reported is None:
        return False
    return reported not in FRAUD_RISKS or FRAUD_RISKS.index(reported) > FRAUD_RISKS.index(most)


def lowest(levels: list[str]) -> str:
    """The level of an approval by several people: the lowest counted one."""
    return min(levels, key=lambda level: LEVELS[level])
