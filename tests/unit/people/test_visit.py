"""What is kept of where somebody signs in from, and what the log says of it."""

from __future__ import annotations

from hashlib import sha256

import pytest

from approvals_hub.people.visit import CLIENT_LIMIT, Visitor, commitment_of, context_of, cut, near, text_of, visit_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("local", None),
        ("", None),
        (None, None),
    ],
)
def test_of_an_address_people_see_the_network_alone(address: str | None, network: str | None) -> None:
    assert near(address) == network


def test_of_a_client_as_much_is_kept_as_fits_a_list() -> None:
    assert (cut(None), cut(""), cut("x" * 1000)) == (None, None, "x" * CLIENT_LIMIT)


def test_a_visit_holds_the_client_the_network_and_a_salt_and_no_address() -> None:
    text = text_of(visit_of(Visitor("Grace's phone", "192.0.2.7", bytes(32))))
    assert text == b'{"client":"Grace\'s phone","network":"192.0.2.0/24","salt":"' + b"A" * 43 + b'"}'
    assert commitment_of(text) == f"sha256:{sha256(text).hexdigest()}"


def test_two_visits_from_one_place_have_two_commitments() -> None:
    one, two = (commitment_of(text_of(visit_of(Visitor("phone", "192.0.2.7")))) for _ in range(2))
    assert one != two


def test_a_visitor_does_not_print_the_salt() -> None:
    assert repr(Visitor("phone", "192.0.2.7", b"secret")) == "Visitor(client='phone', address='192.0.2.7')"


def test_a_sealed_visit_is_tied_to_its_organisation_and_its_commitment() -> None:
    assert context_of("org_1", "sha256:ab") == "visit:org_1:sha256:ab"
