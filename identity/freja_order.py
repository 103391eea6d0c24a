"""What Freja is asked for (Signature Service, `initSignature`): the words to show, the hash to sign, who, until when.

Everything is signed, signing in too: a person can have one authentication at a time, and a second one ends both; and
what is signed holds the hash. What is compared in the end is made anew from the step-up by the same functions.
"""

from __future__ import annotations

import json
import re
from typing import Any

from identity.errors import Refused
from identity.freja_settings import FrejaSettings
from identity.jws import b64
from identity.proof import Factor, Purpose, StepUp

LONGEST_TEXT = 4096
"""Characters that Freja shows, before base64."""
LONGEST_TITLE = 60
SHORTEST_LIFE = 130_000
"""Milliseconds: Freja takes no signature that ends within two minutes; ten seconds are for the way and the clocks."""
UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and those that turn the direction of writing: the text could look unlike what is signed."""
PERSONAL_NUMBER = re.compile(r"([A-Z]{2})([0-9A-Za-z+-]{4,32})")
DEFAULT_WORDS = {
    Purpose.SIGN_IN: {"sv": "Logga in.", "en": "Sign in."},
    Purpose.LINK: {"sv": "Koppla Freja till ditt konto.", "en": "Link Freja to your account."},
}
TITLES = {"sv": "Skriv under", "en": "Sign"}


def text_of(step_up: StepUp) -> str:
    """The words that the person signs. Raises Refused where Freja could not show all of them: nothing is cut off."""
    text = step_up.visible.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        words = DEFAULT_WORDS.get(step_up.purpose)
        if words is None:
            raise Refused("Freja cannot sign without words to show")
        text = words.get(step_up.language, words["en"])
    if UNSHOWABLE.search(text):
        raise Refused("Freja cannot show this text: it holds control characters; choose another way")
    if len(text) > LONGEST_TEXT:
        raise Refused(
            f"Freja cannot show a text this long ({len(text)} characters, {LONGEST_TEXT} are the most): "
            "choose another way",
            hint="text_too_long",
        )
    return text


def hidden_of(step_up: StepUp) -> bytes:
    """The bytes that are signed and not shown: the intent's hash. Raises Refused where there is none."""
    if not step_up.intent_hash:
        raise Refused("the intent has no hash that Freja could sign")
    return step_up.intent_hash.encode()


def order_of(settings: FrejaSettings, factor: Factor, step_up: StepUp, *, now: int) -> dict[str, Any]:
    """The body of `initSignature`. `now`: milliseconds. Raises Refused."""
    title = (UNSHOWABLE.sub("", step_up.organisation).strip() or TITLES.get(step_up.language, "Sign"))[:LONGEST_TITLE]
    attribute = "SSN" if settings.known_by == "ssn" else "RELYING_PARTY_USER_ID"
    return {
        **_who(factor),
        "minRegistrationLevel": settings.min_registration_level,
        "title": title,
        "pushNotification": {"title": title, "text": TITLES.get(step_up.language, "Sign")},
        "expiry": max(step_up.expires_at, now + SHORTEST_LIFE),
        "dataToSignType": "EXTENDED_UTF8_TEXT",
        "dataToSign": {"text": b64(text_of(step_up).encode()), "binaryData": b64(hidden_of(step_up))},
        "signatureType": "EXTENDED",
        "userConfirmationMethod": "DEFAULT_AND_FACE" if settings.face else "DEFAULT",
        "attributesToReturn": [{"attribute": attribute}, {"attribute": "REGISTRATION_LEVEL"}],
    }


def encoded(parameter: str, body: dict[str, Any]) -> bytes:
    """`parameter=` and the JSON in base64, as Freja takes it. It refuses JSON with `\\u` escapes."""
    return f"{parameter}={b64(json.dumps(body, ensure_ascii=False).encode())}".encode()


def _who(factor: Factor) -> dict[str, str]:
    """The person, where their number is kept; else whoever scans the code, who is compared afterwards."""
    kept = factor.data.get("personal_number")
    found = PERSONAL_NUMBER.fullmatch(kept) if isinstance(kept, str) else None
    if found is None:
        return {"userInfoType": "INFERRED", "userInfo": "N/A"}
    user = {"country": found[1], "ssn": found[2]}
    return {"userInfoType": "SSN", "userInfo": b64(json.dumps(user).encode())}
