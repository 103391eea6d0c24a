"""What an operator tells about BankID: which environment, which certificates, and what an order requires."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from identity.errors import Misconfigured

PRODUCTION_URL = "https://appapi2.bankid.com/rp/v6.0"
TEST_URL = "https://appapi2.test.bankid.com/rp/v6.0"

PRODUCTION_POLICIES = {
    "file": ("1.2.752.78.1.1",),
    "card": ("1.2.752.78.1.2",),
    "mobile": ("1.2.752.78.1.5",),
}
"""What kind of BankID: word to certificate policies, at BankID's production environment."""
TEST_POLICIES = {
    "file": ("1.2.3.4.5",),
    "card": ("1.2.3.4.10",),
    # The second one is that of the test BankIDs that some banks issue.
    "mobile": ("1.2.3.4.25", "1.2.752.60.1.6"),
}
"""The same at BankID's test environment."""


@dataclass(frozen=True, slots=True)
class Settings:
    """BankID's settings. Paths are of PEM files."""

    certificate: Path
    """The relying party's certificate, ordered through a bank, with the bank's own below it where there is one."""
    key: Path
    server_ca: Path
    """The authority of BankID's servers (`BankID SSL Root CA v1`, or its test namesake): the only one that counts."""
    people_ca: Path
    """The authority of people's BankIDs (`BankID Root CA v1`, or its test namesake)."""
    referring_domain: str
    """The hub's own domain, as people see it."""
    url: str = PRODUCTION_URL
    key_password: str | None = field(default=None, repr=False)
    certificate_policies: tuple[str, ...] = ()
    """Only BankIDs issued under one of these policies (`policies_of`); empty: all of them."""
    pin_code: bool = False
    """Ask for the security code even where the phone would take a fingerprint or a face."""
    mrtd: bool = False
    """Ask the person to scan their passport or national identity card as well."""
    card_reader: str | None = None
    """`class1` or `class2`, for a BankID on card: `class2` readers have keys of their own."""
    ask_risk: bool = True
    """Ask BankID how risky it takes the order to be. Where a step-up has a limit, it is asked in any case."""
    accept_missing_risk: bool = False
    """BankID leaves the risk out where it cannot compute it. True: that is no reason to refuse."""
    keep_personal_number: bool = False
    """Keep the number in clear with the person's factor, so that BankID itself refuses anybody else."""
    app_identifier: str | None = None
    """The id of the hub's own app in its store, where step-ups come from an app and not from a browser."""
    most_orders: int = 12
    """Orders that one step-up may start: an unscanned one ends after 30 seconds, a step-up after minutes."""

    def __post_init__(self) -> None:
        """Raise ValueError for what BankID would refuse later, or what would weaken it."""
        if not self.url.startswith("https://"):
            raise ValueError("BankID's url must start with https://")
        if self.card_reader not in (None, "class1", "class2"):
            raise ValueError("card_reader is class1, class2, or left out")
        if self.most_orders < 1:
            raise ValueError("most_orders must be 1 or more")
        if not self.referring_domain:
            raise ValueError("referring_domain must be the hub's own domain")


def policies_of(*kinds: str, test: bool = False) -> tuple[str, ...]:
    """The certificate policies of kinds of BankID: `mobile`, `file`, `card`. Raises ValueError for another word."""
    known = TEST_POLICIES if test else PRODUCTION_POLICIES
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        raise ValueError(f"no kind of BankID is called {unknown[0]!r}: {', '.join(known)}")
    return tuple(policy for kind in kinds for policy in known[kind])


def tls(settings: Settings) -> ssl.SSLContext:
    """How BankID is spoken to: with the relying party's certificate, and to a server of BankID's own authority alone.

    The authorities that browsers trust do not count here: none of them vouches for BankID. Raises Misconfigured.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=settings.server_ca)
        # A callback, not the value: without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(settings.certificate, settings.key, password=lambda: settings.key_password or "")
    except (OSError, ValueError) as error:
        raise Misconfigured(f"BankID's certificates cannot be loaded: {type(error).__name__}") from error
    if not context.get_ca_certs():
        raise Misconfigured("BankID's server_ca holds no certificate of an authority")
    return context


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """BankID's table in the settings file; its members are those of `Settings`, and three in other words."""

    certificate: str
    key: str
    server_ca: str
    people_ca: str
    environment: Literal["production", "test"] = "production"
    """Which of BankID's environments."""
    url: str | None = None
    """Another address than the environment's."""
    kinds: list[Literal["mobile", "file", "card"]] = []
    """Which kinds of BankID count; empty: all."""
    key_password_file: str | None = None
    """A file with the password of the key."""
    referring_domain: str | None = None
    """Default: the host of the hub's public URL."""
    pin_code: bool = False
    mrtd: bool = False
    card_reader: Literal["class1", "class2"] | None = None
    ask_risk: bool = True
    accept_missing_risk: bool = False
    keep_personal_number: bool = False
    app_identifier: str | None = None
    most_orders: int = 12


def from_table(table: Mapping[str, Any], *, folder: Path, domain: str) -> Settings:
    """The settings of a table. Relative paths start at `folder`. Raises ValueError with the member that is wrong."""
    try:
        found = msgspec.convert(dict(table), Table)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    test = found.environment == "test"
    password = None
    if found.key_password_file is not None:
        try:
            password = (folder / found.key_password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"key_password_file cannot be read: {type(error).__name__}") from None
    return Settings(
        certificate=folder / found.certificate,
        key=folder / found.key,
        server_ca=folder / found.server_ca,
        people_ca=folder / found.people_ca,
        referring_domain=found.referring_domain or domain,
        url=found.url or (TEST_URL if test else PRODUCTION_URL),
        key_password=password,
        certificate_policies=policies_of(*found.kinds, test=test),
        pin_code=found.pin_code,
        mrtd=found.mrtd,
        card_reader=found.card_reader,
        ask_risk=found.ask_risk,
        accept_missing_risk=found.accept_missing_risk,
        keep_personal_number=found.keep_personal_number,
        app_identifier=found.app_identifier,
        most_orders=found.most_orders,
    )
