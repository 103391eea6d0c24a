"""What a signature is worth; the table is that of the design."""

from __future__ import annotations

import pytest

from approvals_hub.domain.assurance import Assurance, lowest, of_device, satisfies


@pytest.mark.parametrize(
    ("kind", "worth"),
    [
        ("device_key", Assurance("LOW", ("pop",), ("device_key",), "signed")),
        ("passkey", Assurance("SUBSTANTIAL", ("mfa", "pop", "user"), ("passkey",), "signed")),
    ],
)
def test_a_signature_is_worth_what_the_table_says(kind: str, worth: Assurance) -> None:
    assert of_device(kind) == worth


def test_an_unknown_kind_of_device_is_worth_nothing_and_stops_the_program() -> None:
    with pytest.raises(KeyError):
        of_device("email")


@pytest.mark.parametrize(
    ("acr", "minimum", "holds"),
    [
        ("LOW", "LOW", True),
        ("LOW", "SUBSTANTIAL", False),
        ("LOW", "HIGH", False),
        ("SUBSTANTIAL", "LOW", True),
        ("SUBSTANTIAL", "SUBSTANTIAL", True),
        ("SUBSTANTIAL", "HIGH", False),
        ("HIGH", "LOW", True),
        ("HIGH", "SUBSTANTIAL", True),
        ("HIGH", "HIGH", True),
        ("", "LOW", False),
        ("low", "LOW", False),
        ("VERY_HIGH", "HIGH", False),
        ("VERY_HIGH", "LOW", False),
        ("HIGH", "VERY_HIGH", False),
        ("HIGH", "", False),
        ("UNKNOWN", "UNKNOWN", False),
    ],
)
def test_a_level_satisfies_itself_and_what_is_below_and_an_unknown_one_never(
    acr: str, minimum: str, holds: bool
) -> None:
    assert satisfies(acr, minimum) is holds


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        (["HIGH"], "HIGH"),
        (["HIGH", "SUBSTANTIAL"], "SUBSTANTIAL"),
        (["SUBSTANTIAL", "LOW", "HIGH"], "LOW"),
    ],
)
def test_several_approvers_are_as_sure_as_the_least_sure_one(levels: list[str], found: str) -> None:
    assert lowest(levels) == found


def test_nobody_approves_at_no_level() -> None:
    with pytest.raises(ValueError, match="empty"):
        lowest([])
