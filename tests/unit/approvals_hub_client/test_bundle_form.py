"""A bundle has one form; its seal is over everything else, and is nothing but a seal."""

from __future__ import annotations

import msgspec
import pytest

from approvals_hub_client.bundle_form import BadBundle, Bundle, bundle_hash, check_seal, read_bundle, sealed
from approvals_hub_client.canonical import dumps
from approvals_hub_client.checkpoint import verify
from approvals_hub_client.note import NoteError
from tests.unit.approvals_hub_client.made_bundle import changed, made


def test_a_bundle_reads_as_it_was_written() -> None:
    assert msgspec.to_builtins(read_bundle(dumps(made().first))) == made().first


def test_the_seal_holds_and_never_passes_for_a_checkpoint() -> None:
    bundle = read_bundle(dumps(made().first))
    check_seal(bundle, made().signer.verifier)
    with pytest.raises(NoteError):
        verify(bundle.seal, made().signer.verifier)


def test_the_seal_is_of_everything_but_itself() -> None:
    bundle = msgspec.convert(made().first, Bundle)
    assert bundle_hash(sealed(bundle, made().signer)) == bundle_hash(msgspec.structs.replace(bundle, seal=""))
    with pytest.raises(BadBundle, match="after the hub had sealed"):
        check_seal(msgspec.structs.replace(bundle, created="2020-01-01T00:00:00.000Z"), made().signer.verifier)


def test_more_entries_than_any_question_leaves_are_refused() -> None:
    entry = {"index": 0, "entry": "", "proof": []}
    attack = changed(made().first, lambda bundle: bundle["log"].update(entries=[entry] * 4_001))
    with pytest.raises(BadBundle, match="4000 entries"):
        read_bundle(dumps(attack))
