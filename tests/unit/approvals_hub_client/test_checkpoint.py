"""Checkpoints, against C2SP's log and against what else could be passed off as one."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from approvals_hub_client import note
from approvals_hub_client.checkpoint import Checkpoint, sign, verify
from approvals_hub_client.tree import EMPTY_ROOT

TLOG = Path(__file__).parents[2] / "vectors" / "c2sp" / "tlog"
TLOG_KEY = note.read_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
SEED = SigningKey(bytes(range(32)))
VERIFIER = note.Verifier("hub.example/org_1", bytes(SEED.verify_key))
SIGNER = note.Signer(VERIFIER, lambda data: SEED.sign(data).signature)
ROOT = b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize("size", range(16))
def test_every_checkpoint_of_c2sp_is_read_with_its_size(size: int) -> None:
    assert verify((TLOG / f"checkpoint.{size}").read_text(), TLOG_KEY).size == size


def test_a_checkpoint_that_we_sign_is_read_as_it_was() -> None:
    checkpoint = Checkpoint("hub.example/org_1", 12, bytes(range(32)))
    assert verify(sign(checkpoint, SIGNER), VERIFIER) == checkpoint


def test_the_checkpoint_of_an_empty_log_is_read() -> None:
    checkpoint = Checkpoint("hub.example/org_1", 0, EMPTY_ROOT)
    assert verify(sign(checkpoint, SIGNER), VERIFIER) == checkpoint


def test_lines_after_the_root_are_left_to_extensions() -> None:
    assert verify(note.sign(f"hub.example/org_1\n1\n{ROOT}\nmore\n", SIGNER), VERIFIER).size == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"hub.example/org_2\n1\n{ROOT}\n", id="the origin of another organisation"),
        pytest.param(f"hub.example/org_1\n01\n{ROOT}\n", id="a zero before the size"),
        pytest.param(f"hub.example/org_1\n+1\n{ROOT}\n", id="a sign before the size"),
        pytest.param(f"hub.example/org_1\n-1\n{ROOT}\n", id="a negative size"),
        pytest.param(f"hub.example/org_1\n١\n{ROOT}\n", id="a digit of another script"),
        pytest.param(f"hub.example/org_1\n{'9' * 19}\n{ROOT}\n", id="a size beyond 64 bits"),
        pytest.param(f"hub.example/org_1\n1\n{ROOT[:-1]}\n", id="a root without padding"),
        pytest.param("hub.example/org_1\n1\nAAAA\n", id="a root of three bytes"),
        pytest.param("hub.example/org_1\n1\n", id="no root"),
        pytest.param(f"hub.example/org_1\n\n{ROOT}\n", id="an empty size"),
        pytest.param(f"hub.example/org_1\n1\n{ROOT}\n\nmore\n", id="an empty line among the extensions"),
        pytest.param(f"hub.example/org_1\n0\n{ROOT}\n", id="an empty log with a root of something"),
    ],
)
def test_a_rightly_signed_checkpoint_is_refused_with(text: str) -> None:
    with pytest.raises(note.NoteError):
        verify(note.sign(text, SIGNER), VERIFIER)


def test_a_checkpoint_signed_by_another_key_is_refused() -> None:
    other = note.Verifier(VERIFIER.name, bytes(SigningKey(bytes(32)).verify_key))
    with pytest.raises(note.NoteError, match="not signed by"):
        verify(sign(Checkpoint(VERIFIER.name, 0, EMPTY_ROOT), SIGNER), other)


def test_a_key_of_another_name_signs_no_checkpoint() -> None:
    with pytest.raises(note.NoteError, match="origin"):
        sign(Checkpoint("hub.example/org_2", 0, EMPTY_ROOT), SIGNER)
