"""What a person is told while BankID runs: its recommended user messages (RFA1 to RFA23), in Swedish and English.

BankID asks relying parties to use these words, so that its users meet the same ones everywhere. Codes that BankID adds
later are RFA21 while an order is pending, and RFA22 once it has failed.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXTS: dict[str, tuple[str, str]] = {
    "RFA1": ("Starta BankID-appen.", "Start your BankID app."),
    "RFA2": (
        "Du verkar inte ha BankID-appen. Installera den och skaffa ett BankID.",
        "You don't seem to have the BankID app. Install the app and get a BankID.",
    ),
    "RFA3": ("Åtgärden avbröts. Försök igen.", "The action was cancelled. Please try again."),
    "RFA4": (
        "En identifiering eller underskrift pågår redan för ditt personnummer. Försök igen.",
        "An identification or signature is already in progress for your personal identity number. Please try again.",
    ),
    "RFA5": ("Något gick fel. Försök igen.", "Something went wrong. Please try again."),
    "RFA6": ("Åtgärden avbröts.", "The action was cancelled."),
    "RFA8": (
        (
            "BankID-appen svarar inte. Kontrollera att den är startad och att du har internetanslutning. "
            "Försök sedan igen."
        ),
        (
            "The BankID app is not responding. Please check that it's started and that you have internet access. "
            "Try again."
        ),
    ),
    "RFA9A": (
        "Skriv in din säkerhetskod i BankID-appen och välj Identifiera.",
        "Enter your security code in the BankID app and select Identify.",
    ),
    "RFA9B": (
        "Skriv in din säkerhetskod i BankID-appen och välj Skriv under.",
        "Enter your security code in the BankID app and select Sign.",
    ),
    "RFA13": ("Försöker starta BankID-appen.", "Trying to start your BankID app."),
    "RFA15A": (
        (
            "Söker efter BankID. Säkerställ att du har ett giltigt BankID på den här datorn. "
            "Om du har ett BankID på kort, sätt in kortet i kortläsaren."
        ),
        (
            "Searching for BankID. Make sure you have a valid BankID on this computer. If you have a BankID on card, "
            "please insert the card into your card reader."
        ),
    ),
    "RFA15B": (
        "Söker efter BankID. Säkerställ att du har ett giltigt BankID på den här enheten.",
        "Searching for BankID. Make sure you have a valid BankID on this device.",
    ),
    "RFA16": (
        "Ditt BankID är för gammalt eller spärrat. Använd ett annat BankID eller skaffa ett nytt hos din bank.",
        "Your BankID is blocked or too old. Please use another BankID or get a new one from your bank.",
    ),
    "RFA17A": (
        "Du verkar inte ha BankID-appen/programmet. Installera den och skaffa ett BankID hos din bank.",
        "You don't seem to have the BankID app/program. Please install it and get a BankID from your bank.",
    ),
    "RFA17B": (
        "Misslyckades att läsa av QR-koden. Starta BankID-appen och läs av QR-koden.",
        "Failed to scan the QR code. Start the BankID app and scan the QR code.",
    ),
    "RFA18": ("Starta BankID-appen", "Start the BankID app"),
    "RFA19": (
        "Vill du använda BankID på den här datorn eller ett Mobilt BankID?",
        "Would you like to use BankID on this computer, or a Mobile BankID?",
    ),
    "RFA20": (
        "Vill du använda BankID på den här enheten eller på en annan enhet?",
        "Do you want to use BankID on this device or another device?",
    ),
    "RFA21": ("En identifiering eller underskrift pågår.", "An identification or signing is in progress."),
    "RFA22": ("Något gick fel. Försök igen.", "Something went wrong. Please try again."),
    "RFA23": (
        "Fotografera och läs av din ID-handling med BankID-appen.",
        "Take a photo of, and scan, your ID document with the BankID app.",
    ),
}
"""Id to its Swedish and its English words. RFA18 is a button's, RFA19 and RFA20 are questions before the order."""

PENDING = {"noClient": "RFA1", "userMrtd": "RFA23"}
"""Hint codes of a pending order whose message depends on nothing else; `userCallConfirm` and `processing` have none."""
FAILED = {
    "expiredTransaction": "RFA8",
    "certificateErr": "RFA16",
    "userCancel": "RFA6",
    "cancelled": "RFA3",
    "userDeclinedCall": "RFA6",
}
"""Hint codes of a failed order; `notSupportedByUserApp` and `transactionRiskBlocked` have no message of their own."""
ERRORS = {
    "alreadyInProgress": "RFA4",
    "canceled": "RFA3",
    "requestTimeout": "RFA5",
    "maintenance": "RFA5",
    "internalError": "RFA5",
}
"""BankID's `errorCode` to its message."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice of a message depends on besides the hint code."""

    signing: bool = True
    """A signature, not an identification."""
    same_device: bool = True
    """The app is started from the page, by its link; else a QR code is shown."""
    mobile: bool = False
    """The page is shown on a phone or a tablet."""


def pending_message(hint: str, situation: Situation) -> str:
    """The id of the message while an order is pending."""
    if hint == "outstandingTransaction":
        return "RFA13" if situation.same_device else "RFA1"
    if hint == "started":
        # The search goes on where the app is: on this computer only if it was started from there.
        on_phone = situation.mobile or not situation.same_device
        return "RFA15B" if on_phone else "RFA15A"
    if hint == "userSign":
        return "RFA9B" if situation.signing else "RFA9A"
    return PENDING.get(hint, "RFA21")


def failed_message(hint: str, situation: Situation) -> str:
    """The id of the message once an order has failed."""
    if hint == "startFailed":
        return "RFA17A" if situation.same_device else "RFA17B"
    return FAILED.get(hint, "RFA22")


def error_message(code: str) -> str:
    """The id of the message for an `errorCode` of BankID, which is also the `hint` of a ProviderDown."""
    return ERRORS.get(code, "RFA22")


def refusal_message(hint: str | None, situation: Situation) -> str:
    """The id of the message for the `hint` of an error that the provider raised: a hint code or an `errorCode`."""
    return error_message(hint) if hint in ERRORS else failed_message(hint or "", situation)


def words(message: str, language: str) -> str:
    """A message's words in `sv` or, for every other language, in English."""
    swedish, english = TEXTS[message]
    return swedish if language == "sv" else english
