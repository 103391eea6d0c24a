"""An authority for both ends of mutual TLS, as PEM files in a folder: a server's certificate, and a client's."""

from __future__ import annotations

import functools
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@functools.cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """One RSA key per name for all tests of a process: they take time to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def self_signed(name: str, key: rsa.RSAPrivateKey, *, days: tuple[int, int] = (-3650, 3650)) -> x509.Certificate:
    """A certificate that stands for itself, valid from and until so many days from now."""
    return _signed(name, key, name, key, days=days, authority=False)


class MutualTls:
    """One authority and what it has issued. `certificate`, `key` and `ca` are paths of PEM files of the client."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        authority = _signed("Authority", self._key, "Authority", self._key, authority=True)
        self.ca = self._write("ca.pem", authority.public_bytes(Encoding.PEM))
        self.certificate, self.key = self._issue("client")
        self._server = self._issue("server")

    def server(self) -> ssl.SSLContext:
        """A server's context for this machine, which speaks with nobody but clients of the authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._server)
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self) -> ssl.SSLContext:
        """The client's context."""
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def _issue(self, name: str) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(name, key, "Authority", self._key, authority=False)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return (
            self._write(f"{name}.pem", certificate.public_bytes(Encoding.PEM)),
            self._write(f"{name}.key", secret),
        )

    def _write(self, name: str, octets: bytes) -> str:
        path = self._folder / name
        path.write_bytes(octets)
        return str(path)


def _signed(
    subject: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    issuer: str,
    by: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    days: tuple[int, int] = (-1, 2),
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
