"""One context is shared by those who change nothing; an authority in a file counts for whoever names it, alone."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from approvals_hub.core.authorities import shared, trusting, trusting_this_machine
from tests.fakes.tls import Authority


def test_the_machines_authorities_are_read_once_and_every_server_is_verified() -> None:
    assert shared(None) is shared(None) is trusting_this_machine()
    assert (shared(None).verify_mode, shared(None).check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_context_of_ones_own_is_nobody_elses() -> None:
    mine = trusting(None)
    assert mine is not trusting(None)
    mine.check_hostname = False
    assert shared(None).check_hostname
    assert trusting(None).check_hostname


def test_an_authority_in_a_file_is_believed_where_it_is_named_and_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(Authority().pem())
    assert shared(file).cert_store_stats()["x509_ca"] == 1
    assert shared(file) is not shared(file)
    assert shared(file).verify_mode == ssl.CERT_REQUIRED
    subjects = [certificate["subject"] for certificate in shared(file).get_ca_certs()]
    assert not [one for one in shared(None).get_ca_certs() if one["subject"] in subjects]


@pytest.mark.parametrize("text", [None, "", "no authority"])
def test_a_file_without_an_authority_trusts_nobody(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(FileNotFoundError if text is None else ssl.SSLError):
        shared(file)
