"""The pretend BankID that ships with the demo, as tests call it."""

from __future__ import annotations

from approvals_hub.cli.pretend_bankid.server import PretendBankID as FakeBankID

__all__ = ["FakeBankID"]
