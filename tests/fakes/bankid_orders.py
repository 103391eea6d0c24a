"""The pretend BankID's orders."""

from __future__ import annotations

from approvals_hub.cli.pretend_bankid.orders import NotOpened, Order

__all__ = ["NotOpened", "Order"]
