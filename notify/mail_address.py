"""Mail addresses: which are written to, how they stand on the wire, and how much of one is shown."""

from __future__ import annotations

import re

LONGEST = 254
"""Characters of an address on the wire (RFC 5321 section 4.5.3.1.3, without the angle brackets)."""
# Quoted local parts and address literals (RFC 5321 section 4.1.2) are legal; nobody has one, attacks do.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class BadAddress(ValueError):
    """No mail address that is written to. The text does not quote it."""


def on_the_wire(address: str) -> str:
    """The address in ASCII, its host as in IDNA. Raises BadAddress.

    A local part beyond ASCII needs a chain of servers that all know SMTPUTF8 (RFC 6531): it is refused.
    """
    local, _, host = address.rpartition("@")
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise BadAddress("what stands before the @ is no local part in ASCII")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise BadAddress("what stands behind the @ is no host name") from None
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("what stands behind the @ is no host name")
    wire = f"{local}@{host}"
    if len(wire) > LONGEST:
        raise BadAddress(f"the address is longer than {LONGEST} characters")
    return wire


def masked(address: str) -> str:
    """The first letter and the host: `a…@example.se`; three dots alone for what is no address."""
    try:
        wire = on_the_wire(address)
    except BadAddress:
        return "…"
    return f"{wire[0]}…@{wire.rpartition('@')[2]}"
