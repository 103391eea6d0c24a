"""What an order asks BankID for: the words to show, the hash to sign, who, from where, and how strictly.

The same functions say what was asked when the answer comes: what is compared then is made anew from the step-up, so
nothing but the step-up itself decides what a signature must be over.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from identity.bankid_settings import BankIDSettings
from identity.errors import Misconfigured, Refused
from identity.proof import Factor, Purpose, StepUp

LONGEST_VISIBLE = {"sign": 40_000, "auth": 1_500}
"""Characters of `userVisibleData` in base64."""
LONGEST_HIDDEN = {"sign": 200_000, "auth": 1_500}
"""Characters of `userNonVisibleData` in base64."""
LONGEST_USER_AGENT = 256
PERSONAL_NUMBER = re.compile(r"[0-9]{12}")
UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and those that turn the direction of writing: the text could look unlike what is signed."""


def kind_of(step_up: StepUp) -> str:
    """`sign` for a decision, `auth` for who somebody is."""
    return "sign" if step_up.purpose is Purpose.DECISION else "auth"


def visible_data(step_up: StepUp) -> str | None:
    """`userVisibleData`: the presentation in words, base64; None for an identification without words.

    Raises Refused where BankID could not show the whole text: nothing is cut off, as the person signs all of it.
    """
    kind = kind_of(step_up)
    text = step_up.visible.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        if kind == "sign":
            raise Refused("BankID cannot sign without words to show")
        return None
    if UNSHOWABLE.search(text):
        raise Refused("BankID cannot show this text: it holds control characters; choose another way")
    encoded = b64encode(text.encode()).decode()
    if len(encoded) > LONGEST_VISIBLE[kind]:
        raise Refused(
            f"BankID cannot show a text this long ({len(encoded)} characters in base64, "
            f"{LONGEST_VISIBLE[kind]} are the most): choose another way",
            hint="text_too_long",
        )
    return encoded


def hidden_data(step_up: StepUp) -> str:
    """`userNonVisibleData`: the intent's hash, base64. Raises Refused where it is no hash."""
    encoded = b64encode(step_up.intent_hash.encode()).decode()
    if not step_up.intent_hash or len(encoded) > LONGEST_HIDDEN[kind_of(step_up)]:
        raise Refused("the intent has no hash that BankID could sign")
    return encoded


def order_of(
    settings: BankIDSettings, domain: str, factor: Factor, step_up: StepUp, return_nonce: str | None
) -> dict[str, Any]:
    """The body of `sign` or `auth`. Raises Refused, or Misconfigured where the hub does not know the address.

    `domain` is the hub's own, as people see it.
    """
    visible = visible_data(step_up)
    body: dict[str, Any] = {
        "endUserIp": _address(step_up.client.address),
        "userNonVisibleData": hidden_data(step_up),
        **({} if visible is None else {"userVisibleData": visible}),
        **_device(settings, domain, step_up),
    }
    requirement = _requirement(settings, factor, step_up)
    if requirement:
        body["requirement"] = requirement
    if asks_risk(settings, step_up):
        body["returnRisk"] = True
    if return_nonce is not None and step_up.return_url is not None:
        body["returnUrl"] = return_url(step_up.return_url, return_nonce)
    return body


def asks_risk(settings: BankIDSettings, step_up: StepUp) -> bool:
    """Whether BankID is asked for the risk it sees."""
    return settings.ask_risk or step_up.most_risk is not None


def return_url(url: str, nonce: str) -> str:
    """Where the app sends the person back to, with the nonce in the fragment: no server and no referrer sees it."""
    parts = urlsplit(url)
    fragment = f"{parts.fragment}&return_nonce={nonce}" if parts.fragment else f"return_nonce={nonce}"
    return urlunsplit(parts._replace(fragment=fragment))


def _requirement(settings: BankIDSettings, factor: Factor, step_up: StepUp) -> dict[str, Any]:
    found: dict[str, Any] = {}
    number = factor.data.get("personal_number")
    if isinstance(number, str) and PERSONAL_NUMBER.fullmatch(number):
        found["personalNumber"] = number
    if settings.certificate_policies:
        found["certificatePolicies"] = list(settings.certificate_policies)
    if settings.pin_code:
        found["pinCode"] = True
    if settings.mrtd:
        found["mrtd"] = True
    if settings.card_reader:
        found["cardReader"] = settings.card_reader
    if step_up.most_risk is not None:
        # BankID ends a riskier order itself (`transactionRiskBlocked`), before the person has signed anything.
        found["risk"] = step_up.most_risk
    return found


def _address(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as error:
        raise Misconfigured("BankID needs the person's IP address, and the hub does not know it") from error


def _device(settings: BankIDSettings, domain: str, step_up: StepUp) -> dict[str, Any]:
    """`web` or `app`: what BankID computes the risk from."""
    agent = step_up.client.user_agent[:LONGEST_USER_AGENT]
    # A stand-in for the device: the hub hands out no identifier that would follow a browser from visit to visit.
    seed = f"{domain}\0{step_up.client.user_agent}\0{step_up.client.address}"
    identifier = hashlib.sha256(seed.encode(errors="replace")).hexdigest()
    if settings.app_identifier is None:
        return {
            "web": {
                "referringDomain": domain,
                "userAgent": agent or "unknown",
                "deviceIdentifier": identifier,
            }
        }
    system, model = _app_device(agent)
    return {
        "app": {
            "appIdentifier": settings.app_identifier,
            "deviceOS": system,
            "deviceModelName": model,
            "deviceIdentifier": identifier,
        }
    }


def _app_device(agent: str) -> tuple[str, str]:
    """The system and the model that a web view's user agent names (`Android 14`, `Pixel 8`; `iOS 17.4`, `iPhone`)."""
    android = re.search(r"\(Linux; (Android [0-9.]{1,12}); ([^;)]{1,64})", agent)
    if android:
        return android[1], android[2].strip()
    apple = re.search(r"\((iPhone|iPad)[^)]*? OS ([0-9_]{1,12})", agent)
    if apple:
        return f"iOS {apple[2].replace('_', '.')}", apple[1]
    return "unknown", "unknown"
