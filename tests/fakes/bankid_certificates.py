"""The pretend BankID's authorities and people."""

from __future__ import annotations

from approvals_hub.cli.pretend_bankid.certificates import Authorities, Holder, Person, common_name, issue

__all__ = ["Authorities", "Holder", "Person", "common_name", "issue"]
