"""A struct with a secret in it may be printed."""

from __future__ import annotations

import msgspec
from rich.pretty import pretty_repr

from identity.discreet import Discreet


class Account(Discreet, msgspec.Struct):
    not_printed = ("password",)

    name: str
    password: str


def test_a_secret_is_printed_by_nobody() -> None:
    account = Account("ada", "s3cret")
    assert repr(account) == "Account(name='ada')"
    assert "s3cret" not in pretty_repr(account)
