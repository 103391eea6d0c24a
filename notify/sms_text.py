"""How many messages a text becomes, and is paid as (3GPP TS 23.038 and 23.040).

A text whose every character stands in the GSM alphabet has seven bits for each: 160 in one message, 153 in each of
several, as a header joins them. One character beside it, and the whole text is UCS-2: 70 and 67 units of 16 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic table (23.038 section 6.2.1)."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""The extension table (23.038 section 6.2.1.1): each costs two, an escape and itself."""
_BOTH = ALPHABET | EXTENSION


class Encoding(Enum):
    """How a text is written on the air."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
"""Units of a text that is one message."""
JOINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}
"""Units of each message of a longer text."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs."""

    encoding: Encoding
    units: int
    """Septets, or 16-bit units."""
    parts: int


def size(text: str) -> Size:
    """The encoding, the units and the messages of a text. An empty one is one message."""
    encoding = encoding_of(text)
    units = _units(text, encoding)
    if units <= ALONE[encoding]:
        return Size(encoding, units, 1)
    if units == len(text):
        return Size(encoding, units, -(-units // JOINED[encoding]))
    costs = [_cost(letter, encoding) for letter in text]
    return Size(encoding, units, sum(1 for _ in _starts(costs, JOINED[encoding])))


def encoding_of(text: str) -> Encoding:
    """GSM 7-bit where every character stands in its two tables."""
    return Encoding.GSM7 if _BOTH.issuperset(text) else Encoding.UCS2


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return len(text) + sum(map(text.count, EXTENSION))
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _cost(letter: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if letter in EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _starts(costs: list[int], room: int) -> Iterator[int]:
    """Where each part begins: an escape and its character, or the two halves of an emoji, are not torn apart."""
    left = 0
    for place, cost in enumerate(costs):
        if cost > left:
            yield place
            left = room
        left -= cost
