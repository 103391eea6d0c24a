"""A signature that was asked for: what is remembered of it between two calls, and what the person's page shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from identity.errors import Malformed, OtherIntent
from identity.proof import State, StepUp

FIRST = "STARTED"
"""Freja's status until a phone has fetched the signature."""
TEXTS = {
    "scan": (
        "Öppna Freja och skanna QR-koden, eller öppna Freja på den här enheten.",
        "Open Freja and scan the QR code, or open Freja on this device.",
    ),
    "open": ("Öppna Freja.", "Open Freja."),
    "sign": ("Läs texten i Freja och skriv under.", "Read the text in Freja and sign."),
}


@dataclass(frozen=True, slots=True)
class Running:
    """One signature, as it is kept."""

    step_up: str
    """The id of the step-up it was asked for."""
    intent: str
    reference: str
    named: bool
    """Whether Freja asks one person by a push message; else whoever scans the code."""
    status: str = FIRST

    @classmethod
    def of(cls, state: State) -> Running:
        """Read what `state()` has written. Raises Malformed."""
        try:
            return cls(**state)
        except TypeError:
            raise Malformed("the state is none of this provider") from None

    @classmethod
    def for_step_up(cls, state: State, step_up: StepUp) -> Running:
        """The signature of this very step-up. Raises OtherIntent for another's."""
        running = cls.of(state)
        if running.step_up != step_up.id or running.intent != step_up.intent_hash:
            raise OtherIntent("the signature was asked for in another step-up")
        return running

    def state(self) -> dict[str, Any]:
        """JSON values, for `of`."""
        return asdict(self)

    def shown(self, step_up: StepUp) -> dict[str, Any]:
        """What the page shows: `qr` is the text of a QR code, `link` opens the app on this device."""
        key = "sign" if self.status != FIRST else "open" if self.named else "scan"
        message = {"id": key, "text": TEXTS[key][0 if step_up.language == "sv" else 1]}
        shown: dict[str, Any] = {"status": self.status, "message": message}
        if key == "sign":
            return shown
        link = app_link(self.reference)
        return {**shown, "link": link} if self.named else {**shown, "link": link, "qr": link}


def app_link(reference: str) -> str:
    """What opens the signature in Freja's app, as a link and inside a QR code."""
    return f"frejaeid://bindUserToTransaction?transactionReference={quote(reference, safe='')}"
