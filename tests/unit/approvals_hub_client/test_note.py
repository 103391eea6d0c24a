"""Signed notes, against the example of C2SP and against what else could be passed off as one."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from approvals_hub_client.note import NoteError, Signer, Verifier, read_key, sign, verify

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "c2sp" / "signed-note.json").read_text())
SEED = SigningKey(bytes(range(32)))
VERIFIER = Verifier("hub.example/org_1", bytes(SEED.verify_key))
SIGNER = Signer(VERIFIER, lambda data: SEED.sign(data).signature)
NOTE = sign("a line\n", SIGNER)
SIGNATURE = NOTE.splitlines()[-1]


def test_the_note_of_c2sp_verifies() -> None:
    assert verify(VECTOR["note"], read_key(VECTOR["verifier_key"])) == "This is an example message.\n"


def test_the_verifier_key_of_c2sp_is_written_as_it_was_read() -> None:
    assert str(read_key(VECTOR["verifier_key"])) == VECTOR["verifier_key"]


def test_a_note_that_we_sign_verifies() -> None:
    assert verify(NOTE, VERIFIER) == "a line\n"


def test_a_note_may_carry_the_signatures_of_witnesses() -> None:
    witness = SigningKey(bytes(32))
    line = sign("a line\n", Signer(Verifier("witness.example", bytes(witness.verify_key)), lambda data: bytes(64)))
    assert verify(NOTE + line.splitlines()[-1] + "\n", VERIFIER) == "a line\n"


def test_a_text_with_an_empty_line_in_it_is_signed_whole() -> None:
    assert verify(sign("a\n\nb\n", SIGNER), VERIFIER) == "a\n\nb\n"


def spelled(kind: int) -> str:
    return b64encode(bytes([kind]) + VERIFIER.public_key).decode()


ATTACKS = {
    "an edited text": NOTE.replace("a line", "a lime"),
    "no signature": "a line\n\n",
    "no text": "\n\n" + SIGNATURE + "\n",
    "no line feed at the end": NOTE[:-1],
    "no empty line": "a line\n" + SIGNATURE + "\n",
    "a hyphen for the dash": NOTE.replace("—", "-"),
    "the signature of another name": NOTE.replace("— hub.example", "— bub.example"),
    "a carriage return": NOTE.replace("a line\n", "a line\r\n"),
    "a NUL in the text": NOTE.replace("a line", "a\0line"),
    "a line of rubbish among the signatures": NOTE + "rubbish\n",
    "base64 without its padding": NOTE.rstrip("=\n") + "\n",
    "base64 of another spelling": NOTE[:-3] + "B" + NOTE[-2:] if NOTE.endswith("=\n") else NOTE[:-2] + "*\n",
    "a signature cut short": "a line\n\n— hub.example/org_1 " + b64encode(VERIFIER.key_id).decode() + "\n",
    "a signature one byte longer": "a line\n\n— hub.example/org_1 "
    + b64encode(b64decode(SIGNATURE.split()[-1]) + b"\0").decode()
    + "\n",
    "a second, wrong signature of the same key": NOTE
    + "— hub.example/org_1 "
    + b64encode(VERIFIER.key_id + bytes(64)).decode()
    + "\n",
    "too many signatures": NOTE + (SIGNATURE + "\n") * 100,
    "a text that is too long": "a" * 1_000_001 + NOTE,
}


@pytest.mark.parametrize("note", [pytest.param(note, id=name) for name, note in ATTACKS.items()])
def test_a_note_is_refused_with(note: str) -> None:
    with pytest.raises(NoteError):
        verify(note, VERIFIER)


def test_another_key_of_the_same_name_is_another_key() -> None:
    other = Verifier(VERIFIER.name, bytes(SigningKey(bytes(32)).verify_key))
    with pytest.raises(NoteError, match="not signed by"):
        verify(NOTE, other)


@pytest.mark.parametrize("text", ["no line feed", "\n", "", "a\tb\n", "a\x00\n", "\ud800\n"])
def test_a_text_that_a_note_cannot_carry_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign(text, SIGNER)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x7fb"])
def test_a_name_with_white_space_or_a_plus_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        Verifier(name, bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hub.example/org_1",
        str(VERIFIER).replace("+", "-"),
        str(VERIFIER)[:-1],
        str(VERIFIER).upper(),
        f"{VERIFIER.name}+00000000+{spelled(1)}",
        f"{VERIFIER.name}+{VERIFIER.key_id.hex()}+{spelled(2)}",
        f"{VERIFIER.name}+{VERIFIER.key_id.hex()}+{b64encode(VERIFIER.public_key).decode()}",
    ],
)
def test_a_verifier_key_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        read_key(text)


def test_a_public_key_of_another_length_is_refused() -> None:
    with pytest.raises(NoteError, match="32 bytes"):
        Verifier("hub.example", bytes(31))
