"""An order that runs: what is remembered of it between two calls, and what the person's page shows of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from identity.bankid_api import Order
from identity.bankid_messages import Situation, pending_message, words
from identity.bankid_order import kind_of
from identity.bankid_qr import qr_text
from identity.proof import State, StepUp

FIRST_HINT = "outstandingTransaction"
NOT_STARTED = (FIRST_HINT, "noClient")
"""Hints while nobody has opened the order in an app: until then a QR code is of use."""
MOBILE = re.compile(r"Android|iPhone|iPad|Mobile")


@dataclass(frozen=True, slots=True)
class Running:
    """One order, as it is kept. The caller seals it: it holds what could take the order over, and later who signed."""

    step_up: str
    """The id of the step-up it was started for."""
    order_ref: str
    auto_start_token: str = field(repr=False)
    qr_start_token: str = field(repr=False)
    qr_start_secret: str = field(repr=False)
    started_at: int
    """When BankID's answer came, milliseconds since 1970 UTC: the QR code counts seconds from here."""
    orders: int = 1
    """How many orders this step-up has started."""
    return_nonce: str | None = field(default=None, repr=False)
    """What the app brings back to the page it was started from; None where it is not started from there."""
    returned: bool = False
    """Whether it was brought back."""
    hint: str = FIRST_HINT
    lapsed: bool = False
    """The order has ended unused, and a new one could not be started yet."""
    proven: Mapping[str, Any] | None = field(default=None, repr=False)
    """What BankID told at the end of the order, which it does once; it waits for the nonce."""

    @classmethod
    def of(cls, state: State) -> Running:
        """Read what `state()` has written."""
        return cls(**state)

    @classmethod
    def started(cls, order: Order, step_up: StepUp, *, at: int, orders: int, return_nonce: str | None) -> Running:
        """An order that BankID has just accepted."""
        return cls(
            step_up.id,
            order.order_ref,
            order.auto_start_token,
            order.qr_start_token,
            order.qr_start_secret,
            at,
            orders,
            return_nonce,
        )

    @property
    def awaits_return(self) -> bool:
        """Whether a proof needs the nonce and has not got it."""
        return self.return_nonce is not None and not self.returned

    def state(self) -> dict[str, Any]:
        """JSON values, for `of`."""
        return asdict(self)

    def shown(self, step_up: StepUp, now: int) -> dict[str, Any]:
        """What the page shows. Never the QR code's secret, and never the nonce.

        A page that knew the nonce could hand its own order's link to somebody else and answer for them.
        """
        message = pending_message(self.hint, self.situation(step_up))
        shown: dict[str, Any] = {
            "hint": self.hint,
            "message": {"id": message, "text": words(message, step_up.language)},
            "orders": self.orders,
            "awaits_return": self.proven is not None,
        }
        if self.lapsed or self.proven is not None or self.hint not in NOT_STARTED:
            return shown
        if self.return_nonce is None:
            second = max(0, (now - self.started_at) // 1000)
            shown["qr"] = qr_text(self.qr_start_token, self.qr_start_secret, second)
        else:
            shown["auto_start"] = auto_start(self.auto_start_token)
        return shown

    def situation(self, step_up: StepUp) -> Situation:
        """What messages depend on."""
        return Situation(
            signing=kind_of(step_up) == "sign",
            same_device=self.return_nonce is not None,
            mobile=MOBILE.search(step_up.client.user_agent) is not None,
        )


def auto_start(token: str) -> str:
    """The link that opens the app on this device (a universal link on iOS, an app link on Android).

    `redirect=null`: the order's own `returnUrl` counts, which went from server to server.
    """
    return f"https://app.bankid.com/?autostarttoken={quote(token, safe='')}&redirect=null"
