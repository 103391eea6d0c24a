"""What an operator tells about Freja: which environment, which certificates, and how people are known."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from identity.errors import Misconfigured
from identity.jws import kind_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

URLS = {
    "production": "https://services.prod.frejaeid.com",
    "test": "https://services.test.frejaeid.com",
}
LEVELS = ("BASIC", "EXTENDED", "PLUS")
"""Freja's registration levels, the lowest first. BASIC is an e-mail address; PLUS, a Swedish eID of level 3."""


class FrejaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Freja's settings. The files are PEM."""

    certificate: str
    """The relying party's certificate from Freja, followed by those between it and Freja's authority."""
    key: str
    server_ca: str
    """The authority of Freja's servers: the only one that counts."""
    jws_certificates: tuple[str, ...]
    """The certificates that Freja signs results with, as it publishes them. Two while Freja changes them."""
    key_password_file: str | None = None
    environment: Literal["production", "test"] = "production"
    url: Annotated[str, msgspec.Meta(pattern="^https://")] | None = None
    """Another address than the environment's own."""
    min_registration_level: Literal["EXTENDED", "PLUS"] = "PLUS"
    """BASIC is not offered: whoever reads a mailbox has it. A signature of EXTENDED is worth LOW, of PLUS SUBSTANTIAL,
    which is what Freja+ is."""
    known_by: Literal["ssn", "relying_party_user_id"] = "ssn"
    """What names a person: the country and the personal number, or a name that Freja makes for this relying party
    alone and that says nothing elsewhere."""
    keep_personal_number: bool = False
    """Keep the number in clear with the person's factor: then Freja asks that person, by a push message, and refuses
    anybody else."""
    face: bool = False
    """Let Freja compare the person's face as well."""

    def __post_init__(self) -> None:
        """Refuse what cannot work. Raises ValueError."""
        if not self.jws_certificates:
            raise ValueError("jws_certificates: at least one")
        if self.keep_personal_number and self.known_by != "ssn":
            raise ValueError("keep_personal_number: only with known_by ssn")

    @property
    def base_url(self) -> str:
        """Where the interface is."""
        return (self.url or URLS[self.environment]).rstrip("/")


def tls(settings: FrejaSettings) -> ssl.SSLContext:
    """How Freja is spoken to: with the relying party's certificate, and to a server of Freja's own authority alone.

    Raises Misconfigured.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        file = settings.key_password_file
        password = "" if file is None else Path(file).read_text().rstrip("\n")
        context.load_verify_locations(cafile=settings.server_ca)
        # A callback, not the value: without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(settings.certificate, settings.key, password=lambda: password)
    except (OSError, ValueError) as error:
        raise Misconfigured(f"Freja's certificates cannot be loaded: {type(error).__name__}") from error
    if not context.get_ca_certs():
        raise Misconfigured("Freja's server_ca holds no certificate of an authority")
    return context


def jws_certificates(settings: FrejaSettings) -> tuple[Certificate, ...]:
    """The certificates that results may be signed with. Raises Misconfigured."""
    from cryptography.x509 import load_pem_x509_certificates

    found: list[Certificate] = []
    for name in settings.jws_certificates:
        try:
            found += load_pem_x509_certificates(Path(name).read_bytes())
        except (OSError, ValueError) as error:
            raise Misconfigured(f"Freja's jws_certificates cannot be loaded: {type(error).__name__}") from error
    if any(kind_of(certificate.public_key()) != "rsa" for certificate in found):
        raise Misconfigured("Freja's jws_certificates hold a key that is no RSA key of 2048 bits or more")
    return tuple(found)
