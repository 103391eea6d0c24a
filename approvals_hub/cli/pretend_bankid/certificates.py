"""BankID's authorities and what they issue, made new: for servers, for the relying party, and for people.

The people's side is as deep as the real one: a root, a bank, that bank's customers' authority, a person.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
MOBILE = "1.2.3.4.25"
ON_FILE = "1.2.3.4.5"


@dataclass(frozen=True)
class Holder:
    """A key with its certificate."""

    key: Key
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate as a PEM text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as a PEM text, in the clear."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True)
class Person:
    """Somebody with a BankID."""

    personal_number: str
    given_name: str
    surname: str
    bankid: Holder
    policy: str = MOBILE
    device: str = "OZvYM9VvyiAmG7NA5jU5zqGcVpo="
    issuers: tuple[Holder, ...] = field(repr=False, default=())
    """The customers' authority, and the bank above it."""

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}"


class Authorities:
    """Everything BankID issues certificates with."""

    def __init__(self, name: str = "Test BankID") -> None:
        self.name = name
        self.server_root = _authority(f"{name} SSL Root CA v1")
        self.root = _authority(f"{name} Root CA v1")
        self.bank = _authority("Testbank A CA v1", self.root)
        self.customers = _authority("Testbank A Customer CA1 v1", self.bank, path_length=0)
        self.responder = _responder("Testbank A OCSP", self.customers)
        self.server = _end("appapi2.bankid.example", self.server_root, names=("appapi2.bankid.example", "127.0.0.1"))
        self.relying_party = _end("Approvals Hub (relying party)", self.server_root)

    def person(
        self, personal_number: str, given_name: str, surname: str, *, policy: str = MOBILE, key: Key | None = None
    ) -> Person:
        """Issue a BankID: RSA of 2048 bits as the real ones, or with another key."""
        key = key or rsa.generate_private_key(65537, 2048)
        subject = [
            (NameOID.COUNTRY_NAME, "SE"),
            (NameOID.ORGANIZATION_NAME, "Testbank A AB (publ)"),
            (NameOID.SURNAME, surname),
            (NameOID.GIVEN_NAME, given_name),
            (NameOID.SERIAL_NUMBER, personal_number),
            (NameOID.COMMON_NAME, f"{given_name} {surname}"),
        ]
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(policy), None)]), False),
            (_usage(content_commitment=True), True),
        ]
        certificate = issue(_name(subject), key, self.customers, extensions)
        return Person(
            personal_number,
            given_name,
            surname,
            Holder(key, certificate),
            policy,
            issuers=(self.customers, self.bank),
        )

    def write(self, folder: Path) -> dict[str, str]:
        """Write what a relying party is given: `certificate`, `key`, `server_ca`, `people_ca`, as PEM files."""
        contents = {
            "certificate": self.relying_party.pem,
            "key": self.relying_party.key_pem,
            "server_ca": self.server_root.pem,
            "people_ca": self.root.pem,
        }
        paths = {name: folder / f"bankid_{name}.pem" for name in contents}
        for name, path in paths.items():
            path.write_bytes(contents[name])
        return {name: str(path) for name, path in paths.items()}

    def server_tls(self, folder: Path) -> ssl.SSLContext:
        """The server's side: a client without a certificate of this authority gets no further than the handshake."""
        chain = folder / "bankid_server.pem"
        chain.write_bytes(self.server.pem + self.server.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        context.load_verify_locations(cadata=self.server_root.pem.decode())
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def issue(
    subject: x509.Name,
    key: Key,
    issuer: Holder | None,
    extensions: list[tuple[x509.ExtensionType, bool]],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    digest: Any = None,
) -> x509.Certificate:
    """One certificate, by `issuer` or by itself."""
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=since or now - timedelta(days=400),
        not_valid_after=until or now + timedelta(days=4000),
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer.key if issuer else key, digest or hashes.SHA256())


def common_name(name: str) -> x509.Name:
    """A subject of one part."""
    return _name([(NameOID.COMMON_NAME, name)])


def _authority(name: str, issuer: Holder | None = None, *, path_length: int | None = None) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage(key_cert_sign=True, crl_sign=True), True),
        # Python's TLS since 3.13 refuses chains without the two key identifiers.
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (_authority_key(issuer.key if issuer else key), False),
    ]
    return Holder(key, issue(common_name(name), key, issuer, extensions))


def _responder(name: str, issuer: Holder) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    usage: list[tuple[x509.ExtensionType, bool]] = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)]
    return Holder(key, issue(common_name(name), key, issuer, usage))


def _end(name: str, issuer: Holder, *, names: tuple[str, ...] = ()) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    extensions: list[tuple[x509.ExtensionType, bool]] = [(_authority_key(issuer.key), False)]
    if names:
        extensions.append((x509.SubjectAlternativeName([_general(each) for each in names]), False))
    return Holder(key, issue(common_name(name), key, issuer, extensions))


def _authority_key(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(parts: list[tuple[ObjectIdentifier, str]]) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _usage(**set_: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign "
        "crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: set_.get(name, False) for name in names.split()})
