"""The receipt bundle: one question with everything that shows how it was answered, in one JSON file.

What verifies it is `bundle.py`; what writes it is the hub. A bundle never holds a permission: no approval token, only
the claims that each of them carried, and the proof token, which is evidence.
"""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub_client import note
from approvals_hub_client.canonical import CanonicalError, dumps, loads, sha256_text
from approvals_hub_client.trust import PublicKey, plain

FORMAT = "approvals-hub.bundle.v1"
MAXIMUM_BYTES = 16 * 1024 * 1024
"""The longest bundle that is read, in bytes."""
MAXIMUM_ENTRIES = 4_000
"""Entries of the log in one bundle: more than any question leaves that was not attacked."""
ELSEWHERE, HERE = "elsewhere", "here"


class BadBundle(ValueError):
    """Something of the bundle does not hold. `part` is the member, for programs."""

    def __init__(self, part: str, why: str) -> None:
        """Keep the member beside the sentence for people."""
        super().__init__(why)
        self.part = part


class _Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All members are there, and none else: what nobody checks must not look as if somebody had."""


class HubPart(_Form, frozen=True):
    """The hub that made the bundle, and every public key that it ever had, with validity and revocation."""

    issuer: str
    """Its public URL: `iss` of its tokens, `audience` of what people sign."""
    org_id: str
    origin: str
    """The name of the organisation's log."""
    token_keys: list[PublicKey]
    log_keys: list[PublicKey]


class QuestionPart(_Form, frozen=True):
    """What was asked, as its people saw it, and how it ended. `action` holds its salt."""

    escalation_id: str
    revision: int
    revises: str | None
    agent_id: str
    audience: str
    action: dict[str, Any]
    action_hash: str
    presentation: dict[str, Any]
    presentation_hash: str
    requirement: dict[str, Any]
    requirement_hash: str
    created_at: str
    expires_at: str
    ended_at: str | None
    outcome: str
    ended_by: str | None
    cause: str | None


class KeyPart(_Form, frozen=True):
    """The key of an answer: `jwk` of a device key, `cose` (base64url) of a passkey."""

    kind: str
    key_hash: str
    jwk: dict[str, str] | None
    cose: str | None
    enrolled: str
    """`here`: this log has its enrolment. `elsewhere`: another organisation's has, where its person is a member too."""


class AssertionPart(_Form, frozen=True):
    """What a passkey signed, and its signature; all base64url."""

    client_data: str
    authenticator_data: str
    signature: str


class AnswerPart(_Form, frozen=True):
    """One answer as it was signed. `statement` is base64url of the signed bytes without their prefix."""

    decision_id: str
    approver_id: str
    device_id: str
    decision: str
    at: str
    superseded_at: str | None
    statement: str
    signature: str | None
    assertion: AssertionPart | None
    key: KeyPart


class TokenPart(_Form, frozen=True):
    """What every approval token of the question said. Its own text is a permission, and never here."""

    state: str
    valid_until: str
    claims: dict[str, Any]


class ProofPart(_Form, frozen=True):
    """The proof token of the redemption, and the counterparties' proofs that it names in `prev`."""

    token: str
    redeemed_at: str
    counterparty_proofs: list[str]


class EntryPart(_Form, frozen=True):
    """An entry of the log: its exact text, and the hashes (hexadecimal) that lead from it to the checkpoint's root."""

    index: int
    entry: str
    proof: list[str]


class LogPart(_Form, frozen=True):
    """The entries about the question, and those about the keys that answered it, under one signed checkpoint.

    `whole`: none is left out, by the hub's word. Otherwise refusals and reads are, of which there were too many.
    """

    checkpoint: str
    whole: bool
    entries: list[EntryPart]


class Bundle(_Form, frozen=True):
    """The file. `seal` is a signed note of the log's key over everything else."""

    format: str
    created: str
    hub: HubPart
    question: QuestionPart
    answers: list[AnswerPart]
    token: TokenPart | None
    proof: ProofPart | None
    log: LogPart
    seal: str


def read_bundle(data: bytes) -> Bundle:
    """Read a bundle strictly. Raises BadBundle; whether it holds is another question."""
    if len(data) > MAXIMUM_BYTES:
        raise BadBundle("format", f"a bundle has at most {MAXIMUM_BYTES} bytes")
    try:
        value = loads(data, max_depth=40)
    except CanonicalError as error:
        raise BadBundle("format", f"not strict JSON: {error}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BadBundle("format", f"this is no {FORMAT} file")
    try:
        bundle = msgspec.convert(value, Bundle)
    except msgspec.ValidationError as error:
        raise BadBundle("format", str(error)) from None
    if len(bundle.log.entries) > MAXIMUM_ENTRIES:
        raise BadBundle("format", f"a bundle has at most {MAXIMUM_ENTRIES} entries")
    return bundle


def bundle_hash(bundle: Bundle) -> str:
    """What the seal is over: the hash of everything but the seal. Raises CanonicalError where it has none."""
    members = plain(bundle)
    del members["seal"]
    return sha256_text(dumps(members))


def sealed(bundle: Bundle, signer: note.Signer) -> Bundle:
    """The bundle with its seal. The seal's origin is not the log's own, so that it never passes for a checkpoint."""
    text = f"{signer.verifier.name}/bundle\n{bundle_hash(bundle)}\n"
    return msgspec.structs.replace(bundle, seal=note.sign(text, signer))


def check_seal(bundle: Bundle, *verifiers: note.Verifier) -> None:
    """Raise BadBundle unless one of the keys sealed exactly this bundle."""
    try:
        text = note.verify(bundle.seal, *verifiers)
        wanted = f"{bundle.hub.origin}/bundle\n{bundle_hash(bundle)}\n"
    except (note.NoteError, CanonicalError) as error:
        raise BadBundle("seal", f"the seal cannot be believed: {error}") from None
    if text != wanted:
        raise BadBundle("seal", "something was changed, added or left out after the hub had sealed the bundle")
