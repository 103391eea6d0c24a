"""From an address that somebody typed to the hub that is there, or a clear word that none is."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from approvals_hub_client.errors import BadAnswer, NoHub, Refused
from approvals_hub_client.transport import LOCAL_HOSTS, Transport

WELL_KNOWN: Final = "/.well-known/approvals-hub"
_HOST: Final = re.compile(r"[a-z0-9.:-]+")
PATIENCE: Final = 10.0
"""How long somebody who typed an address waits, in seconds."""


@dataclass(frozen=True, slots=True)
class FoundHub:
    """A hub as it describes itself at its own address.

    `url` is its public URL, which every request is signed for and every statement names; `issuer` is in its tokens.
    `told` is the whole document: paths below `url` for agents (`endpoints`) and for the clients of people (`people`,
    with `rp_id`, whose passkeys work there).
    """

    url: str
    issuer: str
    told: Mapping[str, Any]


def address_of(typed: str) -> str:
    """The public URL that an address means: scheme, host and port, whatever page of the hub was copied along.

    Without a scheme it is https, and http for this machine alone. Raises ValueError for what is no address of a server.
    """
    text = typed.strip()
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname
        text = f"{'http' if host in LOCAL_HOSTS else 'https'}://{text}"
    parts = urlsplit(text)
    host = parts.hostname or ""
    # The parser drops line breaks, so that two lines would be one host.
    if (
        not text.isprintable()
        or parts.scheme not in ("https", "http")
        or "@" in parts.netloc
        or not _HOST.fullmatch(host)
    ):
        raise ValueError(f"{typed!r} is no address of a server: write it like hub.example.com")
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


async def find_hub(
    address: str, *, tls: ssl.SSLContext | None = None, allow_http: bool = False, within: float = PATIENCE
) -> FoundHub:
    """The hub at this address. `tls` may trust one certificate alone, where it is the hub's own.

    Nothing secret is sent, no redirect is followed, and a hub that goes by another address is not taken for this one:
    what was typed is all that its person knows of it. Raises NoHub, Unreachable, Refused for a hub that is in trouble,
    ValueError for what is no address.
    """
    url = address_of(address)
    async with Transport(url, None, tls=tls, allow_http=allow_http) as transport:
        return await ask_hub(transport, within=within)


async def ask_hub(transport: Transport, *, within: float = PATIENCE) -> FoundHub:
    """The same over a transport that is there. Raises NoHub, Unreachable, Refused."""
    url = transport.hub
    try:
        told = await transport.call("GET", WELL_KNOWN, within=within, answer_within=within)
    except Refused as error:
        if error.retryable:
            raise
        raise NoHub(f"there is no Approvals Hub at {url}: it answers {error.status} ({error.code})") from error
    except BadAnswer as error:
        raise NoHub(f"there is no Approvals Hub at {url}: {error}") from error
    named, issuer = told.get("audience"), told.get("issuer")
    if not isinstance(named, str) or not isinstance(issuer, str) or told.get("api") != "/v1":
        raise NoHub(f"there is no Approvals Hub at {url}: what it says of itself is no hub's")
    if named != url:
        raise NoHub(f"the hub at {url} calls itself {named[:200]!r}; if that is yours, use that address")
    return FoundHub(url, issuer, told)
