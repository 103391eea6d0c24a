"""Where a program takes events: a URL, and the secrets that its messages are signed with."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from notify import address
from notify.address import BadAddress
from notify.discreet import Discreet
from notify.exchange import LOOPBACK
from notify.networks import Network, may_be_reached
from notify.webhook_signature import openleash_signed, secret_key, signed

LONGEST = 2048
"""Characters of a URL."""
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
# What every reader takes alike: no user, no backslash, no fragment, no percent sign in the host.
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<rest>[/?][!-\"$-\[\]-~]*)?"
)
_TOKEN = re.compile(r"[!-~]{1,2048}")
# What ends in a number is an address to some readers, whatever it looks like (https://url.spec.whatwg.org/#host-parsing).
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


class WebhookEndpoint(Discreet, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"url": "https://…", "secrets": ["whsec_…"]}`. With `scheme` `openleash` one secret of any form, and the
    `bearer` that goes with each call."""

    not_printed = ("url", "secrets", "bearer")

    url: str
    """Often a secret by itself."""
    secrets: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=2)]
    """One, or two while the receiver changes from the old to the new."""
    scheme: Literal["standard", "openleash"] = "standard"
    """How a call is signed."""
    bearer: str = ""

    def __repr__(self) -> str:
        """Without what it holds."""
        return "WebhookEndpoint(…)"

    @classmethod
    def read(cls, text: str, *, ports: tuple[int, ...], allowed: tuple[Network, ...] = ()) -> WebhookEndpoint:
        """The endpoint. Raises BadAddress for a URL that is not https, at another port, or at an inner address itself.

        http is good for this very machine alone, where the settings allow its network.
        """
        found = address.read(text, cls)
        parts = _URL.fullmatch(found.url) if len(found.url) <= LONGEST else None
        if parts is None:
            raise BadAddress("the endpoint's URL is none, or hides its host")
        secure, host = parts["scheme"] == "https", parts["host"].strip("[]").lower()
        if _NUMBER.fullmatch(host) and not _is_literal(host):
            raise BadAddress("the endpoint's host is an address in disguise")
        if not secure and not (host in LOOPBACK and allowed):
            raise BadAddress("the endpoint's URL does not begin with https://")
        if int(parts["port"] or (443 if secure else 80)) not in ports:
            raise BadAddress("the endpoint is at a port that is not allowed: see ports")
        if _is_literal(host) and not may_be_reached(host, allowed):
            raise BadAddress("the endpoint is in a network that is not allowed: see private_networks")
        try:
            for secret in found.secrets if found.scheme == "standard" else ():
                secret_key(secret)
        except ValueError as error:
            raise BadAddress(str(error)) from None
        if found.bearer and _TOKEN.fullmatch(found.bearer) is None:
            raise BadAddress("the endpoint's bearer token has characters that no header takes")
        return found

    def signed(self, *, id_: str, at: int, body: bytes) -> dict[str, str]:
        """The headers that prove who calls. `at`: seconds since 1970 UTC, of this attempt."""
        if self.scheme == "standard":
            return signed(self.secrets, id_=id_, at=at, body=body)
        return openleash_signed(self.secrets[0], self.bearer, id_=id_, body=body)

    def masked(self) -> str:
        """The host, and four letters where there are more: `hooks.example.com…f3a1`."""
        parts = urlsplit(self.url)
        path = parts.path.rpartition("/")[2]
        return f"{parts.hostname}…{path[-4:] if len(path) > 8 else ''}"


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
