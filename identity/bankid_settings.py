"""What an operator tells about BankID: which environment, which certificates, and what an order requires."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from identity.errors import Misconfigured

URLS = {
    "production": "https://appapi2.bankid.com/rp/v6.0",
    "test": "https://appapi2.test.bankid.com/rp/v6.0",
}
POLICIES: dict[str, dict[str, tuple[str, ...]]] = {
    "production": {
        "file": ("1.2.752.78.1.1",),
        "card": ("1.2.752.78.1.2",),
        "mobile": ("1.2.752.78.1.5",),
    },
    "test": {
        "file": ("1.2.3.4.5",),
        "card": ("1.2.3.4.10",),
        # The second one is that of the test BankIDs that some banks issue.
        "mobile": ("1.2.3.4.25", "1.2.752.60.1.6"),
    },
}
"""By environment: what kind of BankID, and the certificate policies it is issued under."""
LARGEST_FILE = 1024 * 1024


class BankIDSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """BankID's settings. The four files are PEM."""

    certificate: str
    """The relying party's certificate, ordered through a bank, followed by those between it and BankID's authority."""
    key: str
    server_ca: str
    """The authority of BankID's servers (`BankID SSL Root CA v1`, or its test namesake): the only one that counts."""
    people_ca: str
    """The authority of people's BankIDs (`BankID Root CA v1`, or its test namesake)."""
    key_password_file: str | None = None
    environment: Literal["production", "test"] = "production"
    url: Annotated[str, msgspec.Meta(pattern="^https://")] | None = None
    """Another address than the environment's own."""
    only: tuple[Literal["mobile", "file", "card"], ...] = ()
    """The kinds of BankID that count; empty: all of them."""
    pin_code: bool = False
    """Ask for the security code even where the phone would take a fingerprint or a face."""
    mrtd: bool = False
    """Ask the person to scan their passport or national identity card as well."""
    card_reader: Literal["class1", "class2"] | None = None
    """For `card`: `class2` readers have keys of their own."""
    ask_risk: bool = True
    """Ask BankID how risky it takes the order to be. Where a step-up has a limit, it is asked in any case."""
    accept_missing_risk: bool = False
    """BankID leaves the risk out where it cannot compute it. True: that is no reason to refuse, unless the step-up has
    a limit."""
    keep_personal_number: bool = False
    """Keep the number in clear with the person's factor, so that BankID itself refuses anybody else."""
    app_identifier: str | None = None
    """The id of the hub's own app in its store, where step-ups come from an app and not from a browser."""
    most_orders: Annotated[int, msgspec.Meta(ge=1, le=60)] = 12
    """Orders that one step-up may start: an unscanned one ends after 30 seconds, a step-up after minutes."""

    @property
    def base_url(self) -> str:
        """Where the RP API is."""
        return self.url or URLS[self.environment]

    @property
    def certificate_policies(self) -> tuple[str, ...]:
        """The policies of the kinds that count; empty: any."""
        return tuple(policy for kind in self.only for policy in POLICIES[self.environment][kind])


def tls(settings: BankIDSettings) -> ssl.SSLContext:
    """How BankID is spoken to: with the relying party's certificate, and to a server of BankID's own authority alone.

    The authorities that browsers trust do not count here: none of them vouches for BankID. Raises Misconfigured.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        password = "" if settings.key_password_file is None else _read(settings.key_password_file).decode().rstrip("\n")
        context.load_verify_locations(cafile=settings.server_ca)
        # A callback, not the value: without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(settings.certificate, settings.key, password=lambda: password)
    except (OSError, ValueError) as error:
        raise Misconfigured(f"BankID's certificates cannot be loaded: {type(error).__name__}") from error
    if not context.get_ca_certs():
        raise Misconfigured("BankID's server_ca holds no certificate of an authority")
    return context


def people_roots(settings: BankIDSettings) -> bytes:
    """The PEM file of the authority of people's BankIDs. Raises Misconfigured."""
    try:
        return _read(settings.people_ca)
    except OSError as error:
        raise Misconfigured(f"BankID's people_ca cannot be read: {type(error).__name__}") from error


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(LARGEST_FILE)
