"""The presentation as plain text, for a provider that shows words and lets people sign them (BankID, Freja).

Every field is there, in the presentation's order, whole: what is signed elsewhere is what the card shows. Characters
that hide or reorder text are visible tokens, and the hash at the end ties the words to the signed intent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from approvals_hub.core.visible import visible

LANGUAGES: Final = ("en", "sv")

_WORDS: Final = {
    "en": {
        "approve": "Approve, once:",
        "asker": "Asked by",
        "organisation": "For",
        "audience": "Counts at",
        "says": "The agent says (not verified)",
        "claimed": "not verified",
        "hash": "Check number",
    },
    "sv": {
        "approve": "Godkänn, en gång:",
        "asker": "Begärt av",
        "organisation": "För",
        "audience": "Gäller hos",
        "says": "Agenten säger (inte kontrollerat)",
        "claimed": "inte kontrollerat",
        "hash": "Kontrollnummer",
    },
}
_CLAIMED: Final = re.compile(r"/relying_party/trust_profile|/payload/assurance_level|/principal/chain(/[0-9]+)?")
"""What an agent says of its own standing or of its counterparty's: marked, or it would pass for the hub's word."""


def in_words(
    presentation: Mapping[str, Any],
    *,
    asker: str,
    organisation: str,
    intent_hash: str,
    language: str,
    marked: bool = True,
) -> str:
    """What the person is about to sign, in `language` (English for an unknown one). Not `marked`: as it was before
    claims were marked."""
    words = _WORDS.get(language, _WORDS["en"])
    fields = {field["path"]: field["value"] for field in presentation["fields"]}
    lines = [
        f"{words['approve']} {_line(fields.get('/action_type', ''))}",
        f"{words['asker']}: {_line(asker)}",
        f"{words['organisation']}: {_line(organisation)}",
        f"{words['audience']}: {_line(presentation['audience'])}",
        "",
        *(_field(field["path"], field["value"], words if marked else None) for field in presentation["fields"]),
    ]
    if presentation["justification"] is not None:
        lines += ["", f"{words['says']}: {_text(presentation['justification']['text'])}"]
    lines += ["", f"{words['hash']}: {intent_hash.removeprefix('sha256:')[:16]}"]
    return "\n".join(lines)


def says(text: str, presentation: Mapping[str, Any], *, intent_hash: str) -> bool:
    """Whether a signed text is what `in_words` makes of this question, in one of its languages.

    The names of the asker and the organisation are taken as they stand there: they may have changed since, and are in
    no hash. Everything else is compared, character by character.
    """
    lines = text.split("\n")
    # What was signed before claims were marked still says this.
    for language, words, marked in [(*named, marked) for named in _WORDS.items() for marked in (True, False)]:
        made = in_words(
            presentation, asker="", organisation="", intent_hash=intent_hash, language=language, marked=marked
        )
        expected = made.split("\n")
        for place, word in ((1, "asker"), (2, "organisation")):
            if len(lines) > place and lines[place].startswith(f"{words[word]}: "):
                expected[place] = lines[place]
        if lines == expected:
            return True
    return False


def _field(path: str, value: str, words: Mapping[str, str] | None) -> str:
    mark = f" ({words['claimed']})" if words is not None and _CLAIMED.fullmatch(path) else ""
    return f"{_line(path)}{mark}: {_text(value)}"


def _line(text: str) -> str:
    return visible(text).text


def _text(text: str) -> str:
    """Lines of a value are indented: none of them can pass for a field of its own."""
    return visible(text, lines=True).text.replace("\n", "\n    ")
