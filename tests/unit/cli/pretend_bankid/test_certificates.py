"""The pretend authorities: they sign for each other, and for nobody else."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.x509.verification import PolicyBuilder, Store

from tests.fakes.bankid_scene import anna, authorities, foreign_authorities


def test_a_person_hangs_below_bank_and_root() -> None:
    person, issued = anna(), authorities()
    person.bankid.certificate.verify_directly_issued_by(issued.customers.certificate)
    issued.customers.certificate.verify_directly_issued_by(issued.bank.certificate)
    issued.bank.certificate.verify_directly_issued_by(issued.root.certificate)


def test_every_set_of_authorities_is_another_one() -> None:
    assert authorities().root.certificate != foreign_authorities().root.certificate


def test_a_relying_party_is_given_four_files(tmp_path: Path) -> None:
    files = authorities().write(tmp_path)
    assert sorted(files) == ["certificate", "key", "people_ca", "server_ca"]
    assert all(Path(path).read_bytes().startswith(b"-----BEGIN") for path in files.values())
    assert stat.S_ISREG(Path(files["key"]).stat().st_mode)


def test_the_server_is_known_by_the_root_that_the_relying_party_gets() -> None:
    issued = authorities()
    issued.server.certificate.verify_directly_issued_by(issued.server_root.certificate)
    assert PolicyBuilder().store(Store([issued.server_root.certificate]))
