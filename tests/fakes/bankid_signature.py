"""What the pretend BankID's app signs."""

from __future__ import annotations

from approvals_hub.cli.pretend_bankid.signature import (
    C14N,
    MORE,
    SHA256,
    Checking,
    Signing,
    b64,
    check,
    der,
    sign,
    successful,
)

__all__ = ["C14N", "MORE", "SHA256", "Checking", "Signing", "b64", "check", "der", "sign", "successful"]
